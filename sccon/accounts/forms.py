"""The forms of a login."""

import math
from typing import Any, cast

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from sccon.accounts import devices, log, passkeys, passwords, pauses, second_factor
from sccon.fields import LineField
from sccon.models import Login, User


def too_many(paused: pauses.Paused) -> ValidationError:
    """The sentence of a pause, at the head of a form."""
    if paused.seconds < 60:
        sentence = ngettext(
            "Too many attempts. Please wait %(count)d second, then try again.",
            "Too many attempts. Please wait %(count)d seconds, then try again.",
            paused.seconds,
        )
        return ValidationError(sentence % {"count": paused.seconds}, code="limited")
    minutes = math.ceil(paused.seconds / 60)
    sentence = ngettext(
        "Too many attempts. Please wait %(count)d minute, then try again; a colleague who administers accounts can free you.",
        "Too many attempts. Please wait %(count)d minutes, then try again; a colleague who administers accounts can free you.",
        minutes,
    )
    return ValidationError(sentence % {"count": minutes}, code="limited")


class NoStaff(ValidationError):
    """The password was right, and the account may not log in."""


class LoginForm(AdminAuthenticationForm):
    """Name and password. It counts the attempt before it checks the password; a right one ends the pause."""

    # Django's speak of staff accounts, which nobody here knows.
    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": _("The user name or the password is not right. Capital and small letters make a difference."),
    }
    paused: pauses.Paused | None = None

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **{"label_suffix": "", **options})

    def clean(self) -> dict[str, Any]:
        request = cast(HttpRequest, self.request)  # the login view passes it
        name = self.cleaned_data.get("username", "")
        if not name or not self.cleaned_data.get("password"):
            return super().clean()
        user = User.objects.filter(username=name).first()
        device = devices.known(user, request)
        try:
            pauses.attempt_password(name, request, device)
        except pauses.Paused as paused:
            self.paused = paused
            raise too_many(paused) from paused
        try:
            cleaned = super().clean()
        except NoStaff:
            log.write(Login.Outcome.NO_STAFF, user, request, device=device)
            pauses.passed(name, request, device, pauses.PASSWORDS)
            raise
        except ValidationError:
            log.write(Login.Outcome.WRONG_PASSWORD, user, request, device=device)
            raise
        pauses.passed(name, request, device, pauses.PASSWORDS)
        return cleaned

    def confirm_login_allowed(self, user: Any) -> None:
        """Asked once the password was right: who knows it is told what is missing, and nobody else."""
        if not user.is_staff:
            raise NoStaff(
                _(
                    "Your password is right, but your account may not log in here: it lacks the staff status. Please ask"
                    " a colleague who administers accounts."
                ),
                code="no_staff",
            )
        super().confirm_login_allowed(user)


class CodeForm(forms.Form):
    """The second factor: a code of the app or a recovery code, or what the browser says of a passkey."""

    code = LineField(
        label=_("Code"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}),
    )
    passkey = forms.CharField(max_length=passkeys.LONGEST_ANSWER, required=False, widget=forms.HiddenInput)
    trust = forms.BooleanField(label=_("Ask for no code on this device for 30 days"), required=False)

    def __init__(self, *args: Any, user: User, request: HttpRequest, **options: Any):
        super().__init__(*args, **{"label_suffix": "", **options})
        self.user, self.request = user, request
        self.paused: pauses.Paused | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors or not (cleaned.get("code") or cleaned.get("passkey")):
            if not self.errors:
                self.add_error("code", _("Please type the code that your app shows."))
            return cleaned
        device = devices.known(self.user, self.request)
        try:
            pauses.attempt_code(self.user.username, self.request, device)
        except pauses.Paused as paused:
            self.paused = paused
            raise too_many(paused) from paused
        if not self._holds(cleaned):
            line = log.write(Login.Outcome.WRONG_CODE, self.user, self.request, device=device)
            if Login.objects.filter(user=self.user, outcome=line.outcome, pk__lt=line.pk).count() % 5 == 4:
                log.tell(self.user, "login-codes", line)
            raise ValidationError(_("That is not right. Is it the newest code of your app?"))
        pauses.passed(self.user.username, self.request, device, pauses.CODES)
        return cleaned

    def _holds(self, cleaned: dict[str, Any]) -> bool:
        if not cleaned.get("passkey"):
            return second_factor.verify(self.user, cleaned["code"])
        try:
            passkeys.verify(self.user, cleaned["passkey"], self.request)
        except passkeys.Refused:
            return False
        return True


class AppForm(forms.Form):
    """The first code of an app, which shows that it has the secret."""

    code = LineField(
        label=_("Code of the app"),
        max_length=10,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **{"label_suffix": "", **options})

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split())


class OwnPasswordForm(AdminPasswordChangeForm):
    """A new password for oneself; attempts at the old one are counted."""

    paused: pauses.Paused | None = None

    def clean_old_password(self) -> str:
        subject = str(self.user.pk)
        try:
            passwords.CHANGES.attempt(subject)
        except pauses.Paused as paused:
            self.paused = paused
            raise too_many(paused) from paused
        password = super().clean_old_password()
        passwords.CHANGES.forget(subject)
        return password


class ForgottenForm(forms.Form):
    """Who wants a new password."""

    name = LineField(label=_("User name or e-mail address"), max_length=254)

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **{"label_suffix": "", **options})
