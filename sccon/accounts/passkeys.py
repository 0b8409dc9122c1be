"""Passkeys as a second factor, by django-otp-webauthn's models and helper.

Its views are not used: they log in on their own. The options of a ceremony stand in the page, the browser's answer comes
back in a field of its form, so that there is nothing to fetch.
"""

import ipaddress
import json
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django_otp_webauthn.exceptions import OTPWebAuthnApiError
from django_otp_webauthn.helpers import WebAuthnHelper
from django_otp_webauthn.models import WebAuthnCredential
from webauthn.helpers.exceptions import WebAuthnException

from sccon.models import User

STATE = "passkey"  # in the session: the challenge that the next answer must sign
LONGEST_ANSWER = 20_000


class Refused(Exception):
    """The browser's answer does not hold."""


def possible() -> bool:
    """Whether browsers know passkeys for our host: those of an IP address they refuse."""
    try:
        ipaddress.ip_address(settings.OTP_WEBAUTHN_RP_ID)
    except ValueError:
        return True
    return False


def ask_for_new(user: User, request: HttpRequest) -> dict[str, Any]:
    """What the browser needs to make a passkey."""
    options, request.session[STATE] = WebAuthnHelper(request).register_begin(user)
    return options


def keep_new(user: User, answer: str, name: str, request: HttpRequest) -> None:
    """Keeps the passkey that the browser made; raises `Refused`."""
    helper, state = WebAuthnHelper(request), request.session.pop(STATE, None)
    with _refusing(), transaction.atomic():
        device = helper.register_complete(user=user, state=state or {}, data=_read(answer))
        WebAuthnCredential.objects.filter(pk=device.pk).update(name=name)


def ask(user: User, request: HttpRequest) -> dict[str, Any]:
    """What the browser needs to prove that it has a passkey of `user`."""
    options, request.session[STATE] = WebAuthnHelper(request).authenticate_begin(user, require_user_verification=False)
    return options


def verify(user: User, answer: str, request: HttpRequest) -> None:
    """Raises `Refused` unless the answer is signed by a passkey of `user`. A challenge is good for one answer."""
    helper, state = WebAuthnHelper(request), request.session.pop(STATE, None)
    with _refusing():
        device = helper.authenticate_complete(user=user, state=state or {}, data=_read(answer))
        if not device.confirmed:
            raise Refused


def _read(answer: str) -> dict[str, Any]:
    data = json.loads(answer[:LONGEST_ANSWER])
    if not isinstance(data, dict):
        raise Refused
    return data


class _refusing:
    """Whatever is wrong with an answer that a stranger may have written is a `Refused`."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        wrong = (WebAuthnException, OTPWebAuthnApiError, IntegrityError, ValueError, KeyError, TypeError)
        if isinstance(error, wrong):
            raise Refused from error
