"""Codes that only we can make."""

import pytest

from tickets.admission import codes


def test_an_invented_or_changed_code_is_noticed():
    code = codes.new_ticket_code(event=1, product=2)
    changed = ("B" if code[8] == "A" else "A").join((code[:8], code[9:]))
    for wrong in (changed, code[:-8], "", "HALLO", "ü" * 40):
        with pytest.raises(codes.Forged):
            codes.read(wrong)
    with pytest.raises(codes.Forged):
        codes.read(code, public_key=bytes(32))
