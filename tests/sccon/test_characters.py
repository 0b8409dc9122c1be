"""What nobody sees is taken out of plain text, and what somebody sees stays."""

import unicodedata

import pytest
from hypothesis import given

from sccon.characters import lines, one_line
from tests.odd_text import ODD, is_clean


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("Daten\u00adschutz\u200b im Amt \u202eegal\u202c", "Datenschutz im Amt egal"),
        ("Erste Zeile\r\nZweite Zeile", "Erste Zeile Zweite Zeile"),
        ("U\u0308berblick u\u0308ber Bu\u0308rgera\u0308mter", "Überblick über Bürgerämter"),
        ("\u202egnuN annA", "gnuN annA"),
        ("u\u200b\u0308ber", "über"),
        ("  \u3000Amt\t\u2003 \u200b Nord\x85Süd\u2029", "Amt Nord Süd"),
        ("Amt\x0bNord\x1cSüd\0", "Amt Nord Süd"),
        ("a\ufe01\ufe02b\U000e0041\U000e0042", "ab"),
        ("\u0301 \u0308Amt \u20e3", "Amt"),
        ("⠓⠊\u2800\u2800⠉⠕", "⠓⠊ ⠉⠕"),
        ("Amt\u2066Nord\u2069 \u061cx\ufeff\ufff9", "AmtNord x"),
        *((unseen, "") for unseen in ("\u200b", "\u3164", "\u2800", "\u2060", "\u00ad", "\uffa0", "\u115f", "\u034f")),
        *(
            (unseen, "")
            for unseen in ("\ufe0f", "\u200d", "\u0301", "\x00", "\ufffe", "\u180e", "\u00a0", "\U000e0020")
        ),
    ],
)
def test_what_nobody_sees_goes(typed: str, clean: str):
    assert one_line(typed) == clean


@pytest.mark.parametrize(
    "text",
    [
        "10\u202f% von 25\u00a0m²",
        "O’Neill – „Ja“ … E\u2011Akte → Stufe 2",
        "👩🏽\u200d💻 ❤️ 1️⃣ 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f 🇩🇪",
        "محمد عبد الله",
        "علی\u200cرضا",
        "क्\u200dष नमस्ते",
        "נ. לוי",
        "葛\U000e0100城 田中",
        "Nguyễn Văn Ạ̈",
        "Đặng Straße Žižek",
    ],
)
def test_what_somebody_sees_stays(text: str):
    assert one_line(text) == unicodedata.normalize("NFC", text)


@given(ODD)
def test_one_line_is_one_line_whatever_was_pasted(typed: str):
    clean = one_line(typed)
    assert is_clean(clean), ascii(clean)
    assert one_line(clean) == clean


@given(ODD)
def test_lines_are_lines(typed: str):
    clean = lines(typed)
    assert all(is_clean(line) for line in clean.split("\n"))
    assert "\n\n\n" not in clean
    assert lines(clean) == clean
