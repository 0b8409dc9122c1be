"""People and groups in the admin."""

from functools import partial
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from sccon.accounts import logging_in, passwords, second_factor
from sccon.admin import invitations, security
from sccon.admin.pages import own_page
from sccon.admin_lists import HouseAdmin
from sccon.fields import formfield
from sccon.models import User

# New in Django 6.1 and not in its German catalogue yet: ours translates them.
NOT_YET_GERMAN = (
    gettext_noop("Run"),
    gettext_noop("- Select an option -"),
    gettext_noop("Reset password"),
    gettext_noop("Set password"),
    gettext_noop("Filter by %(field_name)s"),
    gettext_noop("Raw passwords are not stored, so there is no way to see the user’s password."),
)

admin.site.unregister(Group)


class AccountForm(forms.ModelForm):
    """What everyone may choose for themselves."""

    class Meta:
        model = User
        fields = ("first_name", "last_name", "email", "language", "mail_on_review")
        formfield_callback = formfield

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **{"label_suffix": "", **options})
        browser = ("", _("as the browser asks for"))
        self.fields["language"] = forms.ChoiceField(
            label=self.fields["language"].label,
            choices=[browser, *settings.LANGUAGES],
            widget=forms.RadioSelect,
            required=False,
        )


@admin.register(User)
class UserAdmin(HouseAdmin, DjangoUserAdmin):
    list_display = ("username", "name", "email", "language", "group_names", "second_factor", "is_active")
    list_filter = ("groups", "is_superuser", "is_active")
    show_facets = admin.ShowFacets.NEVER
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (
            gettext_lazy("Person"),
            {"classes": ["pair"], "fields": ("first_name", "last_name", "email", "language", "mail_on_review")},
        ),
        (
            gettext_lazy("Rights"),
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        (gettext_lazy("Dates"), {"classes": ["pair"], "fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    actions = ("free",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return second_factor.with_factors(super().get_queryset(request)).prefetch_related("groups")

    @admin.display(description=gettext_lazy("Name"), ordering="last_name")
    def name(self, user: User) -> str:
        return user.get_full_name() or "–"

    @admin.display(description=gettext_lazy("Groups"))
    def group_names(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "–"

    @admin.display(description=gettext_lazy("Second factor"))
    def second_factor(self, user: User) -> str:
        if user.has_app or user.has_passkey:  # type: ignore[attr-defined]  # annotated
            return _("set up")
        return _("missing") if second_factor.required(user) else "–"

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "groups":
            options["widget"] = forms.CheckboxSelectMultiple
        field = super().formfield_for_manytomany(db_field, request, **options)
        if field:
            field.help_text = "" if db_field.name == "groups" else field.help_text
        return field

    @admin.action(description=gettext_lazy("End the pause after wrong passwords"), permissions=["free"])
    def free(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            logging_in.free(user, request=request)
        self.message_user(request, _("They may try to log in again at once."))

    def has_free_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Not Django's: who is new gets an invitation, so that nobody types another's password."""
        return invitations.new(self, request)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any) -> Any:
        if user := context.get("original"):
            stored = User.objects.get(pk=user.pk)  # not what was typed and refused
            context |= {
                "hints": invitations.hints(stored),
                "waits": invitations.waits(stored),
                "may_be_invited": passwords.may_be_invited(stored) and self.has_change_permission(request, stored),
            }
        return super().render_change_form(request, context, *args, **options)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """A password set by a colleague: its owner is told, and all their sessions end."""
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302 and (user := self.get_object(request, id)):
            passwords.changed(user, request=request, by=cast(User, request.user))
        return response

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("me/", view(self.account), name="sccon_user_account"),
            path("me/security/", view(security.security), name="sccon_user_security"),
            path("me/security/app/", view(security.app), name="sccon_user_app"),
            path("<int:pk>/invite/", view(partial(invitations.again, self)), name="sccon_user_invite"),
        ]
        return [*own, *super().get_urls()]

    def account(self, request: HttpRequest) -> HttpResponse:
        """One's own name, address, language and mails."""
        user = get_object_or_404(User, pk=request.user.pk)
        form = AccountForm(request.POST if request.method == "POST" else None, instance=user)
        if form.is_valid():
            form.save()
            with translation.override(user.language or translation.get_language_from_request(request)):
                self.message_user(request, _("Your settings are saved."))
            return HttpResponseRedirect(reverse("admin:sccon_user_account"))
        return own_page(request, "admin/sccon/user/account.html", User, _("My account"), {"form": form})


@admin.register(Group)
class GroupAdmin(HouseAdmin, DjangoGroupAdmin):
    """Groups as Django has them; `editor` and `publisher` come with the site."""
