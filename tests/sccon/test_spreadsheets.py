"""Lists are read as spreadsheet programs save them, and one bad row never costs the list."""

import tracemalloc
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from sccon.spreadsheets import SEPARATORS, NoList, decoded, harmless, rows, written

TABLE = [("Straße", "Größe"), ("Grünweg", "1"), ("Ähre", "Müller–Lüdenscheidt")]
AS_CSV = "\r\n".join(";".join(cells) for cells in TABLE) + "\r\n"


def read(text: str, **options) -> list[tuple[str, ...]]:
    return [row.cells for row in rows(text, **{"fits": lambda cells: len(cells) > 1, **options})]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "cp850", "mac_roman"],
)
def test_a_list_is_read_in_each_of_excels_encodings(encoding: str):
    text = AS_CSV.replace("–", "-") if encoding == "cp850" else AS_CSV
    assert decoded(text.encode(encoding)).lstrip("\ufeff") == text


def test_utf_16_is_told_by_its_mark_in_either_order():
    assert decoded(b"\xfe\xff" + AS_CSV.encode("utf-16-be")) == AS_CSV
    assert decoded(b"\xff\xfe" + AS_CSV.encode("utf-16-le")) == AS_CSV


def test_unicode_text_of_excel_is_read():
    text = decoded((Path(__file__).parent / "lists/excel-unicode.csv").read_bytes())
    assert read(text) == [("Straße", "Nr"), ("Grünweg", "1")]


def test_quotation_marks_and_dashes_of_windows_are_no_letters_of_other_systems():
    text = "„Zitat“ – so; it’s Berlin–Brandenburg, Márquez, straße"
    assert decoded(text.encode("cp1252")) == text


@pytest.mark.parametrize("head", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0"])
def test_a_workbook_is_no_text(head: bytes):
    with pytest.raises(NoList):
        decoded(head + b"...")


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("a;b\r\nc;d\r\n", [("a", "b"), ("c", "d")]),
        ("a\tb\rc\td\r", [("a", "b"), ("c", "d")]),
        ("a,b\nc,d", [("a", "b"), ("c", "d")]),
        ("a|b", [("a", "b")]),
        ("\ufeffa;b", [("a", "b")]),
        # A separator of another kind, inside the first cells.
        ("/x;s=1,/y\n/z,/y\n", [("/x;s=1", "/y"), ("/z", "/y")]),
        ('"a;b",c\n"d",e\n', [("a;b", "c"), ("d", "e")]),
        ("Wert, alt;Wert, neu\n1,5;2,5\n", [("Wert, alt", "Wert, neu"), ("1,5", "2,5")]),
        # Line breaks inside cells.
        ('"Alte\nAdresse";"Neue\r\nAdresse"\na;b', [("Alte Adresse", "Neue Adresse"), ("a", "b")]),
        ('"sagt ""ja""";b', [('sagt "ja"', "b")]),
        # What the file says of itself.
        ("sep=;\r\na;b,c\r\n", [("a", "b,c")]),
        ('"sep=,"\na;b,c\n', [("a;b", "c")]),
        ("SEP=^\na^b\n", [("a", "b")]),
        ("sep=\t\na\tb", [("a", "b")]),
        # Columns that were formatted and stayed empty.
        ("a;b;;;\nc;d;;;\n;;;;\n", [("a", "b"), ("c", "d")]),
        ("a; b \n\n \nc;\u00a0d", [("a", "b"), ("c", "d")]),
        # One bad row.
        ('a;b\n"offen;c\nd;e\n"f";"g"', [("a", "b"), ('"offen', "c"), ("d", "e"), ("f", "g")]),
        ('a;b\n5" lang;c\n"d" e;f', [("a", "b"), ('5" lang', "c"), ('"d" e', "f")]),
        ('a;b\nallein\n"zu" viel";c\nd;e', [("a", "b"), ("allein",), ('"zu" viel"', "c"), ("d", "e")]),
        ("a;b\nc\0;d\x85", [("a", "b"), ("c", "d")]),
    ],
)
def test_each_row_is_read(text: str, cells: list[tuple[str, ...]]):
    assert read(text) == cells


def test_the_separator_is_the_one_by_which_rows_are_what_the_list_is_of():
    text = "/x;jsessionid=1,/de/\n/y;jsessionid=2,/de/\n"
    assert read(text, fits=lambda cells: all(cell.startswith("/") for cell in cells)) == [
        ("/x;jsessionid=1", "/de/"),
        ("/y;jsessionid=2", "/de/"),
    ]


def test_rows_are_numbered_as_the_program_numbers_them():
    text = 'sep=;\nKopf;Zeile\n\n"in zwei\nZeilen";b\nc;d'
    assert [row.number for row in rows(text, fits=bool)] == [1, 3, 4]


def test_a_mark_without_its_fellow_costs_no_time():
    assert len(read('"a;b\n' * 20_000)) == 20_000
    assert len(read('"a' + ";b\n" * 20_000)) == 20_000


plain = st.text(st.sampled_from("aäß€ 1./\t;,|=\u200b😀"), min_size=1).filter(lambda cell: cell == cell.strip())


@given(st.lists(st.tuples(plain, plain), min_size=1), st.sampled_from(SEPARATORS))
def test_what_a_program_quotes_is_what_we_read(table: list[tuple[str, str]], separator: str):
    text = "\r\n".join(separator.join(f'"{cell}"' for cell in cells) for cells in table)
    assert read(f"sep={separator}\r\n{text}") == table


# --- Writing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["=1+1", "+49 30", "-jana@example.org", "@SUM(A1)", '=HYPERLINK("http://x";"y")'])
def test_no_cell_is_a_formula_and_each_is_read_back_as_it_was(cell: str):
    text = "".join(written([["Name", "Wert"], ["x", cell]]))
    assert "'" + cell.replace('"', '""') in text
    assert read(text)[1] == ("x", cell)


@pytest.mark.parametrize("sign", "=+-@\t\r\n")
def test_what_a_program_would_compute_stands_behind_an_apostrophe(sign: str):
    assert harmless(f"{sign}1") == f"'{sign}1"
    assert harmless(f"1{sign}") == f"1{sign}"


@pytest.mark.parametrize(("language", "line"), [("de", "a;b\r\n"), ("en", "a,b\r\n")])
def test_a_written_list_has_its_countrys_separator_and_says_its_encoding(language: str, line: str):
    with translation.override(language):
        assert "".join(written([["a", "b"]])).encode() == b"\xef\xbb\xbf" + line.encode()


def test_a_long_list_is_read_as_far_as_it_is_asked_for():
    lines = rows("a;b\n" * 100_000, fits=lambda cells: len(cells) > 1)
    tracemalloc.start()
    assert sum(1 for _row in lines) == 100_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000
