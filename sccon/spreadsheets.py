"""Lists as spreadsheet programs save them: CSV in any of Excel's encodings and separators, or pasted cells; and back.

One reader for every import. It reads what is there row by row; what a row means, and whether it is right, the import
judges. So one bad row never costs the list. One writer for every export: no cell of it is a formula.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import get_language
from django.utils.translation import gettext as _

SEPARATORS = "\t;,|"
# Excel may say in the first line what it separates by; it does not count that as a row.
SAID = re.compile(r'"?sep=(?P<sign>[^\r\n"])"?[\t;,| ]*(\r\n|\r|\n|\Z)', re.IGNORECASE)
SAMPLE = 1000  # rows by which the separator is found
# Programs compute a cell that begins so; behind an apostrophe they show it as it stands.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
DISARMED = re.compile("^'(?=[=+@-])")
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
    """The rows of `text` that are not empty, one by one: a list of a hundred thousand is never all in hand.

    The separator is what the text says itself, else the one by which most of its first rows fit: `fits` tells whether
    cells look like a row of this list. Of several the one wins that gives most rows just so many `columns`.
    """
    text = text.lstrip("\ufeff").replace("\0", "")
    if said := SAID.match(text):
        found = _split(text, said["sign"], said.end())
    else:

        def merit(separator: str) -> tuple[int, int]:
            some = list(islice(_split(text, separator), SAMPLE))
            return sum(map(fits, some)), sum(len(cells) == columns for cells in some)

        found = _split(text, max(SEPARATORS, key=merit))
    return (Row(number, cells) for number, cells in enumerate(found, start=1) if cells)


def _split(text: str, separator: str, place: int = 0) -> Iterator[tuple[str, ...]]:
    """Each row's cells from `place` on, without empty ones at its end.

    Not by `csv`, for which one quotation mark too many makes the rest of the list one cell.
    """
    sign = re.escape(separator)
    end = rf"(?P<end>{sign}|\r\n|\r|\n|\Z)"
    quoted = re.compile(rf'[ \u00a0]*+"(?P<cell>(?:[^"]++|"")*+)"[ \u00a0]*+{end}')
    plain = re.compile(rf"(?P<cell>[^{sign}\r\n]*+){end}")
    cells: list[str] = []
    while place < len(text) or cells:
        match = quoted.match(text, place)
        if match and match["cell"].count("\n") <= MOST_BREAKS:
            value = match["cell"].replace('""', '"')
        else:
            match = plain.match(text, place)
            assert match  # noqa: S101 – it matches anything
            value = match["cell"]
        cells.append(DISARMED.sub("", re.sub(r"\s*[\r\n]\s*", " ", value).strip()))
        place = match.end()
        if match["end"] != separator:
            while cells and not cells[-1]:
                cells.pop()
            yield tuple(cells)
            cells = []


# --- Writing -----------------------------------------------------------------------------------


class _Line:
    """What `csv` writes to: it hands back the line."""

    def write(self, line: str) -> str:
        return line


def written(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The lines of a CSV file that Excel opens by a double click: with a mark of its encoding, and the separator of the
    country whose language is active."""
    writer = csv.writer(_Line(), delimiter=";" if get_language() == "de" else ",")
    yield "\ufeff"
    for cells in rows:
        yield writer.writerow([harmless(cell) for cell in cells])


def harmless(cell: str) -> str:
    """`cell`, shown and not computed. `rows` reads it back as it was."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
