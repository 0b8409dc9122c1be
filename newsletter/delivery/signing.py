"""DKIM (RFC 6376) by us, where a key is configured; else the relay signs. What cannot be signed does not leave.

Dkimpy reads and puts together the header fields as whoever verifies does; OpenSSL signs, for dkimpy's own arithmetic takes
twenty times as long (docs/decisions/newsletter.md).
"""

import hashlib
import logging
import time
from base64 import b64encode
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.utils.translation import gettext_noop

logger = logging.getLogger("newsletter.delivery")

# What may neither be changed nor be added by whoever has the mail later: each is named twice, and the second time stands for
# "there is no other one" (RFC 6376, 8.15). Both List-Unsubscribe fields must be among them (RFC 8058, 4).
FIELDS = (
    *(b"from", b"to", b"subject", b"date", b"message-id", b"reply-to", b"mime-version", b"content-type"),
    *(b"list-id", b"list-unsubscribe", b"list-unsubscribe-post", b"feedback-id"),
)
SIGNED = [name for name in FIELDS for _twice in range(2)]
NAMES = ":\r\n ".join(f"{name.decode()}:{name.decode()}" for name in FIELDS)

# Relays fold header fields anew: relaxed. They have no reason to touch our bodies – quoted-printable, lines of 76 signs, no
# blank at any end –, so those are signed as they are: to make 30 kB "relaxed" takes four times as long as all the rest.
CANONICAL = b"relaxed/simple"

LEAST_BITS = 1024  # with fewer a signature counts as none (RFC 8301, 3.2)

# Kept at the issue that rests, and shown in the language of whoever reads why.
MISSING = gettext_noop(
    "NEWSLETTER_DKIM_KEY names a file that is not there. Put the key there, or take the setting away where the relay signs."
)
UNREADABLE = gettext_noop("The worker cannot read the file that NEWSLETTER_DKIM_KEY names. Allow it to.")
NO_KEY = gettext_noop(
    "The file that NEWSLETTER_DKIM_KEY names holds no private RSA key as PEM without a password. Put one there."
)
TOO_SHORT = gettext_noop(
    "The key that NEWSLETTER_DKIM_KEY names is shorter than 1024 bits, and no mailbox accepts it. Make one of 2048 bits, and"
    " put its public half into the DNS."
)
FAILED = gettext_noop(
    "The mails could not be signed with the key that NEWSLETTER_DKIM_KEY names; the worker's log says why."
)


class CannotSign(Exception):
    """Nothing may leave; says what to do."""


class Signer:
    """Signs mails with the key of the settings, which is read once. Raises `CannotSign`."""

    def __init__(self) -> None:
        import dkim  # brings a resolver along, which costs a worker that does not sign a third of a second

        self.dkim, self.canonical = dkim, dkim.CanonicalizationPolicy.from_c_value(CANONICAL)
        self.key = _key(Path(settings.NEWSLETTER_DKIM_KEY))

    def signed(self, content: bytes, domain: str) -> bytes:
        """`content`, as DATA wants it, behind a signature of `domain`. Raises `CannotSign`."""
        try:
            return self._signature(content, domain) + content
        except Exception as error:
            logger.exception("A mail of the newsletter cannot be signed.")
            raise CannotSign(FAILED) from error

    def _signature(self, content: bytes, domain: str) -> bytes:
        head, _, body = content.partition(b"\r\n\r\n")
        body = (b"\r\n" + body).replace(b"\r\n..", b"\r\n.")[2:]  # as it arrives: dots are doubled on the way only
        digest = b64encode(hashlib.sha256(self.canonical.canonicalize_body(body)).digest()).decode()
        value = (
            f" v=1; a=rsa-sha256; c={CANONICAL.decode()}; d={domain};\r\n"
            f" s={settings.NEWSLETTER_DKIM_SELECTOR}; t={int(time.time())};\r\n"
            f" h={NAMES};\r\n bh={digest};\r\n b="
        )
        hashed = hashlib.sha256()
        fields, _body = self.dkim.rfc822_parse(head + b"\r\n\r\n")
        fields = self.canonical.canonicalize_headers(fields)
        self.dkim.hash_headers(hashed, self.canonical, fields, SIGNED, (b"DKIM-Signature", value.encode()), {})
        signature = b64encode(self.key.sign(hashed.digest(), PKCS1v15(), Prehashed(SHA256()))).decode()
        lines = [signature[start : start + 72] for start in range(0, len(signature), 72)]
        return f"DKIM-Signature:{value}{(chr(13) + chr(10) + ' ').join(lines)}\r\n".encode()


def _key(path: Path) -> RSAPrivateKey:
    try:
        pem = path.read_bytes()
    except FileNotFoundError as error:
        raise CannotSign(MISSING) from error
    except OSError as error:
        raise CannotSign(UNREADABLE) from error
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CannotSign(NO_KEY) from None  # whatever it says may quote what stands in the file
    if not isinstance(key, RSAPrivateKey):
        raise CannotSign(NO_KEY)
    if key.key_size < LEAST_BITS:
        raise CannotSign(TOO_SHORT)
    return key
