"""Rate limits: counts per window of time, for an address, a network, or whatever the caller names.

One SQL statement counts and answers, so that concurrent requests are all counted. Keys are hashed with our secret, and
the table is UNLOGGED: it holds no personal data.
"""

import hashlib
import hmac
import ipaddress
import logging
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.db import DatabaseError
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse

from sccon.jobs import app
from sccon.models import Limit
from sccon.statements import fetch

logger = logging.getLogger("sccon.limits")

# What one limit refuses counts nowhere: two at once may both be counted, but then the second one's count is too high.
COUNT = """
    WITH asked AS (
        SELECT * FROM unnest(%(keys)s::bytea[], %(times)s::integer[], %(seconds)s::float[]) AS asked (key, times, seconds)
    ), filled AS (
        SELECT kept.key, kept.count + 1 AS count
        FROM sccon_limit AS kept JOIN asked ON asked.key = kept.key
        WHERE kept.ends_at > clock_timestamp() AND kept.count >= asked.times
    ), counted AS (
        INSERT INTO sccon_limit AS kept (key, ends_at, count)
        SELECT key, clock_timestamp() + seconds * interval '1 second', 1
        FROM asked WHERE NOT EXISTS (SELECT FROM filled)
        ORDER BY key -- whoever counts several at once locks them in the same order
        ON CONFLICT (key) DO UPDATE SET
            count = CASE WHEN kept.ends_at <= clock_timestamp() THEN 1 ELSE kept.count + 1 END,
            ends_at = CASE WHEN kept.ends_at <= clock_timestamp() THEN EXCLUDED.ends_at ELSE kept.ends_at END
        RETURNING key, count
    )
    SELECT key, count FROM counted UNION ALL SELECT key, count FROM filled
"""


@dataclass(frozen=True)
class Rate:
    """At most `times` per `window`; `name` separates one limit from another."""

    name: str
    times: int
    window: timedelta

    def _key(self, subject: str) -> bytes:
        return hmac.new(settings.SECRET_KEY.encode(), f"{self.name}\n{subject}".encode(), hashlib.sha256).digest()

    def allows(self, subject: str) -> bool:
        """Counts one attempt of `subject`; returns whether it is within the limit.

        Call it outside a transaction: a rollback would undo the count.
        """
        return allowed((self, subject))[0]

    def forgive(self, subject: str) -> None:
        """Takes back one attempt of `subject`, which turned out well."""
        fetch("UPDATE sccon_limit SET count = count - 1 WHERE key = %s AND count > 0", [self._key(subject)])

    def forget(self, subject: str) -> None:
        """Resets the count of `subject`, as after a right password."""
        Limit.objects.filter(key=self._key(subject)).delete()

    def is_counting(self, subject: str) -> bool:
        """Whether something of `subject` was counted in the window that runs now."""
        return Limit.objects.filter(key=self._key(subject), ends_at__gt=Now()).exists()


def allowed(*attempts: tuple[Rate, str]) -> list[bool]:
    """Counts an attempt of each rate and subject, in one statement, unless one of them is used up; returns for each
    whether it is within its limit."""
    keys, rates = [rate._key(subject) for rate, subject in attempts], [rate for rate, _subject in attempts]
    values = {"times": [rate.times for rate in rates], "seconds": [rate.window.total_seconds() for rate in rates]}
    counts = {bytes(key): count for key, count in fetch(COUNT, {"keys": keys, **values})}
    return [counts.get(key, 0) <= rate.times for key, rate in zip(keys, rates, strict=True)]


IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# How much of an address names a network. IPv6: one connection's /64, a customer's /56, a site's or a small provider's /48.
WIDTHS = {4: (24,), 6: (64, 56, 48)}

UNKNOWN = ipaddress.ip_address(0)  # 0.0.0.0: a request without an address, as through a socket file


def client_address(request: HttpRequest) -> str:
    """The client's address. Of `X-Forwarded-For` only what TRUSTED_PROXIES have added is believed."""
    return str(_client(request))


def _client(request: HttpRequest) -> IPAddress:
    """Walks `X-Forwarded-For` from the right: what our own proxies wrote, up to the first address that is not theirs.

    Where a proxy wrote no address ("unknown"), the one that wrote it counts, so that no limit is kept for nobody.
    """
    trusted, address = settings.TRUSTED_PROXIES, parsed(request.META.get("REMOTE_ADDR", ""))
    for step, part in enumerate(reversed(request.headers.get("X-Forwarded-For", "").split(",")), start=1):
        believed = step <= trusted if isinstance(trusted, int) else trusted and _is_named(address)
        further = parsed(part)
        if not believed or further is None:
            break
        address = further
    return address or UNKNOWN


def parsed(text: str) -> IPAddress | None:
    """The address in `text`, which may carry a port or a zone as some proxies write them; None if there is none."""
    text = text.strip().strip('"')
    if match := re.fullmatch(r"\[(.*)\](?::\d*)?|([\d.]+):\d*", text):
        text = match[1] or match[2]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_named(peer: IPAddress | None) -> bool:
    """Whether TRUSTED_PROXIES names `peer`. What came through a socket file has no address, and is of this machine."""
    named: list[str] = settings.TRUSTED_PROXIES  # type: ignore[assignment]  # callers know that it is no number
    return peer is None or any(peer in _network(network) for network in named)


_network = cache(ipaddress.ip_network)


def networks(request: HttpRequest) -> list[str]:
    """The client's networks from narrow to wide, each of which may have a limit: /24 (IPv4), or /64, /56, /48 (IPv6).

    Whoever rents an IPv6 connection has 2^64 addresses and often 2^8 or 2^16 networks of /64.
    """
    address = _client(request)
    return [str(ipaddress.ip_network((address, width), strict=False)) for width in WIDTHS[address.version]]


def network(request: HttpRequest) -> str:
    """The client's narrowest network, /24 (IPv4) or /64 (IPv6): too short to name a person."""
    return networks(request)[0]


# The desk says so as long as it happened within the hour.
UNNAMED_PROXY = Rate("unnamed-proxy", 1, timedelta(hours=1))
UNNAMED_PROXY_LOGGED = Rate("unnamed-proxy-logged", 1, timedelta(minutes=1))


class UnnamedProxyMiddleware:
    """Says when `X-Forwarded-For` comes from a peer that TRUSTED_PROXIES does not name: one ERROR a minute, and the desk.

    Either a proxy stands in front of which the setting knows nothing, and all visitors count as one; or a visitor
    reaches us past the proxy and writes the header himself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response
        self.silent_until = 0.0  # this process asks the database once a minute at most

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "HTTP_X_FORWARDED_FOR" in request.META and self.silent_until <= time.monotonic():
            self.look(request)
        return self.get_response(request)

    def look(self, request: HttpRequest) -> None:
        trusted, peer = settings.TRUSTED_PROXIES, request.META.get("REMOTE_ADDR", "")
        if trusted and (isinstance(trusted, int) or _is_named(parsed(peer))):
            return
        self.silent_until = time.monotonic() + 60
        with suppress(DatabaseError):  # the log says it at any rate
            UNNAMED_PROXY.allows("")
            if not UNNAMED_PROXY_LOGGED.allows(""):
                return
        logger.error(
            "X-Forwarded-For came from %s, which TRUSTED_PROXIES does not name: if that is your proxy, name it there;"
            " until then all its visitors share one limit.",
            peer or "a socket file",
        )


def unnamed_proxy_seen() -> bool:
    """Whether a request of the last hour came with an `X-Forwarded-For` that nobody believed."""
    return UNNAMED_PROXY.is_counting("")


@app.periodic(cron="23 * * * *")
@app.task(
    name="sccon.forget_limits",
    aliases=["sccon.limits.forget_past"],
    queue="normal",
    queueing_lock="sccon.forget_limits",
    pass_context=False,
)
def forget_past(timestamp: int) -> None:
    """Deletes the counts whose window is over. Every hour."""
    Limit.objects.filter(ends_at__lt=Now()).delete()
