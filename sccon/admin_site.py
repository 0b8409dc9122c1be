"""The admin site itself: its names, its login, its areas in the order an editor needs them.

Not in `sccon.admin`: whatever that package registers is registered with this site, which must be there before.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from django.apps import apps
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from sccon import limits

ACCOUNTS = {"auth", "sccon"}  # shown as one area

# Per name and network: a stranger elsewhere cannot lock someone out. Per network: nobody can try all names.
BY_NAME = limits.Rate("login-name", 10, timedelta(minutes=15))
BY_NETWORK = limits.Rate("login-network", 50, timedelta(minutes=15))


class LoginForm(AdminAuthenticationForm):
    """Counts every attempt before it checks the password; a right one resets the count."""

    def clean(self) -> dict[str, Any]:
        network = limits.network(cast(HttpRequest, self.request))  # the login view passes it
        name = f"{self.cleaned_data.get('username', '').lower()} {network}"
        if not (BY_NETWORK.allows(network) & BY_NAME.allows(name)):
            raise ValidationError(
                _("Too many attempts. Please wait a quarter of an hour, or ask a colleague to set a new password."),
                code="limited",
            )
        cleaned = super().clean()
        BY_NAME.forget(name)
        return cleaned


class Desk(AdminSite):
    """Django's admin under our name."""

    site_title = _("SCCON editorial desk")
    site_header = _("SCCON editorial desk")
    index_title = _("Desk")
    login_form = LoginForm

    def register(self, models: Any, admin_class: Any = None, **options: Any) -> None:
        """Registers admins as Django does; those that another app brings become ours, too."""
        from sccon.admin.lists import HouseAdmin  # its package registers with this site, which must be there before

        if admin_class is None or not issubclass(admin_class, HouseAdmin):
            bases = (HouseAdmin, admin_class) if admin_class else (HouseAdmin,)
            admin_class = type("HouseAdmin", bases, {})
        super().register(models, admin_class, **options)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The login page; 429 when there were too many attempts."""
        response = super().login(request, extra_context)
        form = getattr(response, "context_data", {}).get("form")
        if form is not None and form.has_error(NON_FIELD_ERRORS, "limited"):
            response.status_code = 429
        return response

    def each_context(self, request: HttpRequest) -> dict:
        # Not from the context processor's `site`: the login page gives that name to another thing.
        return {**super().each_context(request), "house": settings.SITE_SHORT_NAME}

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
