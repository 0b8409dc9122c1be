"""What changed between two texts: exactly the words, however they are set, and never a script."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from news.versions.matching import matches
from news.versions.word_diff import TextDiff, plain, rich
from sccon.html import ATTRIBUTES
from tests.news.shown import marked


def picture(pk: int) -> str:
    return f'<img src="/{pk}" alt="">'


def both(diff: TextDiff) -> str:
    return "".join(piece.both for piece in diff.pieces)


def words(old: str, new: str) -> tuple[list[str], list[str]]:
    return marked(both(rich(old, new, picture)))


@pytest.mark.parametrize(
    ("old", "new", "out", "put"),
    [
        ("sechs Jahre Politik", "sieben Jahre Politik", ["sechs"], ["sieben"]),
        ("Eine ständige Runde.", "Eine Konferenz.", ["ständige Runde"], ["Konferenz"]),
        ("Er kam.", "Er kam. Sie auch.", [], ["Sie auch."]),
        ("A, B und C", "A und C", [", B"], []),
        ("", "Neu", [], ["Neu"]),
        ("Alt", "", ["Alt"], []),
        ("E-Government am 3.11.2026", "E-Government am 4.11.2026", ["3.11.2026"], ["4.11.2026"]),
        ("gleich  weit", "gleich weit", [], []),
        ("1 < 2 & 3", "1 < 2 & 4", ["3"], ["4"]),
    ],
)
def test_exactly_the_changed_words_are_marked(old: str, new: str, out: list[str], put: list[str]) -> None:
    assert marked(both(plain(old, new))) == (out, put)


@pytest.mark.parametrize(
    ("old", "new", "out", "put"),
    [
        ("<p>Ein Satz.</p><p>Zwei.</p>", "<p>Ein Satz.</p><p>Drei.</p>", ["Zwei"], ["Drei"]),
        ("<p>Eins</p>", "<p>Eins</p><h2>Neu</h2>", [], ["Neu"]),
        ("<ul><li>a</li><li>b</li></ul>", "<ul><li>b</li></ul>", ["a"], []),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", "<ul><li>a<ul><li>c</li></ul></li></ul>", ["b"], ["c"]),
        ("<p>ein Wort hier</p>", "<p>ein <strong>Wort</strong> hier</p>", ["Wort"], ["Wort"]),
        ("<p>Eine Zeile<br>noch eine</p>", "<p>Eine Zeile<br>noch zwei</p>", ["eine"], ["zwei"]),
        ("<p>10 Anträge</p>", "<p>10<sup>6</sup> Anträge</p>", [], ["6"]),
        ("<p>CO<sub>2</sub> hier</p>", "<p>CO2 hier</p>", ["CO2"], ["CO2"]),
        ("<p>x<sup>2</sup> y</p>", "<p>x<sub>2</sub> y</p>", ["2"], ["2"]),
        ("<p>Ticket 99 Euro</p>", "<p>Ticket <s>99</s> 79 Euro</p>", ["99"], ["99 79"]),
        ("<p>sie sagte ja</p>", "<p>sie sagte <q>ja</q></p>", ["ja"], ["ja"]),
        ("<ol><li>a</li></ol>", '<ol start="2"><li>a</li></ol>', ["a"], ["a"]),
        ("<blockquote><p>Das Zitat</p></blockquote>", "<blockquote><p>Ein Zitat</p></blockquote>", ["Das"], ["Ein"]),
        (
            "<table><tr><th>Jahr</th><th>Gäste</th></tr><tr><td>2024</td><td>18</td></tr></table>",
            "<table><tr><th>Jahr</th><th>Gäste</th></tr><tr><td>2024</td><td>20</td></tr></table>",
            ["18"],
            ["20"],
        ),
    ],
)
def test_blocks_are_paired_and_only_their_words_marked(old: str, new: str, out: list[str], put: list[str]) -> None:
    assert words(old, new) == (out, put)


def table(*rows: str) -> str:
    """Rows of cells: "Jahr|2 3*Gäste|#Kopf" – high and wide before a *, a header behind a #."""
    html = ""
    for row in rows:
        cells = ""
        for cell in row.split("|"):
            spans, _star, words = cell.rpartition("*")
            high, _space, wide = spans.partition(" ")
            tag = "th" if words.startswith("#") else "td"
            rowspan = f' rowspan="{high}"' if high not in ("", "1") else ""
            colspan = f' colspan="{wide}"' if wide else ""
            cells += f"<{tag}{colspan}{rowspan}>{words.removeprefix('#')}</{tag}>"
        html += f"<tr>{cells}</tr>"
    return f"<table><tbody>{html}</tbody></table>"


def widths(html: str) -> list[set[int]]:
    """How wide the rows of each table are, with the cells that hang down from above."""
    found = []
    for one in re.findall("<table.*?</table>", html, re.DOTALL):
        hanging: list[list[int]] = []  # rows still to go, columns
        rows: set[int] = set()
        for row in re.findall("<tr.*?</tr>", one, re.DOTALL):
            hanging = [[left - 1, wide] for left, wide in hanging if left > 1]
            for attributes in re.findall("<t[hd]([^>]*)>", row):
                spans = dict(re.findall(r'(\w+)="(\d+)"', attributes))
                hanging.append([int(spans.get("rowspan", 1)), int(spans.get("colspan", 1))])
            rows.add(sum(wide for _left, wide in hanging))
        found.append(rows)
    return found


@pytest.mark.parametrize(
    ("old", "new", "out", "put", "tables"),
    [
        # Spans that change, and what has the same effect.
        (("a|b|c", "d|e|f"), ("1 2*a b|c", "d|e|f"), ["a"], ["a"], 2),
        (("1 2*a b|c", "d|e|f"), ("a|b|c", "d|e|f"), ["a"], ["a"], 2),
        (("1 2*a|c", "d|e|f"), ("1 3*a", "d|e|f"), ["c"], [], 2),
        (("a|b", "c|d"), ("2*a|b", "d"), ["c"], [], 2),
        (("2*a|b", "d", "e|f"), ("3*a|b", "d", "f"), ["e"], [], 2),
        (("3*a|b", "d", "f"), ("2*a|b", "d", "e|f"), [], ["e"], 2),
        (("2*a|b", "c"), ("2*a|b", "d", "e|c"), [], ["d", "e"], 2),
        (("a|b", "c|d"), ("#a|b", "#c|d"), ["a", "c"], ["a", "c"], 2),
        (("2 2*a|b", "c", "d|e|f"), ("1 2*a|b", "x|y|c", "d|e|f"), [], ["x", "y"], 2),
        (("2*a|b", "c"), ("2*a|b", "x"), ["c"], ["x"], 2),
        # What fits into one table stays in one.
        (("a|b", "c|d"), ("a|x|b", "c|y|d"), [], ["x", "y"], 1),
        (("1 2*a", "c|d"), ("1 2*a", "c|d", "e|f"), [], ["e", "f"], 1),
        (("1 2*a|b", "c|d|e"), ("1 2*a|x", "c|d|e"), ["b"], ["x"], 1),
        (("2*a|b", "c d"), ("2*a|b", "c x"), ["d"], ["x"], 1),
    ],
)
def test_no_cell_of_a_compared_table_stands_in_a_column_of_another(
    old: tuple[str, ...], new: tuple[str, ...], out: list[str], put: list[str], tables: int
) -> None:
    diff = rich(table(*old), table(*new), picture)
    (piece,) = diff.pieces
    assert not piece.same
    (before,), (after,) = widths(table(*old)), widths(table(*new))
    assert (len(before), len(after)) == (1, 1), "the test's own tables are whole"
    assert widths(piece.before) == [before]
    assert widths(piece.after) == [after]
    found = widths(piece.both)
    assert len(found) == tables
    assert [rows for rows in found if len(rows) > 1] == [], piece.both
    taken, added = marked(piece.both)
    assert set(out) <= {word for words in taken for word in words.split()}
    assert set(put) <= {word for words in added for word in words.split()}


def test_a_changed_link_shows_where_it_led_and_leads() -> None:
    html = both(rich('<p>Zum <a href="/a/">Plan</a>.</p>', '<p>Zum <a href="/b/">Plan</a>.</p>', picture))
    assert marked(html) == (["Plan /a/"], ["Plan /b/"])
    assert '<a href="/b/">Plan</a>' in html


def test_another_picture_stands_beside_the_former() -> None:
    html = both(rich('<figure data-image="1"></figure>', '<figure data-image="2"></figure>', picture))
    assert re.findall(r'<figure class="(\w+)">.*?src="/(\d)"', html) == [("del", "1"), ("ins", "2")]


def test_another_video_behind_the_same_picture_is_a_difference() -> None:
    old = '<figure data-image="1" data-video="https://vimeo.com/1"></figure>'
    new = '<figure data-image="1" data-video="https://vimeo.com/2"></figure>'
    assert marked(rich(old, new, picture).pieces[0].both) == (["vimeo.com/1"], ["vimeo.com/2"])
    assert marked(rich('<figure data-image="1"></figure>', new, picture).pieces[0].both) == (
        ["kein Video"],
        ["https://vimeo.com/2"],
    )
    assert rich(new, new, picture).same


def test_caption_and_alternative_text_of_a_picture_are_compared() -> None:
    old = '<figure data-image="1" data-alt="Ein Haus"><figcaption>Die Halle</figcaption></figure>'
    new = '<figure data-image="1" data-alt="Ein Baum"><figcaption>Die Bühne</figcaption></figure>'
    assert words(old, new) == (["Halle", "Haus"], ["Bühne", "Baum"])


def test_what_is_the_same_is_told_apart_so_that_it_can_be_folded_away() -> None:
    diff = rich("<p>A b c.</p><p>D.</p><h2>E</h2>", "<p>A b x.</p><p>D.</p><h2>E</h2>", picture)
    assert [(same, len(pieces)) for same, pieces in diff.runs()] == [(False, 1), (True, 2)]
    assert (diff.inserted, diff.deleted, diff.same) == (1, 1, False)


def test_each_side_can_be_shown_for_itself() -> None:
    (piece,) = rich("<p>Ein altes Wort</p>", "<p>Ein neues Wort</p>", picture).pieces
    assert (marked(piece.before), marked(piece.after)) == ((["altes"], []), ([], ["neues"]))


def test_screen_readers_hear_what_colour_and_lines_show() -> None:
    html = plain("alt", "neu").pieces[0].both
    assert re.findall(r'class="visually-hidden" lang="\w\w">(.*?) </span>(\w+)', html) == [
        ("gestrichen:", "alt"),
        ("eingefügt:", "neu"),
    ]


# --- Whatever the texts are -----------------------------------------------------------------------

few_words = st.lists(st.sampled_from(["a", "b", "c", "die", "<", "&"]), max_size=30)


@given(few_words, few_words)
def test_what_matches_is_the_same_and_in_order(old: list[str], new: list[str]) -> None:
    pairs = matches(old, new)
    assert all(old[at] == new[place] for at, place in pairs)
    assert pairs == sorted(set(pairs)) and sorted({place for _at, place in pairs}) == [place for _at, place in pairs]


@settings(deadline=None)
@given(few_words, few_words)
def test_each_side_can_be_read_out_of_the_difference(old: list[str], new: list[str]) -> None:
    html = re.sub(r'<span class="visually-hidden"[^>]*>.*?</span>', "", both(plain(" ".join(old), " ".join(new))))

    def without(op: str) -> list[str]:
        rest = re.sub("<[^>]*>", " ", re.sub(rf"<{op}>.*?</{op}>", " ", html))
        return rest.replace("&lt;", "<").replace("&amp;", "&").split()

    assert (without("ins"), without("del")) == (old, new)


@pytest.mark.parametrize("texts", [("a b " * 2500, "b a c " * 1700), ("x " * 5000, "y " * 5000)])
def test_five_thousand_words_that_repeat_are_compared_all_the_same(texts: tuple[str, str]) -> None:
    diff = rich(f"<p>{texts[0]}</p>", f"<p>{texts[1]}</p>", picture)
    assert not diff.same


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java\tscript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="/" onclick="alert(1)" style="color:red">x</a>',
    '<p style="background:url(javascript:alert(1))">x</p>',
    '<iframe src="//evil.example"></iframe>',
    "<math><mtext></table><mglyph><style><img src=x onerror=alert(1)>",
    '<figure data-image="1&quot; onload=alert(1)" data-alt="&quot;><script>alert(1)</script>"></figure>',
    '<figure data-image="7" data-alt="&quot; onmouseover=&quot;alert(1)"><figcaption><b onclick=x>y</b></figcaption></figure>',
    '<th scope="col&quot; onclick=&quot;alert(1)">x</th>',
    '<blockquote class="pull&quot; onclick=&quot;alert(1)">x</blockquote>',
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<template><script>alert(1)</script></template>",
    "<ins onmouseover=alert(1)>x</ins><del style=x>y</del>",
    '<a href="/&quot;onclick=&quot;alert(1)">x</a>',
    "</ins></p><script>alert(1)</script>",
]
OURS = {"p", "ul", "ol", "li", "a", "strong", "em", "br", "blockquote", "table", "thead", "tbody", "tr", "th", "td"}
OURS |= {"s", "sub", "sup", "q"}
OURS |= {"ins", "del", "span", "small", "figure", "figcaption", "img", "div"}


class Elements(HTMLParser):
    """Every element and attribute that a browser would see."""

    def __init__(self, html: str):
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_script_survives_a_comparison(hostile: str) -> None:
    sides = ("<p>Ein Wort</p>", f"<p>Ein {hostile} Wort</p>{hostile}")
    for old, new in (sides, sides[::-1], (hostile, hostile), (hostile, "")):
        for diff in (rich(old, new, picture), plain(old, new)):
            html = "".join(piece.both + piece.before + piece.after for piece in diff.pieces)
            for tag, attributes in Elements(html).seen:
                assert tag in OURS
                assert attributes.keys() <= {"class", "lang", "scope", "type", "src", "alt"} | ATTRIBUTES.get(
                    tag, set()
                )
                assert (attributes.get("href") or "/").startswith(("/", "http", "mailto:", "tel:"))
