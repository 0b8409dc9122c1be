"""Known devices: browsers in which someone logged in before. Strangers' attempts do not delay them."""

import hashlib
import re
import secrets
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse

from sccon.models import KnownDevice, User

COOKIE = "__Host-device" if settings.HTTPS else "device"
KEEP = timedelta(days=365)
TRUST = timedelta(days=30)

# What browsers and systems call themselves, the more special ones first: Edge also says Chrome, and all say Safari.
BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def words(request: HttpRequest) -> str:
    """The browser in words, `Firefox, Linux`; '?' for one that does not say."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    found = (next((name for sign, name in names.items() if sign in agent), "") for names in (BROWSERS, SYSTEMS))
    return ", ".join(filter(None, found)) or "?"


def _secret(request: HttpRequest) -> str | None:
    secret = request.COOKIES.get(COOKIE, "")
    return secret if re.fullmatch(r"[\w-]{43}", secret, re.ASCII) else None


def _key(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()  # of 256 random bits: nothing to guess


def known(user: User | None, request: HttpRequest) -> KnownDevice | None:
    """The device that sent `request`, if `user` logged in with it before."""
    secret = _secret(request)
    if user is None or secret is None:
        return None
    return KnownDevice.objects.filter(user=user, key=_key(secret)).first()


def remember(user: User, request: HttpRequest, response: HttpResponse, *, trust: bool) -> KnownDevice:
    """Makes the device known, by a cookie in `response`; with `trust` it needs no second factor for 30 days."""
    secret = _secret(request) or secrets.token_urlsafe(32)
    fresh = {"words": words(request), "seen_at": Now()} | ({"trusted_until": Now() + TRUST} if trust else {})
    device, _made = KnownDevice.objects.update_or_create(user=user, key=_key(secret), defaults=fresh)
    response.set_cookie(COOKIE, secret, max_age=KEEP, secure=settings.HTTPS, httponly=True, samesite="Lax", path="/")
    return device


def is_trusted(device: KnownDevice | None) -> bool:
    """Whether its owner said that this device needs no second factor, at most 30 days ago."""
    return device is not None and KnownDevice.objects.filter(pk=device.pk, trusted_until__gt=Now()).exists()
