"""Codes that only we can make."""

import base64
import re
import secrets
import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tickets.admission import codes


def test_an_invented_or_changed_code_is_noticed():
    code = codes.new_ticket_code(event=1, product=2)
    changed = ("B" if code[20] == "A" else "A").join((code[:20], code[21:]))
    for wrong in (changed, code[:-8], "", "HALLO", "ü" * 40):
        with pytest.raises(codes.Forged):
            codes.read(wrong)
    with pytest.raises(codes.Forged):
        codes.read(code, public_key=bytes(32))


def first_format(key: str, *, event: int = 1, product: int = 2, number: int = 3) -> str:
    """A code as it was made before codes named their key."""
    facts = struct.pack(">BIIQ", 1, event, product, number)
    signed = facts + Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key)).sign(facts)
    return base64.b32encode(signed).decode().rstrip("=")


def test_a_code_holds_no_letter_that_scanners_or_people_mistake():
    for _ in range(50):
        code = codes.new_ticket_code(event=4_000_000_000, product=4_000_000_000)
        assert re.fullmatch(r"0[0-9A-HJ-NP-X]{132}", code)
        assert codes.read(f" {code.lower()} ").product == 4_000_000_000


def test_codes_of_a_former_key_are_valid_as_long_as_it_is_kept(settings):
    former, older = settings.TICKET_KEY, secrets.token_hex(32)
    sold, first, oldest = codes.new_ticket_code(event=1, product=2), first_format(former), first_format(older)
    settings.TICKET_KEY, settings.TICKET_KEY_FALLBACKS = secrets.token_hex(32), [former, older]
    assert codes.read(sold).product == codes.read(codes.new_ticket_code(event=1, product=2)).product == 2
    assert codes.read(first) == codes.read(oldest) == codes.Ticket(event=1, product=2, number=3)
    assert codes.read(first, codes.public_keys()[1]).number == 3
    settings.TICKET_KEY_FALLBACKS = []
    for code in (sold, first, oldest):
        with pytest.raises(codes.Forged):
            codes.read(code)
        assert codes.content(code).product == 2


def test_a_code_that_names_another_key_is_forged(settings):
    code = codes.new_ticket_code(event=1, product=2)
    assert codes.read(code)
    for wrong in (code.replace("0", "1", 1), first_format(secrets.token_hex(32)), code[:3] + "X" + code[4:]):
        with pytest.raises(codes.Forged):
            codes.read(wrong)
