"""A new account: a colleague says who it is for and what they may do, and the person gets a mail to set a password."""

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sccon import moments
from sccon.accounts import passwords
from sccon.admin.pages import own_page
from sccon.fields import LineField, StaffAddressField
from sccon.models import Login, User
from sccon.translated import CHOICES
from sccon.typography import slug

# What the groups that come with the site may do; a group of the house's own says it by its name.
DEEDS = {
    "editor": gettext_lazy("Editors: write texts, upload pictures, ask for reviews"),
    "publisher": gettext_lazy("Publishers: all that editors do; also publish, plan, withdraw and pin"),
    "newsletter": gettext_lazy("Newsletter: write issues; look at subscribers, unsubscribe or delete them"),
    "newsletter-send": gettext_lazy("Newsletter, sending: send issues, pause, resume and cancel them"),
    "newsletter-lists": gettext_lazy("Newsletter, lists: import and export subscribers"),
    "tickets": gettext_lazy("Tickets: events, products and quotas, orders and payments"),
    "finance": gettext_lazy("Accounting: change seller and bank account, always two people together"),
}


class GroupsInWords(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, group: Group) -> str:
        return str(DEEDS.get(group.name, group.name))


class InvitationForm(forms.Form):
    """Who is invited, and what they may do."""

    first_name = LineField(label=gettext_lazy("First name"), max_length=150)
    last_name = LineField(label=gettext_lazy("Last name"), max_length=150)
    email = StaffAddressField(help_text=gettext_lazy("The invitation goes there."))
    username = LineField(
        label=gettext_lazy("User name"),
        max_length=150,
        required=False,
        validators=User._meta.get_field("username").validators,
        help_text=gettext_lazy("For the login. Empty: made from the name, such as ada.lovelace."),
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false"}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the mail and the admin"), choices=CHOICES, widget=forms.RadioSelect
    )
    groups = GroupsInWords(
        Group.objects.none(),
        label=gettext_lazy("What may they do?"),
        required=False,
        help_text=gettext_lazy("Without a group they can log in and see an empty desk."),
    )

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **{"label_suffix": "", **options})
        self.fields["groups"].queryset = Group.objects.order_by("pk")  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        if there := User.objects.filter(email__iexact=email).first():
            raise forms.ValidationError(
                _("This address has an account already: %(name)s."), params={"name": there.username}, code="taken"
            )
        return email

    def clean_username(self) -> str:
        name = self.cleaned_data["username"]
        if name and User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError(_("A user with that username already exists."), code="taken")
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned["username"]:
            cleaned["username"] = next(
                name
                for name in _names(cleaned["first_name"], cleaned["last_name"])
                if not User.objects.filter(username__iexact=name).exists()
            )
        return cleaned


def _names(first: str, last: str) -> Iterator[str]:
    """ada.lovelace, ada.lovelace2, …"""
    name = ".".join(part for part in (slug(first), slug(last)) if part)[:140] or "user"
    yield name
    number = 2
    while True:
        yield f"{name}{number}"
        number += 1


def new(admin: Any, request: HttpRequest) -> HttpResponse:
    """The form of a new account; it is made, and its owner invited, in one step."""
    if not (admin.has_add_permission(request) and admin.has_change_permission(request)):
        raise PermissionDenied
    by = cast(User, request.user)
    form = InvitationForm(request.POST or None, initial={"language": by.language or request.LANGUAGE_CODE})
    if not form.is_valid():
        return own_page(request, "admin/sccon/user/invite.html", User, _("Invite someone"), {"form": form})
    given = form.cleaned_data
    with transaction.atomic():
        person = {name: given[name] for name in ("username", "email", "first_name", "last_name", "language")}
        user = User.objects.create_user(is_staff=True, **person)  # without a password nobody gets in
        user.groups.set(given["groups"])
        admin.log_addition(request, user, [{"added": {}}])
        passwords.invite(user, by=by, request=request)
    _say_sent(request, user)
    return HttpResponseRedirect(reverse("admin:sccon_user_change", args=[user.pk]))


def again(admin: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """Sends the invitation once more."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    user = get_object_or_404(User, pk=pk)
    if not admin.has_change_permission(request, user):
        raise PermissionDenied
    if passwords.may_be_invited(user):
        passwords.invite(user, by=cast(User, request.user), request=request)
        _say_sent(request, user)
    else:
        messages.error(request, _("No invitation was sent: this account has been used, or cannot log in."))
    return HttpResponseRedirect(reverse("admin:sccon_user_change", args=[user.pk]))


def _say_sent(request: HttpRequest, user: User) -> None:
    days = passwords.INVITED_FOR.days
    sentence = ngettext(
        "An invitation goes to %(address)s. Its link is good for %(days)d day.",
        "An invitation goes to %(address)s. Its link is good for %(days)d days.",
        days,
    )
    messages.success(request, sentence % {"address": user.email, "days": days})


def hints(user: User) -> list[str]:
    """What keeps someone from logging in who should perhaps be able to."""
    allowed = user.is_superuser or user.groups.exists() or user.user_permissions.exists()
    found = []
    if allowed and not user.is_staff:
        found.append(_("Belongs to a group or has rights, but may not log in: the staff status is missing."))
    if allowed and user.is_staff and not user.is_active:
        found.append(_("Belongs to a group or has rights, but may not log in: the account is not active."))
    if user.is_active and user.is_staff and not user.has_usable_password() and not user.email:
        found.append(_("Has no password yet, and no e-mail address for an invitation."))
    return found


def waits(user: User) -> str:
    """That someone who was invited has not come yet, and how long the link is good."""
    if user.has_usable_password():
        return ""
    last = Login.objects.filter(user=user, outcome=Login.Outcome.INVITED).aggregate(at=Max("at"))["at"]
    if last is None:
        return _("Has no password yet.")
    dates = {"sent": moments.short(last), "until": moments.short(last + passwords.INVITED_FOR)}
    return _("Has no password yet. The last invitation was sent %(sent)s; its link is good until %(until)s.") % dates
