"""Identifiers of orders and tickets: codes to read out, secrets for addresses, and the signed code in the QR.

The QR holds `ticket_code`: a few facts and an Ed25519 signature, so that a scanner can tell a real ticket from an
invented one with the public key alone, without a network. Whether it was cancelled since, only the database knows.
The characters are those a QR code stores densest (digits and capitals).
"""

import base64
import binascii
import secrets
import struct
from dataclasses import dataclass
from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

# Without characters that look or sound alike, and without vowels, so that no word comes out.
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ3479"
CODE_LENGTH = 6

VERSION = 1
_FACTS = struct.Struct(">BIIQ")  # version, event, product, number
_NUMBER_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's 32
_NUMBER_BITS = 60


class Forged(Exception):
    """The code was not signed by us, or was changed."""


@dataclass(frozen=True)
class Ticket:
    """The content of a ticket code."""

    event: int
    product: int
    number: int

    @property
    def readable(self) -> str:
        """The ticket's number as people read it out: A7Q4-9KXM-2TPL."""
        letters = "".join(_NUMBER_LETTERS[self.number >> shift & 31] for shift in range(_NUMBER_BITS - 5, -1, -5))
        return "-".join((letters[:4], letters[4:8], letters[8:]))


def new_order_code() -> str:
    """Six random characters; the database refuses duplicates."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def new_secret() -> str:
    """144 random bits for a URL."""
    return secrets.token_urlsafe(18)


def new_ticket_code(*, event: int, product: int) -> str:
    """A signed ticket code with a random number."""
    facts = _FACTS.pack(VERSION, event, product, secrets.randbits(_NUMBER_BITS))
    signed = facts + _private_key().sign(facts)
    return base64.b32encode(signed).decode().rstrip("=")


def read(code: str, public_key: bytes | None = None) -> Ticket:
    """Verifies the signature with `public_key` (default: ours) and returns the content. Raises `Forged`."""
    code = code.strip().upper()
    try:
        signed = base64.b32decode(code + "=" * (-len(code) % 8))
        facts, signature = signed[: _FACTS.size], signed[_FACTS.size :]
        version, event, product, number = _FACTS.unpack(facts)
        _public_key(public_key or public_key_bytes()).verify(signature, facts)
    except (binascii.Error, struct.error, InvalidSignature, ValueError) as error:
        raise Forged from error
    if version != VERSION:
        raise Forged
    return Ticket(event, product, number)


def public_key_bytes() -> bytes:
    """The public key with which a scanner verifies tickets."""
    return _private_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


@cache
def _private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(settings.TICKET_KEY))


@cache
def _public_key(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)
