"""Signed tokens for links: who has one may do one thing (`purpose`), for as long as it is valid.

A token for one purpose is refused for another. It is signed, not encrypted, so it holds ids, no addresses. LINK_KEY signs
it; what a predecessor in LINK_KEY_FALLBACKS signed is read, too.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core import signing


class BadToken(Exception):
    """The token is not ours, or for another purpose."""


class ExpiredToken(BadToken):
    """The token is ours but too old; `value` is what it held."""

    def __init__(self, value: object):
        self.value = value
        super().__init__("expired")


def make(purpose: str, value: object) -> str:
    """A token for `purpose` that holds `value` (anything JSON holds)."""
    return signing.dumps(value, key=settings.LINK_KEY, salt=f"sccon.tokens.{purpose}")


def read(purpose: str, token: str, *, max_age: timedelta | None = None) -> Any:
    """What the token holds; raises `BadToken`, and `ExpiredToken` when it is older than `max_age`."""
    try:
        value = _loads(purpose, token)
    except (signing.BadSignature, ValueError) as error:
        raise BadToken("bad") from error
    try:
        _loads(purpose, token, max_age)
    except signing.SignatureExpired as error:
        raise ExpiredToken(value) from error
    return value


def made_at(token: str) -> datetime:
    """When a token that `read` takes was made, to the second."""
    return datetime.fromtimestamp(signing.b62_decode(token.rsplit(":", 2)[1]), UTC)


def _loads(purpose: str, token: str, max_age: timedelta | None = None) -> Any:
    return signing.loads(
        token,
        key=settings.LINK_KEY,
        salt=f"sccon.tokens.{purpose}",
        max_age=max_age,
        fallback_keys=[*settings.LINK_KEY_FALLBACKS],
    )
