"""The admin site itself: its names, its login, its areas in the order an editor needs them.

Not in `sccon.admin`: whatever that package registers is registered with this site, which must be there before.
"""

from collections.abc import Sequence
from functools import update_wrapper
from typing import Any, cast
from urllib.parse import unquote

from django.apps import apps
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.i18n import JavaScriptCatalog

from sccon import german
from sccon.accounts import passwords, views
from sccon.accounts.forms import LoginForm, OwnPasswordForm
from sccon.admin_lists import HouseAdmin
from sccon.models import User

ACCOUNTS = {"auth", "sccon"}  # shown as one area


class ScriptWords(JavaScriptCatalog):
    """The words of Django's scripts, with ours where it has none."""

    def get_catalog(self) -> dict[str, Any]:
        return {**super().get_catalog(), **german.of_scripts()}


class Desk(AdminSite):
    """Django's admin under our name."""

    site_title = _("SCCON editorial desk")
    site_header = _("SCCON editorial desk")
    index_title = _("Desk")
    login_form = LoginForm
    password_change_form = OwnPasswordForm

    def register(self, models: Any, admin_class: Any = None, **options: Any) -> None:  # type: ignore[override]
        """Registers admins as Django does; those that another app brings become ours, too."""
        if admin_class is None or not issubclass(admin_class, HouseAdmin):
            bases = (HouseAdmin, admin_class) if admin_class else (HouseAdmin,)
            admin_class = type("HouseAdmin", bases, {})
        super().register(models, admin_class, **options)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The login's first page; 429 while someone must wait."""
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index", current_app=self.name))
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "subtitle": None,
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            **(extra_context or {}),
        }
        if REDIRECT_FIELD_NAME not in request.GET and REDIRECT_FIELD_NAME not in request.POST:
            context[REDIRECT_FIELD_NAME] = reverse("admin:index", current_app=self.name)
        request.current_app = self.name
        return cast(HttpResponse, views.PasswordStep.as_view(extra_context=context)(request))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """One's own password; a new one ends the other sessions and is told by mail."""
        response: HttpResponse = super().password_change(request, extra_context)
        if response.status_code == 302:
            passwords.changed(cast(User, request.user), request=request)
        form = getattr(response, "context_data", {}).get("form")
        return views.with_pause(response, getattr(form, "paused", None))

    def get_urls(self) -> list[Any]:
        return [
            path("login/code/", views.code, name="login_code"),
            path("login/set-up/", views.set_up, name="login_set_up"),
            path("password/forgotten/", views.forgotten, name="password_forgotten"),
            path("password/new/<str:token>/", views.new_password, name="password_new"),
            # Without Django's `r/…`, which leads any member of staff to any page, planned ones, too.
            *(entry for entry in super().get_urls() if getattr(entry, "name", "") != "view_on_site"),
        ]

    def i18n_javascript(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return cast(HttpResponse, ScriptWords.as_view(packages=["django.contrib.admin"])(request))

    def each_context(self, request: HttpRequest) -> dict:
        # Not from the context processor's `site`: the login page gives that name to another thing.
        return {**super().each_context(request), "house": settings.SITE_SHORT_NAME}

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Django's, which also refuses an address with a NUL: no page of ours has one, and the database takes none."""
        inner = super().admin_view(view, cacheable)

        def clean(request: HttpRequest, *args: Any, **words: Any) -> Any:
            if "\x00" in unquote(request.get_full_path()):
                raise BadRequest("The address has a NUL.")
            return inner(request, *args, **words)

        return update_wrapper(clean, inner)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list:
        """Areas with their models in the order of their app's `AppConfig.admin_order`, the rest by name."""
        areas = super().get_app_list(request, app_label)
        if app_label is None and (accounts := [area for area in areas if area["app_label"] in ACCOUNTS]):
            first = next((area for area in accounts if area["app_label"] == "sccon"), accounts[0])
            first["models"] = [model for area in accounts for model in area["models"]]
            areas = [*(area for area in areas if area["app_label"] not in ACCOUNTS), first]
        for area in areas:
            order = getattr(apps.get_app_config(area["app_label"]), "admin_order", ())
            area["models"].sort(key=lambda model: (_place(model["object_name"], order), model["name"]))
        return areas


def _place(name: str, order: Sequence[str]) -> int:
    return order.index(name) if name in order else len(order)
