"""What other programs put into HTML: nothing they hide, delete or comment comes through, nothing they show is lost."""

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sccon.elements import Element, grid, rows_of, tree
from sccon.html import sanitise
from sccon.links import link_address
from sccon.pasted import Marker, marker
from sccon.symbol_fonts import signs
from tests.pastes import FRAGMENTS, PIECES, clipboard, expected


@pytest.mark.parametrize("name", FRAGMENTS)
def test_what_a_program_puts_on_the_clipboard_is_cleaned_by_the_server_alone(name):
    clean = sanitise(clipboard(name))

    assert clean == expected(name)
    assert sanitise(clean) == clean


def test_the_collection_holds_every_program():
    programs = {name.partition("-")[0] for name in FRAGMENTS}
    assert programs >= {"word", "outlook", "libreoffice", "google", "pages", "web", "excel"}
    assert len(FRAGMENTS) >= 40


# --- What is seen stays, what is not does not appear --------------------------------------------


def words(html: str) -> str:
    return unescape(re.sub("<[^>]*>", " ", html))


@settings(max_examples=500, deadline=None)
@given(PIECES)
def test_what_is_seen_stays_and_what_is_not_does_not_appear(html):
    clean = sanitise(html)

    assert "secret" not in clean
    assert sorted(re.findall(r"seen\d+x", words(clean))) == sorted(re.findall(r"seen\d+x", html))
    assert sanitise(clean) == clean


# --- Tables -------------------------------------------------------------------------------------

CELLS = st.tuples(st.sampled_from(["td", "th"]), st.integers(1, 3), st.integers(1, 3))


def places(table: Element) -> dict[str, tuple[set[int], set[int]]]:
    """The rows and columns of each cell, as a browser sets them."""
    found: dict[str, tuple[set[int], set[int]]] = {}
    for (row, column), cell in grid(rows_of(table), 50).items():
        rows, columns = found.setdefault(cell.text, (set(), set()))
        rows.add(row)
        columns.add(column)
    return found


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=2, max_size=4))
def test_no_number_slides_under_another_heading(rows):
    number = iter(range(100))
    table = Element("table", {}, [])
    html = ""
    for row in rows:
        cells = [
            Element(tag, {"rowspan": str(high), "colspan": str(wide)}, [f"n{next(number)}"]) for tag, high, wide in row
        ]
        table.children.append(Element("tr", {}, list(cells)))
        spans = [
            f"<{c.tag} rowspan={c.number('rowspan')} colspan={c.number('colspan')}>{c.text}</{c.tag}>" for c in cells
        ]
        html += f"<tr>{''.join(spans)}</tr>"
    clean = sanitise(f"<table>{html}</table>")

    assert sanitise(clean) == clean
    if not clean.startswith("<table"):
        return  # one row or one column: it arranges something
    stored = next(node for node in tree(clean) if isinstance(node, Element))
    before, after = places(table), places(stored)
    for one, (lines, columns) in before.items():
        for other, (other_lines, other_columns) in before.items():
            assert bool(lines & other_lines) == bool(after[one][0] & after[other][0])
            assert bool(columns & other_columns) == bool(after[one][1] & after[other][1])


def test_an_empty_row_under_a_tall_cell_goes_without_moving_the_next():
    assert sanitise("<table><tr><th>a<th>b<tr><td rowspan=3>c<td>d<tr><td><tr><td>e</table>") == (
        '<table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>'
        '<tbody><tr><td rowspan="2">c</td><td>d</td></tr><tr><td>e</td></tr></tbody></table>'
    )


# --- Links --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_address", "leads_to"),
    [
        ("www.example.org", "https://www.example.org"),
        ("WWW.example.org/a b", "https://WWW.example.org/a%20b"),
        ("presse@example.org", "mailto:presse@example.org"),
        ("https://www.google.de/url?sa=t&url=https%3A%2F%2Fexample.org%2Fa&usg=x", "https://example.org/a"),
        (
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2F%3Fa%3D1%26fbclid%3Dx&h=y",
            "https://example.org/?a=1",
        ),
        ("https://www.youtube.com/redirect?event=x&q=https%3A%2F%2Fexample.org", "https://example.org"),
        (
            "https://deref-gmx.net/mail/client/x/dereferrer/?redirectUrl=https%3A%2F%2Fexample.org%2Fb",
            "https://example.org/b",
        ),
        ("https://example.org/?utm_source=a", "https://example.org/"),
        ("https://example.org/?a=1&utm_source=a&b=%C3%A4+c&gclid=2#teil", "https://example.org/?a=1&b=%C3%A4+c#teil"),
        ("/de/news/?utm_medium=x", "/de/news/"),
        ("https://example.org/?a&b=&&c", "https://example.org/?a&b=&&c"),
        ("https://example.org/url?q=https://other.example", "https://example.org/url?q=https://other.example"),
        ("https://notgoogle.com/url?q=https://other.example", "https://notgoogle.com/url?q=https://other.example"),
        ("https://www.google.com/url?q=javascript:alert(1)", None),
        ("https://eur.safelinks.protection.outlook.com/?url=%2F%2Fevil.example", None),
        ("javascript:alert(1)//www.example.org", None),
        ("//www.example.org", None),
        ("file:///C:/Users/mia/bericht.docx", None),
        ("#_ftn1", None),
    ],
)
def test_a_link_leads_where_its_author_meant(given_address, leads_to):
    assert link_address(given_address) == leads_to


def test_wrapping_without_end_leads_nowhere():
    address = "https://example.org"
    for _layer in range(9):
        address = "https://www.google.com/url?q=" + address.replace("%", "%25").replace("&", "%26").replace("?", "%3F")
    assert link_address(address) is None


# --- Lists and signs ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drawn", "goes_on", "found"),
    [
        ("12.", None, Marker("ol", "", 12)),
        ("(3)", None, Marker("ol", "", 3)),
        ("c)", None, Marker("ol", "a", 3)),
        ("i.", None, Marker("ol", "i", 1)),
        ("i)", Marker("ol", "a", 9), Marker("ol", "a", 9)),
        ("v.", Marker("ol", "i", 5), Marker("ol", "i", 5)),
        ("v.", Marker("ol", "a", 22), Marker("ol", "a", 22)),
        ("IV.", None, Marker("ol", "I", 4)),
        ("B.", None, Marker("ol", "A", 2)),
        ("o", None, Marker("ul")),
        ("§", None, Marker("ul")),
        ("·", None, Marker("ul")),
        ("1.1.", None, None),
        ("§ 3", None, None),
        ("Artikel 5", None, None),
    ],
)
def test_a_drawn_number_is_read(drawn, goes_on, found):
    assert marker(drawn, goes_on) == found


@pytest.mark.parametrize(
    ("text", "font", "shown"),
    [
        ("à", "wingdings", "→"),
        ("", "wingdings", "→"),
        ("J", "wingdings", "☺"),
        ("ü û", "wingdings", "✓ ✗"),
        ("„", "wingdings", "④"),  # 0x84, which Windows has as a quotation mark
        ("³ 5", "symbol", "≥ 5"),
        ("ab", "symbol", "αβ"),
        ("P", "wingdings 2", "✓"),
        ("zz→", "webdings", "→"),
    ],
)
def test_a_sign_of_a_font_of_pictures_is_the_sign(text, font, shown):
    assert signs(text, font) == shown
