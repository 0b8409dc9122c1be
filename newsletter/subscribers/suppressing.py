"""The addresses that must not be mailed: only keyed hashes of them are kept, so that nobody can read the list.

SUPPRESSION_KEY hashes new ones; what a predecessor in SUPPRESSION_KEY_FALLBACKS hashed is found, too.
"""

import hashlib
import hmac
from collections.abc import Collection
from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from newsletter.models import Suppression
from sccon.mailboxes import mailbox

# So often at most is the owner of an erased address asked whether the newsletter shall come again.
ASK_EVERY = timedelta(days=30)


def suppress(email: str, reason: Suppression.Reason) -> None:
    """Remembers that `email` must not be mailed. A complaint weighs more than a deletion and is not overwritten."""
    key, before = settings.SUPPRESSION_KEY, of(email)
    if before.filter(reason=Suppression.Reason.COMPLAINED).exists():
        reason = Suppression.Reason.COMPLAINED
    before.delete()
    Suppression.objects.create(email_hash=email_hash(mailbox(email), key), key_id=key_id(key), reason=reason)


def of(email: str) -> QuerySet[Suppression]:
    """What is remembered of `email`, whichever of our keys hashed it."""
    keys = (settings.SUPPRESSION_KEY, *settings.SUPPRESSION_KEY_FALLBACKS)
    names = {email, mailbox(email)}  # until mailboxes were folded, the address itself was hashed
    return Suppression.objects.filter(email_hash__in=[email_hash(name, key) for key in keys for name in names])


def among(emails: Collection[str]) -> dict[str, str]:
    """Those of many addresses that are remembered, each with the reason; a complaint before a deletion."""
    keys = (settings.SUPPRESSION_KEY, *settings.SUPPRESSION_KEY_FALLBACKS)
    whose: dict[bytes, list[str]] = {}
    for email in emails:
        for name in {email, mailbox(email)}:
            for key in keys:
                whose.setdefault(email_hash(name, key), []).append(email)
    rows = Suppression.objects.filter(email_hash__in=list(whose)).order_by("-reason")  # "erased", then "complained"
    return {email: reason for made, reason in rows.values_list("email_hash", "reason") for email in whose[bytes(made)]}


def complained(email: str) -> bool:
    """Whether the owner of `email` complained: nothing is mailed but what an order needs."""
    return of(email).filter(reason=Suppression.Reason.COMPLAINED).exists()


def may_ask(suppressed: QuerySet[Suppression]) -> bool:
    """Whether the owner of an erased address may be asked now, which then counts as done."""
    due = suppressed.filter(Q(asked_at=None) | Q(asked_at__lt=Now() - ASK_EVERY), reason=Suppression.Reason.ERASED)
    return bool(due.update(asked_at=Now()))


def email_hash(email: str, key: str) -> bytes:
    """The keyed hash of an address (HMAC): it cannot be made without the address and the key."""
    return hmac.new(key.encode(), f"suppression\n{email.lower()}".encode(), hashlib.sha256).digest()


def key_id(key: str) -> str:
    """Eight characters that name a key and do not tell it."""
    return hashlib.sha256(f"suppression key\n{key}".encode()).hexdigest()[:8]
