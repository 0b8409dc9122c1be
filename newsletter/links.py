"""What a newsletter mail carries of its delivery: the token to leave, the Message-ID, the envelope sender.

Each is the delivery's number with a keyed hash: nobody can make one for another mail. LINK_KEY makes them; what a
predecessor in LINK_KEY_FALLBACKS made is read, too, for mails lie in mailboxes for years.
"""

import hashlib
import hmac
import re
from urllib.parse import urlsplit

from django.conf import settings

from sccon import tokens

_MESSAGE_ID = re.compile(r"<?d\.([0-9]{1,18})\.([0-9a-f]{20})@[^\s<>@]+>?")
_SENDER = re.compile(r"<?b\+([0-9]{1,18})\.([0-9a-f]{20})@[^\s<>@]+>?", re.IGNORECASE)


class Forged(Exception):
    """It looks like one of ours, and its hash is not."""


def leave_token(delivery_id: int) -> str:
    """Whoever has it may leave, whatever the address is now. It never ends."""
    return tokens.make("newsletter.leave", delivery_id)


def message_id(delivery_id: int) -> str:
    """Always the same for the same delivery, so that a copy sent twice can be told."""
    return f"<d.{delivery_id}.{_mac('message', delivery_id, settings.LINK_KEY)}@{urlsplit(settings.SITE_URL).hostname}>"


def envelope_sender(delivery_id: int) -> str:
    """Where bounces of this mail go; '' where NEWSLETTER_BOUNCE_DOMAIN is not set."""
    domain = settings.NEWSLETTER_BOUNCE_DOMAIN
    return f"b+{delivery_id}.{_mac('sender', delivery_id, settings.LINK_KEY)}@{domain}" if domain else ""


def of_message_id(text: str) -> int | None:
    """The delivery whose Message-ID `text` is, or None. Raises `Forged`."""
    return _read("message", _MESSAGE_ID.fullmatch(text.strip()))


def of_envelope_sender(text: str) -> int | None:
    """The delivery whose envelope sender `text` is, or None. Raises `Forged`."""
    return _read("sender", _SENDER.fullmatch(text.strip()))


def _read(purpose: str, found: re.Match[str] | None) -> int | None:
    if found is None:
        return None
    number, mac = int(found[1]), found[2].lower()
    keys = (settings.LINK_KEY, *settings.LINK_KEY_FALLBACKS)
    if not any(hmac.compare_digest(mac, _mac(purpose, number, key)) for key in keys):
        raise Forged
    return number


def _mac(purpose: str, number: int, key: str) -> str:
    return hmac.new(key.encode(), f"newsletter {purpose}\n{number}".encode(), hashlib.sha256).hexdigest()[:20]
