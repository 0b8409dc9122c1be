"""The admin's login: passwords may not be tried without end."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from sccon import limits

# By name and network together, or a stranger could lock someone out; by network, or all names could be tried.
BY_NAME = limits.Rate("login-name", 10, timedelta(minutes=15))
BY_NETWORK = limits.Rate("login-network", 50, timedelta(minutes=15))


class LoginForm(AdminAuthenticationForm):
    """Counts every attempt before it looks at the password; the right one begins anew."""

    def clean(self) -> dict[str, Any]:
        assert self.request is not None  # noqa: S101 – the login view passes it
        network = limits.network(self.request)
        name = f"{self.cleaned_data.get('username', '').lower()} {network}"
        if not (BY_NETWORK.allows(network) & BY_NAME.allows(name)):
            raise ValidationError(
                _("Too many attempts. Please wait a quarter of an hour, or ask a colleague to set a new password."),
                code="limited",
            )
        cleaned = super().clean()
        BY_NAME.forget(name)
        return cleaned


admin.site.login_form = LoginForm


@never_cache
@csrf_protect
def login(request: HttpRequest) -> HttpResponse:
    """The login page; 429 where the limit refuses."""
    response = admin.site.login(request)
    form = getattr(response, "context_data", {}).get("form")
    if form is not None and form.has_error(NON_FIELD_ERRORS, "limited"):
        response.status_code = 429
    return response
