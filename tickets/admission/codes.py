"""Identifiers of orders and tickets: codes to read out, secrets for addresses, and the signed code in the QR.

The QR holds `ticket_code`: a few facts and an Ed25519 signature, so that a scanner can tell a real ticket from an
invented one with the public key alone, without a network. Whether it was cancelled since, only the database knows.
The characters are those a QR code stores densest (digits and capitals), but for Y and Z, which hand scanners that type
like a keyboard swap where its layout is another one, and for I and O, which people take for 1 and 0.

A code names the key that signed it, so that codes of a former key are read as long as it stands in
TICKET_KEY_FALLBACKS. Codes of the first format, which named none, are read too: they begin with A, the others with 0.
"""

import base64
import binascii
import hashlib
import secrets
import struct
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

# Without characters that look or sound alike, and without vowels, so that no word comes out.
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ3479"
CODE_LENGTH = 6

_FACTS = struct.Struct(">BHIIQ")  # version, key, event, product, number
_FIRST_FACTS = struct.Struct(">BIIQ")  # version, event, product, number
_VERSION, _FIRST_VERSION = 2, 1
_SIGNATURE = 64  # bytes
_LETTERS = "0123456789ABCDEFGHJKLMNPQRSTUVWX"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_TO_LETTERS, _FROM_LETTERS = str.maketrans(_BASE32, _LETTERS), str.maketrans(_LETTERS, _BASE32)
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
    private, public = _pair(settings.TICKET_KEY)
    facts = _FACTS.pack(_VERSION, key_id(public), event, product, secrets.randbits(_NUMBER_BITS))
    return base64.b32encode(facts + private.sign(facts)).decode().rstrip("=").translate(_TO_LETTERS)


def read(code: str, public_key: bytes | None = None) -> Ticket:
    """The content of a code signed with `public_key` (default: with one of ours). Raises `Forged` for all others."""
    ticket, key, facts, signature = _taken_apart(code)
    for known in [public_key] if public_key else public_keys():
        if key in {None, key_id(known)}:
            with suppress(InvalidSignature, ValueError):
                _public_key(known).verify(signature, facts)
                return ticket
    raise Forged


def content(code: str) -> Ticket:
    """What stands in a code of our own database, whichever key signed it: nothing is verified."""
    return _taken_apart(code)[0]


def _taken_apart(code: str) -> tuple[Ticket, int | None, bytes, bytes]:
    """Content, id of the key (None in the first format), signed bytes and signature. Raises `Forged` for other texts."""
    code = code.strip().upper()
    if not code.startswith("A"):
        code = code.translate({**dict.fromkeys(map(ord, "IOYZ"), "!"), **_FROM_LETTERS})
    try:
        signed = base64.b32decode(code + "=" * (-len(code) % 8))
        facts, signature = signed[:-_SIGNATURE], signed[-_SIGNATURE:]
        if len(facts) == _FIRST_FACTS.size:
            key: int | None = None
            version, event, product, number = _FIRST_FACTS.unpack(facts)
            right = version == _FIRST_VERSION
        else:
            version, key, event, product, number = _FACTS.unpack(facts)
            right = version == _VERSION
    except (binascii.Error, struct.error, ValueError) as error:
        raise Forged from error
    if not right:
        raise Forged
    return Ticket(event, product, number), key, facts, signature


def public_keys() -> list[bytes]:
    """The public keys with which a scanner verifies tickets: of the key that signs now, and of its predecessors."""
    return [_pair(key)[1] for key in (settings.TICKET_KEY, *settings.TICKET_KEY_FALLBACKS)]


def key_id(public_key: bytes) -> int:
    """The two bytes by which a code names the key that signed it."""
    return int.from_bytes(hashlib.sha256(public_key).digest()[:2])


@cache
def _pair(hexadecimal: str) -> tuple[Ed25519PrivateKey, bytes]:
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(hexadecimal))
    return private, private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


@cache
def _public_key(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)
