"""People and groups in the admin."""

from functools import partial
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, SetUnusablePasswordMixin
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from sccon.accounts import logging_in, passwords, second_factor
from sccon.admin import invitations, security
from sccon.admin.pages import own_page
from sccon.admin_lists import ChoiceFilter, HouseAdmin
from sccon.fields import formfield
from sccon.models import User
from sccon.translated import NAMES

admin.site.unregister(Group)


def group_names() -> dict[str, str]:
    """The groups that come with the site, by the name that the code knows, in words."""
    return {
        "editor": _("Editors"),
        "publisher": _("Publishers"),
        "newsletter": _("Newsletter"),
        "newsletter-send": _("Newsletter, sending"),
        "newsletter-lists": _("Newsletter, lists"),
        "tickets": _("Tickets"),
        "finance": _("Accounting"),
    }


def group_name(group: Group) -> str:
    return group_names().get(group.name, group.name)


class GroupFilter(ChoiceFilter):
    title, parameter_name = gettext_lazy("group"), "group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list:
        return [(group.name, group_name(group)) for group in Group.objects.order_by("name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


class GroupsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, group: Group) -> str:
        return group_name(group)


class PasswordForm(AdminPasswordChangeForm):
    """Django's, whose warning below the choice is English in every language."""

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        if choice := self.fields.get("usable_password"):
            choice.help_text = format_html(
                '{}<ul id="id_unusable_warning" class="messagelist"><li class="warning">{}</li></ul>',
                SetUnusablePasswordMixin.usable_password_help_text,
                _("If disabled, the current password for this user will be lost."),
            )


class RightsField(forms.ModelMultipleChoiceField):
    """Rights, each in a few words: “Pictures: change”. Those of tables that the admin does not show are left out."""

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        shown = ContentType.objects.get_for_models(*admin.site._registry).values()
        held = Q(group__isnull=False) | Q(user__isnull=False)
        rights = Permission.objects.filter(Q(content_type__in=list(shown)) | held).distinct()
        self.queryset = rights.select_related("content_type").order_by("content_type", "pk")

    def label_from_instance(self, right: Permission) -> str:
        verbs = {
            "add": pgettext("right", "add"),
            "change": pgettext("right", "change"),
            "delete": pgettext("right", "delete"),
            "view": pgettext("right", "look at"),
        }
        verb, _underscore, name = right.codename.partition("_")
        model = right.content_type.model_class()
        if model is None:
            return right.name
        if verb not in verbs or name != model._meta.model_name:
            return translation.gettext(right.name)  # one of ours, a sentence
        what = verbs[verb]
        return f"{capfirst(model._meta.verbose_name_plural)}: {what}"


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
    list_display = ("username", "name", "email", "speaks", "group_names", "second_factor", "is_active")
    change_password_form = PasswordForm
    list_filter = (GroupFilter, "is_superuser", "is_active")
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
    empty_words = {"language": gettext_lazy("as the browser asks for")}
    actions = ("free",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return second_factor.with_factors(super().get_queryset(request)).prefetch_related("groups")

    @admin.display(description=gettext_lazy("Name"), ordering="last_name")
    def name(self, user: User) -> str:
        return user.get_full_name() or "–"

    @admin.display(description=gettext_lazy("Language"), ordering="language")
    def speaks(self, user: User) -> str:
        return NAMES.get(user.language, "–")

    @admin.display(description=gettext_lazy("Groups"))
    def group_names(self, user: User) -> str:
        return ", ".join(group_name(group) for group in user.groups.all()) or "–"

    @admin.display(description=gettext_lazy("Second factor"))
    def second_factor(self, user: User) -> str:
        if user.has_app or user.has_passkey:  # type: ignore[attr-defined]  # annotated
            return _("set up")
        return _("missing") if second_factor.required(user) else "–"

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "language":
            options["choices"] = [("", _("as the browser asks for")), *NAMES.items()]
        return super().formfield_for_choice_field(db_field, request, **options)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "groups":
            options |= {"widget": forms.CheckboxSelectMultiple, "form_class": GroupsField}
        if db_field.name == "user_permissions":
            options["form_class"] = RightsField
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
    """Groups as Django has them. Those that come with the site keep the name by which the code knows them."""

    list_display = ("called",)
    filter_horizontal = ()
    search_fields = ()
    actions = None

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, **options: Any) -> HttpResponse:
        if group := options.get("obj"):
            context["subtitle"] = group_name(group)
        return super().render_change_form(request, context, *args, **options)

    @admin.display(description=gettext_lazy("Group"), ordering="name")
    def called(self, group: Group) -> str:
        return group_name(group)

    def get_fields(self, request: HttpRequest, obj: Group | None = None) -> Any:
        return ("called" if self._ours(obj) else "name", "permissions")

    def get_readonly_fields(self, request: HttpRequest, obj: Group | None = None) -> Any:
        return ("called",) if self._ours(obj) else ()

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return not self._ours(obj) and super().has_delete_permission(request, obj)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest | None = None, **options: Any) -> Any:
        return super().formfield_for_manytomany(
            db_field, request, **{"form_class": RightsField, "widget": forms.CheckboxSelectMultiple, **options}
        )

    def _ours(self, group: Group | None) -> bool:
        return group is not None and group.name in group_names()
