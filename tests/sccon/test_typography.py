from hypothesis import given
from hypothesis import strategies as st

from sccon.typography import DASH, SHY, soft_hyphens


def shown(text: str) -> str:
    return soft_hyphens(text).replace(SHY, "|")


def test_long_compounds_break_where_their_parts_meet():
    assert shown("Digitalministerkonferenz") == "Digitalminister|konferenz"
    assert shown("Verwaltungsdigitalisierung") == "Verwaltungs|digitalisierung"
    assert shown("Registermodernisierung") == "Register|modernisierung"
    assert shown("Digitalministerinnen") == "Digital|ministerinnen"


def test_short_words_and_unknown_ones_stay_whole():
    assert shown("Berlin tagt im Kongress") == "Berlin tagt im Kongress"
    assert shown("Donaudampfschifffahrt") == "Donaudampfschifffahrt"


def test_no_line_begins_with_a_dash():
    assert soft_hyphens("Zwei Jahre – eine Bilanz") == f"Zwei Jahre{DASH}eine Bilanz"


@given(st.text())
def test_nothing_but_hyphens_and_dashes_changes(text: str):
    plain = text.replace(" – ", DASH)
    assert soft_hyphens(text).replace(SHY, "") == plain.replace(SHY, "")
