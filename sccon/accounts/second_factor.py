"""The second factor: codes of an app (TOTP), recovery codes, passkeys; django-otp keeps them.

docs/decisions/second-factor.md says why these libraries.
"""

import hashlib
import hmac
import secrets
import time

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key
from django_otp_webauthn.models import WebAuthnCredential

from sccon.accounts import log
from sccon.models import KnownDevice, Login, LoginSession, User

RECOVERY_CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without what is mistaken for another


class WrongCode(Exception):
    """The code is not the one that the app shows now."""


def required(user: User) -> bool:
    """Whether this person may only log in with a second factor."""
    if user.is_superuser and settings.SECOND_FACTOR_FOR_SUPERUSERS:
        return True
    names = set(settings.SECOND_FACTOR_GROUPS)
    return bool(names) and any(group.name in names for group in user.groups.all())


def with_factors(users: QuerySet[User]) -> QuerySet[User]:
    """`users` with `has_app` and `has_passkey`, for a list."""
    mine = {"user": OuterRef("pk"), "confirmed": True}
    return users.annotate(
        has_app=Exists(TOTPDevice.objects.filter(**mine)),
        has_passkey=Exists(WebAuthnCredential.objects.filter(**mine)),
    )


def has(user: User) -> bool:
    """Whether this person has set one up. Recovery codes alone are none: they come with one."""
    return has_app(user) or has_passkey(user)


def has_app(user: User) -> bool:
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def has_passkey(user: User) -> bool:
    return WebAuthnCredential.objects.filter(user=user, confirmed=True).exists()


def new_key() -> str:
    """A new secret for an app, in hexadecimal."""
    return default_key()


def app_url(user: User, key: str) -> str:
    """The address in the QR code that an app reads."""
    return TOTPDevice(user=user, key=key).config_url


@transaction.atomic
def verify(user: User, code: str) -> bool:
    """Whether `code` is of the app, or a recovery code. Either is good for one time."""
    code = "".join(code.split()).replace("-", "").lower()
    for device in TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True):
        if device.verify_token(code):
            return True
    for device in StaticDevice.objects.select_for_update().filter(user=user, confirmed=True):
        if device.verify_token(_kept(code)):
            return True
    return False


@transaction.atomic
def set_up_app(user: User, *, key: str, code: str, request: HttpRequest) -> list[str]:
    """Has the app with the secret `key` give this person's codes; another app's end. Returns new recovery codes.

    Raises `WrongCode` unless `code` shows that the app has the secret.
    """
    totp = TOTP(bytes.fromhex(key))
    totp.time = time.time()
    if not code.isascii() or not code.isdigit() or not totp.verify(int(code), tolerance=1):
        raise WrongCode
    TOTPDevice.objects.filter(user=user).delete()
    TOTPDevice.objects.create(user=user, name="app", key=key, last_t=totp.t(), drift=totp.drift)
    tell_set_up(user, request)
    return new_recovery_codes(user)


def tell_set_up(user: User, request: HttpRequest) -> None:
    """Logs and mails that there is a new second factor."""
    log.tell(user, "second-factor-set", log.write(Login.Outcome.FACTOR_SET, user, request))


@transaction.atomic
def new_recovery_codes(user: User) -> list[str]:
    """Ten new codes, each good for one login; the old ones end. We keep hashes: nobody can show them again."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery")
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_kept(code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _kept(code: str) -> str:
    """What the database keeps of a recovery code: 64 bits of a keyed hash, as many as django-otp has room for."""
    return hmac.new(settings.SECRET_KEY.encode(), f"recovery\n{code}".encode(), hashlib.sha256).hexdigest()[:16]


def recovery_codes_left(user: User) -> int:
    return StaticToken.objects.filter(device__user=user).count()


@transaction.atomic
def reset(user: User, *, request: HttpRequest | None = None) -> None:
    """Takes every second factor of `user` away and ends the sessions; where one is required, the next login sets one up."""
    for model in (TOTPDevice, StaticDevice, WebAuthnCredential):
        model.objects.filter(user=user).delete()
    LoginSession.objects.filter(user=user).delete()
    KnownDevice.objects.filter(user=user).update(trusted_until=None)
    log.tell(user, "second-factor-reset", log.write(Login.Outcome.FACTOR_RESET, user, request))
