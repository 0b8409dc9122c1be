"""Sanitises HTML: no HTML becomes public that `sanitise()` has not written, in one small set of elements and one form.

nh3 parses the input and removes every element and attribute that is not named below. In the result `sccon.pasted`
resolves what other programs hide, delete or say by style, and it is written anew: paragraphs round loose text, headings
and lists where they may stand, no empty element, no stray white space. nh3 cleans that once more. So `sanitise(sanitise(x)) == sanitise(x)`, and two texts that look the same are the
same string.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import partial
from html import escape
from itertools import groupby
from typing import NamedTuple, Self

import nh3

from sccon import pasted
from sccon.characters import one_line, visible
from sccon.elements import DEEPEST, SAME, Element, grid, rows_of, tree
from sccon.links import link_address
from sccon.videos import video_address

# --- The allow-list ---------------------------------------------------------------------------

MARKS = {"a", "strong", "em", "s", "sub", "sup", "q"}
TAGS = {"p", "h2", "h3", "blockquote", "ul", "ol", "li", "br", *MARKS}
TAGS |= {"figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td"}
SPANS = {"colspan", "rowspan"}
ATTRIBUTES = {
    "a": {"href"},
    "figure": {"data-image", "data-alt", "data-video"},
    "ol": {"start"},
    "th": SPANS,
    "td": SPANS,
}
VALUES = {
    "blockquote": {"class": {"pull"}},
    "th": {"scope": {"col", "row"}},
    "ol": {"type": {"a", "A", "i", "I"}},
}
SCHEMES = {"http", "https", "mailto", "tel"}

# Block elements of other programs (LINES) become paragraphs.
LINES = {"div", "section", "article", "header", "footer", "main", "aside", "address", "center", "pre", "details"}
LINES |= {"dl", "dt", "dd", "hr", "summary", "tfoot", "caption", "form", "fieldset", "legend", "nav", "menu"}

# Removed with their content; of any other unknown element the text is kept.
WITH_CONTENT = {"script", "style", "title", "template", "svg", "math", "noscript", "iframe", "object", "embed"}
WITH_CONTENT |= {"xml", "textarea", "select", "button", "audio", "video", "canvas"}
WITH_CONTENT |= {"noembed", "noframes", "datalist", "meter", "progress"}


def _attribute(tag: str, name: str, value: str) -> str | None:
    match name:
        case "href":
            return link_address(value)
        case "start":
            return value if re.fullmatch(r"-?[0-9]{1,6}", value) else None
        case "colspan" | "rowspan":
            return value if re.fullmatch(r"[1-9][0-9]{0,2}", value) else None
        case "data-image":
            return value if re.fullmatch(r"[0-9]{1,18}", value) else None
        case "data-alt":
            return one_line(value)
        case "data-video":
            return video_address(value)
    return value


_cleaner = partial(nh3.Cleaner, clean_content_tags=WITH_CONTENT, url_schemes=SCHEMES, link_rel=None)
# What means something in other programs, beside what is ours.
_known = _cleaner(
    tags=TAGS | SAME.keys() | LINES | pasted.INLINE | pasted.OTHERS,
    attributes=ATTRIBUTES | {"*": pasted.ATTRIBUTES},
    attribute_filter=lambda tag, name, value: value if name == "href" else _attribute(tag, name, value),
)
_allowed = _cleaner(tags=TAGS, attributes=ATTRIBUTES, tag_attribute_values=VALUES, attribute_filter=_attribute)


# --- How much of it ---------------------------------------------------------------------------

# A parser takes more than twice the time for what is nested twice as deep: a megabyte of nothing but nested lists took
# minutes. Both bounds are far from any real text: a long article has 30,000 characters and is ten elements deep.
MOST = 200_000

TAG = re.compile(r"<!--.*?(?:-->|\Z)|<(/?)([a-zA-Z][a-zA-Z0-9]*)", re.DOTALL)
ANY_TAG = re.compile(r"<[^>]*>?")
# Elements that have no end, or that end by themselves where another of their kind begins.
FLAT = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
FLAT |= {"p", "li", "dd", "dt", "td", "th", "tr", "tbody", "thead", "tfoot", "option", "optgroup"}
FLAT |= {"html", "head", "body"}


def too_much(html: str) -> bool:
    """Whether `html` is longer or nested deeper than any text is; told by one look along it, before it is parsed."""
    if len(html) > MOST:
        return True
    unclosed: dict[str, int] = {}
    depth = 0
    for found in TAG.finditer(html):
        end, name = found[1], (found[2] or "").lower()
        if not name or name in FLAT or (end and not unclosed.get(name)):
            continue
        step = -1 if end else 1
        unclosed[name] = unclosed.get(name, 0) + step
        depth += step
        if depth > DEEPEST:
            return True
    return False


# --- What may be done with it -----------------------------------------------------------------


def sanitise(html: str) -> str:
    """`html` in the allowed elements and their one form; '' when nothing visible is left.

    Of what is `too_much` only the words are read, and no more than `MOST` characters.
    """
    return _allowed.clean("".join(map(str, _read(html))))


def parts(html: str) -> list[str]:
    """The paragraphs, headings, lists, figures and so on of `html`, which together are what `sanitise` makes of it."""
    return [part for block in _read(html) if (part := _allowed.clean(str(block)))]


def _read(html: str) -> "list[Block]":
    if too_much(html):
        html = escape(ANY_TAG.sub(" ", html[:MOST]), quote=False)
    flow = _Flow(ROOT)
    flow.read(pasted.resolve(tree(_known.clean(visible(html))), pasted.Sheet(html)), Mark())
    flow.end_line()
    return flow.blocks


def is_empty(html: str | None) -> bool:
    """Whether `html` shows nothing to a reader."""
    return not html or not sanitise(html)


# --- Characters -------------------------------------------------------------------------------

NBSP = "\u00a0"
BREAK = "\n"  # a <br>; a line end of the source has become a space by then
SPACES = re.compile(f"[ {NBSP}{BREAK}]+")
# From the beginning of the spaces alone, else it would be tried again from each of them.
PARAGRAPH_END = re.compile(f"(?<![ {NBSP}])[ {NBSP}]*{BREAK}[ {NBSP}]*{BREAK}[ {NBSP}{BREAK}]*")


class Mark(NamedTuple):
    """The formatting of a character, from the outermost element to the innermost."""

    q: bool = False  # outermost, for its quotation marks stand at both ends once
    href: str | None = None
    strong: bool = False
    em: bool = False
    s: bool = False
    raised: str = ""  # sub, sup

    def __and__(self, other: Self) -> "Mark":
        return Mark(
            self.q and other.q,
            self.href if self.href == other.href else None,
            self.strong and other.strong,
            self.em and other.em,
            self.s and other.s,
            self.raised if self.raised == other.raised else "",
        )

    def within(self, node: Element) -> "Mark":
        """The formatting inside `node`, one of `MARKS`."""
        match node.tag:
            case "q":
                return self._replace(q=True)
            case "a":
                return self._replace(href=node.attributes.get("href") or self.href)
            case "strong":
                return self._replace(strong=True)
            case "em":
                return self._replace(em=True)
            case "s":
                return self._replace(s=True)
        return self._replace(raised=node.tag)

    def tags(self) -> Iterable[tuple[str, str]]:
        """Name and attributes of each element of this formatting, the outermost first; '' for one that is not there."""
        for name, there in zip(("q", "a", "strong", "em", "s"), self, strict=False):
            yield name if there else "", f' href="{escape(self.href)}"' if name == "a" and self.href else ""
        yield self.raised, ""


class Character(NamedTuple):
    text: str
    mark: Mark


type Line = list[Character]


def _text(line: Line) -> str:
    return "".join(character.text for character in line)


def _tidy(line: Line) -> Line:
    """Collapses white space to single spaces, and strips it at the ends; a single no-break space stays one."""
    tidy, end = [], 0
    for run in SPACES.finditer(_text(line)):
        tidy += line[end : run.start()]
        end = run.end()
        if run.start() == 0 or end == len(line):
            continue
        # White space is set in bold or linked only inside what is: never at its edge.
        mark = line[run.start() - 1].mark & line[end].mark
        space = BREAK if BREAK in run[0] else NBSP if run[0] == NBSP else " "
        tidy.append(Character(space, mark))
    return tidy + line[end:]


def _inline(line: Line) -> str:
    """`line` as HTML, always nested alike."""
    return _nested(_tidy(line), 0)


def _nested(line: Iterable[Character], depth: int) -> str:
    if depth == len(Mark()):
        text = unicodedata.normalize("NFC", _text(list(line)))
        return escape(text, quote=False).replace(NBSP, "&nbsp;").replace(BREAK, "<br>")
    html = ""
    for mark, alike in groupby(line, lambda character: character.mark[: depth + 1]):
        tag, attributes = [*Mark(*mark).tags()][depth]
        inner = _nested(alike, depth + 1)
        html += f"<{tag}{attributes}>{inner}</{tag}>" if tag else inner
    return html


# --- Writing ----------------------------------------------------------------------------------

WIDEST = 50  # columns; what has more arranges something else than a table
INLINE = MARKS | {"br"}
INSIDE = frozenset({"ul", "ol"})  # what may stand in a quote, an item or a cell besides paragraphs
ROOT = INSIDE | {"h2", "h3", "blockquote", "figure", "table"}


class Block(NamedTuple):
    tag: str
    html: str
    attributes: str = ""

    def __str__(self) -> str:
        return f"<{self.tag}{self.attributes}>{self.html}</{self.tag}>"


class _Flow:
    """Turns a tree into blocks; what may not stand here (`allowed`) becomes paragraphs."""

    def __init__(self, allowed: frozenset[str]):
        self.allowed = allowed
        self.blocks: list[Block] = []
        self.line: Line = []

    def read(self, nodes: Iterable[Element | str], mark: Mark) -> None:
        for node in nodes:
            if isinstance(node, str):
                text = re.sub(r"\s", lambda space: NBSP if space[0] == NBSP else " ", visible(node), flags=re.ASCII)
                self.line += [Character(character, mark) for character in text]
            elif node.tag == "br":
                self.line.append(Character(BREAK, mark))
            elif node.tag in INLINE:
                if node.tag == "a":
                    node = Element("a", {"href": link_address(node.attributes.get("href", "")) or ""}, node.children)
                self.read(node.children, mark.within(node))
            else:
                self.end_line()
                self._block(node, mark)
                self.end_line()

    def end_line(self) -> None:
        """Makes a paragraph of what was read since the last block, or several where empty lines separate it."""
        start = 0
        for end in [*PARAGRAPH_END.finditer(_text(self.line)), None]:
            part = self.line[start : end.start() if end else None]
            if html := _inline(part):
                self.blocks.append(Block("p", html))
            start = end.end() if end else 0
        self.line = []

    def _block(self, node: Element, mark: Mark) -> None:
        write = {
            "h2": self._heading,
            "h3": self._heading,
            "blockquote": self._quote,
            "ul": self._list,
            "ol": self._list,
            "figure": self._figure,
            "table": self._table,
        }.get(node.tag)
        if node.tag == "table" and node.tag not in self.allowed:
            self._lines_of(node, mark)
        elif node.tag not in self.allowed or not write or not write(node):
            self.read(node.children, mark)

    def _heading(self, node: Element) -> bool:
        if html := _single(node, bold=False):
            self.blocks.append(Block(node.tag, html))
        return True

    def _quote(self, node: Element) -> bool:
        if inner := _blocks(node):
            pull = ' class="pull"' if node.attributes.get("class") == "pull" else ""
            self.blocks.append(Block("blockquote", "".join(map(str, inner)), pull))
        return True

    def _list(self, node: Element) -> bool:
        items: list[tuple[int, list[Block]]] = []  # the number of each, and what it says
        number, step = node.number("start"), 1
        if "reversed" in node.attributes:
            number, step = node.number("start", sum(child.tag == "li" for child in node.elements)), -1
        for child in node.children:
            if isinstance(child, Element) and child.tag in INSIDE and items:
                items[-1][1].extend(_blocks(Element("", {}, [child])))  # Word and Google put it between the items
            elif item := _blocks(child if isinstance(child, Element) else Element("", {}, [child])):
                number = child.number("value", number) if isinstance(child, Element) else number
                items.append((number, item))
                number += step
        if node.tag == "ul":
            self._items("ul", [item for _number, item in items], "")
            return True
        kind = node.attributes.get("type", "")
        kind = f' type="{kind}"' if kind in VALUES["ol"]["type"] else ""
        # A number out of line begins a list of its own.
        for _distance, run in groupby(enumerate(items), lambda placed: placed[1][0] - placed[0]):
            numbered = [item for _place, item in run]
            start = f' start="{numbered[0][0]}"' if numbered[0][0] != 1 else ""
            self._items("ol", [item for _number, item in numbered], start + kind)
        return True

    def _items(self, tag: str, items: list[list[Block]], attributes: str) -> None:
        if html := "".join(f"<li>{_compact(item)}</li>" for item in items):
            self.blocks.append(Block(tag, html, attributes))

    def _figure(self, node: Element) -> bool:
        image = node.attributes.get("data-image")
        if image:
            alt = node.attributes.get("data-alt")  # none is not the same as an empty one, see `news.reading.body`
            attributes = f' data-image="{image}"' + (f' data-alt="{escape(alt)}"' if alt is not None else "")
            if video := video_address(node.attributes.get("data-video", "")):
                attributes += f' data-video="{escape(video)}"'
            caption = _single(node)
            self.blocks.append(Block("figure", caption and f"<figcaption>{caption}</figcaption>", attributes))
        return bool(image)

    def _table(self, node: Element) -> bool:
        captions = [inner for inner in node.elements if inner.tag == "caption"]
        rows = rows_of(node)
        said = bool(captions) or any(cell.tag == "th" for row in rows for cell in row.elements)
        other = {inner.tag for inner in node.all()} & (ROOT - INSIDE)
        if other and ("figure" in other or not said):
            return False  # it arranges a page
        cells = _cells(rows)
        if len(cells) < 2 or not 2 <= len(cells[0]) <= WIDEST:
            return False
        self.blocks += [Block("p", html) for caption in captions if (html := _single(caption))]
        self.blocks.append(Block("table", _table_html(cells)))
        return True

    def _lines_of(self, table: Element, mark: Mark) -> None:
        """A table where none may stand: a line for each row, its cells told apart."""
        for row in rows_of(table):
            for cell in row.elements:
                inside = _OneLine(frozenset())
                inside.read(cell.children, mark)
                said = [Character(" " if text == BREAK else text, look) for text, look in inside.line]
                if _text(said).strip():
                    self.line += [*(Character(sign, mark) for sign in (" | " if self.line else "")), *said]
            self.end_line()


# --- Tables -----------------------------------------------------------------------------------

type Cells = list[list[Element]]  # by row and column; one that covers several places stands in each


def _cells(rows: list[Element]) -> Cells:
    """The cells of a table in their places, without rows that say nothing and columns that add nothing."""
    places = grid(rows, WIDEST)
    width = max((column for _row, column in places), default=-1) + 1
    cells: Cells = []
    for at in range(len(rows)):
        line: list[Element] = []
        for column in range(width):
            # What no cell covers is like its neighbour.
            line.append(places.get((at, column)) or Element(line[-1].tag if line else "td"))
        cells.append(line)
    says = {id(cell): bool(_blocks(cell)) for line in cells for cell in line}
    above: set[int] = set()
    kept = []
    for line in cells:
        here = {id(cell) for cell in line}
        if any(says[cell] for cell in here - above):
            kept.append(line)
        above |= here
    columns = [at for at in range(width) if at == 0 or any(line[at] is not line[at - 1] for line in kept)]
    return [[line[at] for at in columns] for line in kept]


def _heads(cells: Cells) -> int:
    """How many rows are the table's head: those of headers only, as far down as one of them reaches."""
    if any(cell.tag == "th" for line in cells for cell in line):
        found = [all(cell.tag == "th" for cell in line) for line in cells]
        first = [*found, False].index(False)
    else:
        first = 1
    last = {id(cell): at for at, line in enumerate(cells) for cell in line}
    heads, end = first, len(cells)
    while 0 < heads < end:
        lowest = 1 + max(last[id(cell)] for line in cells[:heads] for cell in line)
        if lowest == heads and any(cell.tag != "th" for cell in cells[heads]):
            break
        heads = lowest if lowest > heads else heads + 1
    return heads if heads == first or heads < len(cells) else 0  # what goes down the whole table heads no columns


def _table_html(cells: Cells) -> str:
    heads = _heads(cells)
    covered: dict[int, list[tuple[int, int]]] = {}
    for row, line in enumerate(cells):
        for column, cell in enumerate(line):
            covered.setdefault(id(cell), []).append((row, column))
    html = ["", ""]
    for row, line in enumerate(cells):
        inner = ""
        for column, cell in enumerate(line):
            places = covered[id(cell)]
            if places[0] == (row, column):
                (high, wide) = (places[-1][0] - row + 1, places[-1][1] - column + 1)
                spans = (f' colspan="{wide}"' if wide > 1 else "") + (f' rowspan="{high}"' if high > 1 else "")
                inner += _cell(cell, "th" if row < heads else cell.tag, "col" if row < heads else "row", spans)
        html[row >= heads] += f"<tr>{inner}</tr>"
    return (f"<thead>{html[0]}</thead>" if html[0] else "") + (f"<tbody>{html[1]}</tbody>" if html[1] else "")


def _cell(cell: Element, tag: str, scope: str, spans: str) -> str:
    if tag == "th":
        return f'<th scope="{scope}"{spans}>{_single(cell, bold=False)}</th>'
    return f"<td{spans}>{_compact(_blocks(cell))}</td>"


class _OneLine(_Flow):
    """A heading or a caption: block elements inside it become spaces."""

    def end_line(self) -> None:
        self.line.append(Character(" ", Mark()))


def _blocks(node: Element) -> list[Block]:
    """The blocks of a quote, a list item or a cell."""
    flow = _Flow(INSIDE)
    flow.read(node.children, Mark())
    flow.end_line()
    return flow.blocks


def _compact(blocks: list[Block]) -> str:
    """A list item or cell without <p> round its only paragraph."""
    if blocks and blocks[0].tag == "p" and all(block.tag in INSIDE for block in blocks[1:]):
        return blocks[0].html + "".join(map(str, blocks[1:]))
    return "".join(map(str, blocks))


def _single(node: Element, *, bold: bool = True) -> str:
    """The text of `node` as one line."""
    flow = _OneLine(frozenset())
    flow.read(node.children, Mark())
    return _inline(
        [
            Character(" " if text == BREAK else text, mark._replace(strong=bold and mark.strong))
            for text, mark in flow.line
        ]
    )
