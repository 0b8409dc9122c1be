"""What stands in a DKIM or DMARC record, and the record of a key of ours. Nothing is asked here."""

import base64
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
)
from publicsuffixlist import PublicSuffixList

TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*([^;]*?)\s*")
POLICIES = {"none", "quarantine", "reject"}
LEAST_BITS, GOOD_BITS = 1024, 2048


class NoRecord(Exception):
    """It cannot be read as what it should be."""


def tags(text: str) -> dict[str, str]:
    """The tags of `text`. Raises `NoRecord`."""
    found: dict[str, str] = {}
    for part in text.rstrip("; \t").split(";"):
        tag = TAG.fullmatch(part)
        if tag is None or tag[1].lower() in found:
            raise NoRecord
        found[tag[1].lower()] = tag[2]
    return found


# --- DKIM (RFC 6376, 3.6.1) --------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """A public key as the DNS has it."""

    revoked: bool = False
    testing: bool = False
    bits: int = 0  # of an RSA key; 0: of another kind, which has one length
    numbers: tuple[int, int] | None = None


def key(text: str) -> Key:
    """The key of a DKIM record. Raises `NoRecord`."""
    found = tags(text)
    if "p" not in found or found.get("v", "DKIM1") != "DKIM1":
        raise NoRecord
    if "sha256" not in found.get("h", "sha256").lower().split(":"):
        raise NoRecord
    if not {"*", "email"} & {each.strip() for each in found.get("s", "*").lower().split(":")}:
        raise NoRecord
    testing = "y" in [flag.strip() for flag in found.get("t", "").lower().split(":")]
    encoded = re.sub(r"\s+", "", found["p"])
    if not encoded:
        return Key(revoked=True, testing=testing)
    kind = found.get("k", "rsa").lower()
    try:
        content = base64.b64decode(encoded, validate=True)
        if kind == "ed25519" and len(content) == 32:
            return Key(testing=testing)
        read = load_der_public_key(content)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise NoRecord from error
    if kind != "rsa" or not isinstance(read, RSAPublicKey):
        raise NoRecord
    numbers = read.public_numbers()
    return Key(testing=testing, bits=read.key_size, numbers=(numbers.n, numbers.e))


def is_key(text: str) -> bool:
    """Whether `text` means to be a DKIM record, also where it is a broken one."""
    return bool(re.match(r"\s*v\s*=\s*DKIM", text, re.IGNORECASE) or re.search(r"(?:^|;)\s*p\s*=", text))


def own_key(path: str) -> tuple[tuple[int, int], str]:
    """Of the key with which we sign: its public numbers, and the record to publish. Raises `ValueError`, `OSError`."""
    try:
        private = load_pem_private_key(Path(path).read_bytes(), password=None)
    except (TypeError, UnsupportedAlgorithm) as error:  # it has a password, or is of a kind nobody knows
        raise ValueError(str(error)) from error
    if not isinstance(private, RSAPrivateKey):
        raise ValueError("It is no RSA key.")
    public = private.public_key()
    content = base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    numbers = public.public_numbers()
    return (numbers.n, numbers.e), f"v=DKIM1; k=rsa; p={content}"


# --- DMARC (RFC 7489, 6.3; RFC 9989) -----------------------------------------------------------


@dataclass(frozen=True)
class Dmarc:
    """What receivers do with a mail that is not shown to be ours, and how exactly the domains must agree."""

    policy: str
    strict_spf: bool
    strict_dkim: bool


def is_dmarc(text: str) -> bool:
    """Whether `text` means to be a DMARC record, also where it is a broken one."""
    return bool(re.match(r"\s*v\s*=\s*DMARC1", text, re.IGNORECASE))


def dmarc(text: str) -> Dmarc:
    """What a DMARC record says. Raises `NoRecord`."""
    found = tags(text)
    if not re.match(r"v\s*=\s*DMARC1\s*(?:;|$)", text):
        raise NoRecord
    policy = found.get("p", "none" if found.get("rua") else "").lower()
    strict = [found.get(name, "r").lower() for name in ("aspf", "adkim")]
    if policy not in POLICIES or found.get("sp", "none").lower() not in POLICIES or {*strict} - {"r", "s"}:
        raise NoRecord
    return Dmarc(policy, strict_spf=strict[0] == "s", strict_dkim=strict[1] == "s")


# --- Domains -----------------------------------------------------------------------------------


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def organisation(domain: str) -> str:
    """The domain that was registered, of which `domain` is a part; itself where nobody can register it."""
    return _suffixes().privatesuffix(domain) or domain
