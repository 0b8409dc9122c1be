"""The log of logins, for superusers. And no pages for the second factors of others: they would show secrets."""

import django_otp.plugins.otp_static.admin
import django_otp.plugins.otp_totp.admin  # noqa: F401
import django_otp_webauthn.admin  # noqa: F401
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnAttestation, WebAuthnCredential

from sccon.admin_lists import ReadOnlyAdmin
from sccon.models import Login

for model in (TOTPDevice, StaticDevice, WebAuthnCredential, WebAuthnAttestation):
    if admin.site.is_registered(model):
        admin.site.unregister(model)

BAD = {Login.Outcome.WRONG_PASSWORD, Login.Outcome.WRONG_CODE}


@admin.register(Login)
class LoginAdmin(ReadOnlyAdmin):
    """Who logged in, or tried to, when and from which network."""

    list_display = ("who", "what", "network", "known_device", "at")
    list_filter = ("outcome", "known_device")
    list_select_related = ("user",)
    search_fields = ("user__username", "user__last_name", "network")
    search_help_text = gettext_lazy("Name or network")
    date_hierarchy = "at"
    list_per_page = 50
    fields = list_display
    readonly_fields = list_display

    @admin.display(description=gettext_lazy("User"), ordering="user__username")
    def who(self, line: Login) -> str:
        return str(line.user) if line.user else _("unknown name")

    @admin.display(description=gettext_lazy("What happened"), ordering="outcome")
    def what(self, line: Login) -> str:
        shape = "failed" if line.outcome in BAD else "done"
        return format_html('<span class="state {}">{}</span>', shape, line.get_outcome_display())

    def has_view_permission(self, request: HttpRequest, obj: Login | None = None) -> bool:
        return request.user.is_superuser

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser
