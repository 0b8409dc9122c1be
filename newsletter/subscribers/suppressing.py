"""The addresses that must not be mailed: only keyed hashes of them are kept, so that nobody can read the list.

SUPPRESSION_KEY hashes new ones; what a predecessor in SUPPRESSION_KEY_FALLBACKS hashed is found, too.
"""

import hashlib
import hmac

from django.conf import settings
from django.db.models import QuerySet

from newsletter.models import Suppression


def suppress(email: str, reason: Suppression.Reason) -> None:
    """Remembers that `email` must not be mailed. A complaint weighs more than a deletion and is not overwritten."""
    key, before = settings.SUPPRESSION_KEY, of(email)
    if before.filter(reason=Suppression.Reason.COMPLAINED).exists():
        reason = Suppression.Reason.COMPLAINED
    before.delete()
    Suppression.objects.create(email_hash=email_hash(email, key), key_id=key_id(key), reason=reason)


def of(email: str) -> QuerySet[Suppression]:
    """What is remembered of `email`, whichever of our keys hashed it."""
    keys = (settings.SUPPRESSION_KEY, *settings.SUPPRESSION_KEY_FALLBACKS)
    return Suppression.objects.filter(email_hash__in=[email_hash(email, key) for key in keys])


def email_hash(email: str, key: str) -> bytes:
    """The keyed hash of an address (HMAC): it cannot be made without the address and the key."""
    return hmac.new(key.encode(), f"suppression\n{email.lower()}".encode(), hashlib.sha256).digest()


def key_id(key: str) -> str:
    """Eight characters that name a key and do not tell it."""
    return hashlib.sha256(f"suppression key\n{key}".encode()).hexdigest()[:8]
