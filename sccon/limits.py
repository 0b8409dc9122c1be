"""Rate limits: counts per window of time, for an address, a network, or whatever the caller names.

One SQL statement counts and answers, so that concurrent requests are all counted. Keys are hashed with our secret, and
the table is UNLOGGED: it holds no personal data.
"""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.db.models.functions import Now
from django.http import HttpRequest

from sccon.jobs import app
from sccon.models import Limit
from sccon.statements import fetch

COUNT = """
    INSERT INTO sccon_limit AS kept (key, ends_at, count)
    VALUES (%(key)s, clock_timestamp() + %(seconds)s * interval '1 second', 1)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN kept.ends_at <= clock_timestamp() THEN 1 ELSE kept.count + 1 END,
        ends_at = CASE WHEN kept.ends_at <= clock_timestamp() THEN EXCLUDED.ends_at ELSE kept.ends_at END
    RETURNING count
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
        ((count,),) = fetch(COUNT, {"key": self._key(subject), "seconds": self.window.total_seconds()})
        return count <= self.times

    def forgive(self, subject: str) -> None:
        """Takes back one attempt of `subject`, which turned out well."""
        fetch("UPDATE sccon_limit SET count = count - 1 WHERE key = %s AND count > 0", [self._key(subject)])

    def forget(self, subject: str) -> None:
        """Resets the count of `subject`, as after a right password."""
        Limit.objects.filter(key=self._key(subject)).delete()


def client_address(request: HttpRequest) -> str:
    """The client's address. Of `X-Forwarded-For` only what TRUSTED_PROXIES have added is believed."""
    addresses = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    addresses.append(request.META.get("REMOTE_ADDR") or "0.0.0.0")  # noqa: S104 – a socket file has no address
    trusted = settings.TRUSTED_PROXIES
    if isinstance(trusted, int):
        return addresses[max(0, len(addresses) - 1 - trusted)]
    while len(addresses) > 1 and _is_in(addresses[-1], trusted):
        addresses.pop()
    return addresses[-1]


def _is_in(address: str, networks: list[str]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in _network(network) for network in networks)


_network = cache(ipaddress.ip_network)


def network(request: HttpRequest) -> str:
    """The client's network, /24 (IPv4) or /64 (IPv6): too short to name a person."""
    try:
        address = ipaddress.ip_address(client_address(request).partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return str(ipaddress.ip_network(f"{address}/{24 if address.version == 4 else 64}", strict=False))


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
