"""Signed links: whoever has the token may do one named thing, perhaps for a while.

A token made for one purpose is worthless for another. It can be read by everyone, so it holds ids, no addresses.
"""

from datetime import timedelta
from typing import Any

from django.core import signing


class BadToken(Exception):
    """We did not make this token, or not for this."""


class ExpiredToken(BadToken):
    """The token was right, but its time is over; `value` is what it held."""

    def __init__(self, value: object):
        self.value = value
        super().__init__("expired")


def make(purpose: str, value: object) -> str:
    """A token that stands for `value` (anything JSON holds) where `purpose` is asked for."""
    return signing.dumps(value, salt=f"sccon.tokens.{purpose}")


def read(purpose: str, token: str, *, max_age: timedelta | None = None) -> Any:
    """What the token holds; raises `BadToken`, and `ExpiredToken` when it is older than `max_age`."""
    try:
        value = signing.loads(token, salt=f"sccon.tokens.{purpose}")
    except (signing.BadSignature, ValueError) as error:
        raise BadToken("bad") from error
    try:
        signing.loads(token, salt=f"sccon.tokens.{purpose}", max_age=max_age)
    except signing.SignatureExpired as error:
        raise ExpiredToken(value) from error
    return value
