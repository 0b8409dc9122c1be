"""Lists as spreadsheet programs save them: CSV in any of Excel's encodings and separators, or pasted cells.

One reader for every import. It reads what is there row by row; what a row means, and whether it is right, the import
judges. So one bad row never costs the list.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

SEPARATORS = "\t;,|"
# Excel may say in the first line what it separates by; it does not count that as a row.
SAID = re.compile(r'"?sep=(?P<sign>[^\r\n"])"?[\t;,| ]*(\r\n|\r|\n|\Z)', re.IGNORECASE)
MOST_BREAKS = 20  # lines within one cell; a quotation mark that is closed later than that opens no cell
WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .ods, .xls
MARKED = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe\0\0": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# Windows, then Excel's "MS-DOS" and "Macintosh". They differ in what stands for a letter inside a word; a dash or an
# apostrophe inside a word speaks for Windows, where the others have letters.
OLD = ("cp1252", "cp850", "mac_roman")
INSIDE_WORDS = re.compile("(?<=[A-Za-z])[äöüÄÖÜßéèêëáàâíîïóôúûñç’–](?=[a-z])")


class NoList(Exception):
    """The file is no list; the message says why, in the user's language."""


@dataclass(frozen=True)
class Row:
    """The cells of a row, without what surrounds them; `number` as the program counts rows."""

    number: int
    cells: tuple[str, ...]


def decoded(data: bytes) -> str:
    """The text of a file, whatever encoding it was saved in. Raises `NoList` for a workbook, which is no text."""
    if data.startswith(WORKBOOK):
        raise NoList(_("This is a workbook. Please save the sheet as CSV, or paste its cells."))
    for mark, encoding in MARKED.items():
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if (zeros := data.count(0)) > len(data) // 8:  # UTF-16 without its mark: Latin letters have a zero beside them
        return data.decode("utf-16-be" if 2 * data[::2].count(0) > zeros else "utf-16-le", errors="replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        read = [data.decode(encoding, errors="replace") for encoding in OLD]
        return max(read, key=lambda text: len(INSIDE_WORDS.findall(text)))  # the first of those that are alike


def rows(text: str, *, fits: Callable[[tuple[str, ...]], bool], columns: int = 2) -> Iterator[Row]:
    """The rows of `text` that are not empty.

    The separator is what the text says itself, else the one by which most rows fit: `fits` tells whether cells look
    like a row of this list. Of several the one wins that gives most rows just so many `columns`.
    """
    text = text.lstrip("\ufeff").replace("\0", "")
    if said := SAID.match(text):
        best = _split(text[said.end() :], said["sign"])
    else:

        def merit(found: list[tuple[str, ...]]) -> tuple[int, int]:
            return sum(map(fits, found)), sum(len(cells) == columns for cells in found)

        best = max((_split(text, separator) for separator in SEPARATORS), key=merit)
    return (Row(number, cells) for number, cells in enumerate(best, start=1) if cells)


def _split(text: str, separator: str) -> list[tuple[str, ...]]:
    """Each row's cells, without empty ones at its end.

    Not by `csv`, for which one quotation mark too many makes the rest of the list one cell.
    """
    sign = re.escape(separator)
    end = rf"(?P<end>{sign}|\r\n|\r|\n|\Z)"
    quoted = re.compile(rf'[ \u00a0]*+"(?P<cell>(?:[^"]++|"")*+)"[ \u00a0]*+{end}')
    plain = re.compile(rf"(?P<cell>[^{sign}\r\n]*+){end}")
    found: list[tuple[str, ...]] = []
    cells: list[str] = []
    place = 0
    while place < len(text) or cells:
        match = quoted.match(text, place)
        if match and match["cell"].count("\n") <= MOST_BREAKS:
            value = match["cell"].replace('""', '"')
        else:
            match = plain.match(text, place)
            assert match  # noqa: S101 – it matches anything
            value = match["cell"]
        cells.append(re.sub(r"\s*[\r\n]\s*", " ", value).strip())
        place = match.end()
        if match["end"] != separator:
            while cells and not cells[-1]:
                cells.pop()
            found.append(tuple(cells))
            cells = []
    return found
