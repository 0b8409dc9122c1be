"""The growing pause after a failure: 1 s, 2 s, 4 s … up to 15 minutes, for an account and a network, or a known device.

A pause is a refusal with the seconds that are left, never a thread that sleeps. Every attempt counts before it is
looked at, so that a hundred at once are one.
"""

import hashlib
import hmac
import math
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest

from sccon import limits
from sccon.models import KnownDevice, Limit
from sccon.statements import fetch

# After the last failure, so long the pause goes on to grow with the next.
REMEMBERED = timedelta(days=1)

# How long someone must wait after `kept.count` failures.
PAUSE = "least(900, power(2, least(kept.count - 1, 10))) * interval '1 second'"

ATTEMPT = f"""
    INSERT INTO sccon_limit AS kept (key, ends_at, count)
    VALUES (%(key)s, clock_timestamp() + %(remembered)s, 1)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN kept.ends_at <= clock_timestamp() THEN 1 ELSE kept.count + 1 END,
        ends_at = EXCLUDED.ends_at
    WHERE kept.ends_at - %(remembered)s + {PAUSE} <= clock_timestamp()
    RETURNING count
"""  # noqa: S608 – our own words

LEFT = f"""
    SELECT extract(epoch FROM kept.ends_at - %(remembered)s + {PAUSE} - clock_timestamp())
    FROM sccon_limit AS kept WHERE key = %(key)s
"""  # noqa: S608

# From one network, whatever the names: nobody can try all of them. Known devices are not counted.
STRANGERS = limits.Rate("login-network", 50, timedelta(minutes=15))

# Codes for one account from everywhere but its known devices: whoever asks has the password already, and could
# otherwise guess six digits from ten thousand networks.
STRANGERS_CODES = limits.Rate("login-codes", 20, timedelta(days=1))


class Paused(Exception):
    """Someone must wait for `seconds`."""

    def __init__(self, seconds: int):
        self.seconds = seconds
        super().__init__(f"{seconds} s")


@dataclass(frozen=True)
class Pause:
    """The pauses of one kind of attempt."""

    name: str

    def _key(self, subject: str) -> bytes:
        return hmac.new(settings.SECRET_KEY.encode(), f"{self.name}\n{subject}".encode(), hashlib.sha256).digest()

    def attempt(self, subject: str) -> None:
        """Counts an attempt of `subject` as failed; raises `Paused` when it comes too early. A success: `forget`."""
        values = {"key": self._key(subject), "remembered": REMEMBERED}
        if not fetch(ATTEMPT, values):
            left = fetch(LEFT, values)
            raise Paused(max(1, math.ceil(left[0][0])) if left else 1)

    def forget(self, subject: str) -> None:
        """Begins anew, as after a right password."""
        Limit.objects.filter(key=self._key(subject)).delete()


PASSWORDS, CODES = Pause("login-password"), Pause("login-code")


def subject(name: str, request: HttpRequest, device: KnownDevice | None) -> str:
    """Whom the pause of the account `name` concerns: the device, if this account knows it, else its network.

    The widest network, a /48 of IPv6: narrower ones can be had by the thousand.
    """
    return f"{name.casefold()}\n{f'device {device.pk}' if device else limits.networks(request)[-1]}"


def attempt_password(name: str, request: HttpRequest, device: KnownDevice | None) -> None:
    """Counts a password for the account `name`, which need not exist; raises `Paused`."""
    if device is None and not STRANGERS.allows(limits.networks(request)[-1]):
        raise Paused(int(STRANGERS.window.total_seconds()))
    PASSWORDS.attempt(subject(name, request, device))


def attempt_code(name: str, request: HttpRequest, device: KnownDevice | None) -> None:
    """Counts a code for the account `name`, whose password was right; raises `Paused`."""
    CODES.attempt(subject(name, request, device))
    if device is None and not STRANGERS_CODES.allows(name):
        raise Paused(int(STRANGERS_CODES.window.total_seconds()))


def passed(name: str, request: HttpRequest, device: KnownDevice | None, pause: Pause) -> None:
    """What was counted turned out well: the pause begins anew, and a stranger's network is not burdened."""
    pause.forget(subject(name, request, device))
    if device is None and pause is PASSWORDS:
        STRANGERS.forgive(limits.networks(request)[-1])
    elif device is None:
        STRANGERS_CODES.forgive(name)


def free(name: str, networks: list[str], devices: list[KnownDevice]) -> None:
    """Ends every pause of the account `name` that began in one of `networks` or on one of `devices`."""
    for whose in [*networks, *(f"device {device.pk}" for device in devices)]:
        for pause in (PASSWORDS, CODES):
            pause.forget(f"{name.casefold()}\n{whose}")
    for network in networks:
        STRANGERS.forget(network)
    STRANGERS_CODES.forget(name)
