"""Sanitises HTML: no HTML becomes public that `sanitise()` has not written, in one small set of elements and one form.

nh3 parses the input and removes every element and attribute that is not named below. The result is parsed once more and
written anew: paragraphs round loose text, headings and lists where they may stand, no empty element, no stray white
space. nh3 cleans that once more. So `sanitise(sanitise(x)) == sanitise(x)`, and two texts that look the same are the
same string.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from itertools import groupby, takewhile
from typing import NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

import nh3

from sccon.characters import one_line, visible
from sccon.videos import video_address

# --- The allow-list ---------------------------------------------------------------------------

TAGS = {"p", "h2", "h3", "blockquote", "ul", "ol", "li", "a", "strong", "em", "br"}
TAGS |= {"figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTES = {"a": {"href"}, "figure": {"data-image", "data-alt", "data-video"}}
VALUES = {"blockquote": {"class": {"pull"}}, "th": {"scope": {"col", "row"}}}
SCHEMES = {"http", "https", "mailto", "tel"}

# Other programs' elements for the same thing. Block elements (LINES) become paragraphs.
SAME = {"b": "strong", "i": "em", "h1": "h2", "h4": "h3", "h5": "h3", "h6": "h3"}
LINES = {"div", "section", "article", "header", "footer", "main", "aside", "address", "center", "pre", "details"}
LINES |= {"dl", "dt", "dd", "hr", "summary", "tfoot", "caption", "form", "fieldset", "legend", "nav", "menu"}

# Removed with their content; of any other unknown element the text is kept.
WITH_CONTENT = {"script", "style", "title", "template", "svg", "math", "noscript", "iframe", "object", "embed"}
WITH_CONTENT |= {"xml", "textarea", "select", "button", "audio", "video", "canvas"}

ADDRESS = re.compile(r"https?://[^/\s]|mailto:[^\s@]+@|tel:\+?\d|/(?![/\\])|/$", re.IGNORECASE)


def _href(address: str) -> str | None:
    """`address` if a link may lead there: http, https, mailto, tel, or a path of this site."""
    # Browsers skip control characters inside an address, so "java\tscript:" and "/\t/host" are not what they seem.
    address = re.sub(r"[\x00-\x1f\x7f]", "", address).strip().replace(" ", "%20")
    if not ADDRESS.match(address):
        return None
    if ".safelinks.protection.outlook.com/" in address:  # Outlook wraps links in its own, which names the reader
        try:
            original = parse_qs(urlsplit(address).query).get("url", [""])[0]
        except ValueError:
            return None
        return _href(original) if original else None
    return address


def _attribute(tag: str, name: str, value: str) -> str | None:
    match name:
        case "href":
            return _href(value)
        case "data-image":
            return value if re.fullmatch(r"[0-9]{1,18}", value) else None
        case "data-alt":
            return one_line(value)
        case "data-video":
            return video_address(value)
    return value


def _cleaner(tags: set[str]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=tags,
        clean_content_tags=WITH_CONTENT,
        attributes=ATTRIBUTES,
        tag_attribute_values=VALUES,
        attribute_filter=_attribute,
        url_schemes=SCHEMES,
        link_rel=None,
    )


_known = _cleaner(TAGS | SAME.keys() | LINES)
_allowed = _cleaner(TAGS)


# --- How much of it ---------------------------------------------------------------------------

# A parser takes more than twice the time for what is nested twice as deep: a megabyte of nothing but nested lists took
# minutes. Both bounds are far from any real text: a long article has 30,000 characters and is ten elements deep.
MOST = 200_000
DEEPEST = 100

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
    if too_much(html):
        html = escape(ANY_TAG.sub(" ", html[:MOST]), quote=False)
    flow = _Flow(ROOT)
    flow.read(tree(_known.clean(visible(html))), Mark())
    flow.end_line()
    return _allowed.clean("".join(map(str, flow.blocks)))


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
    """The formatting of a character."""

    href: str | None = None
    strong: bool = False
    em: bool = False

    def __and__(self, other: Self) -> "Mark":
        href = self.href if self.href == other.href else None
        return Mark(href, self.strong and other.strong, self.em and other.em)


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
    """`line` as HTML, always nested alike: links outermost, then strong, then em."""
    html = ""
    for href, linked in groupby(_tidy(line), lambda character: character.mark.href):
        inner = ""
        for strong, bold in groupby(linked, lambda character: character.mark.strong):
            part = ""
            for em, same in groupby(bold, lambda character: character.mark.em):
                text = unicodedata.normalize("NFC", _text(list(same)))
                text = escape(text, quote=False).replace(NBSP, "&nbsp;").replace(BREAK, "<br>")
                part += f"<em>{text}</em>" if em else text
            inner += f"<strong>{part}</strong>" if strong else part
        html += f'<a href="{escape(href)}">{inner}</a>' if href else inner
    return html


# --- Reading ----------------------------------------------------------------------------------

WIDEST = 50  # columns; what has more arranges something else than a table


@dataclass
class Element:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    def all(self) -> Iterable["Element"]:
        """Every element inside this one."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.all()


class _Reader(HTMLParser):
    """Parses well-formed HTML, as nh3 writes it, into a tree."""

    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(SAME.get(tag, tag), {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in {"br", "hr"}:
            self.open.append(element if len(self.open) < 2 * DEEPEST else self.open[-1])  # deeper is flattened

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def tree(html: str) -> list[Element | str]:
    """The elements and texts of well-formed HTML, such as `sanitise` writes."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.open[0].children


# --- Writing ----------------------------------------------------------------------------------

INLINE = {"a", "strong", "em", "br"}
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
                self.read(node.children, self._marked(node, mark))
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

    def _marked(self, node: Element, mark: Mark) -> Mark:
        if node.tag == "a":
            return mark._replace(href=node.attributes.get("href") or mark.href)
        if any(inner.tag not in INLINE for inner in node.all()):
            return mark  # Google Docs wraps the whole text in a <b> that is not bold
        return mark._replace(strong=mark.strong or node.tag == "strong", em=mark.em or node.tag == "em")

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
        if node.tag not in self.allowed or not write or not write(node):
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
        items: list[list[Block]] = []
        for child in node.children:
            if isinstance(child, Element) and child.tag in INSIDE and items:
                items[-1] += _blocks(Element("", {}, [child]))  # Word and Google put it between the items
            else:
                items.append(_blocks(child if isinstance(child, Element) else Element("", {}, [child])))
        if html := "".join(f"<li>{_compact(item)}</li>" for item in items if item):
            self.blocks.append(Block(node.tag, html))
        return True

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
        if any(inner.tag in ROOT - INSIDE for inner in node.all()):
            return False  # it arranges a page
        rows = [[cell for cell in row.children if isinstance(cell, Element)] for row in node.all() if row.tag == "tr"]
        rows = [row for row in rows if any(_blocks(cell) for cell in row)]
        width = max(map(len, rows), default=0)
        if len(rows) < 2 or not 2 <= width <= WIDEST:
            return False
        if not any(cell.tag == "th" for row in rows for cell in row):
            rows[0] = [Element("th", children=cell.children) for cell in rows[0]]
        rows = [row + [Element("td")] * (width - len(row)) for row in rows]
        heads = len(list(takewhile(lambda row: all(cell.tag == "th" for cell in row), rows)))
        self.blocks += [Block("p", html) for inner in node.all() if inner.tag == "caption" and (html := _single(inner))]
        html = f"<thead>{_rows(rows[:heads], 'col')}</thead>" if heads else ""
        html += f"<tbody>{_rows(rows[heads:], 'row')}</tbody>" if rows[heads:] else ""
        self.blocks.append(Block("table", html))
        return True


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


def _rows(rows: list[list[Element]], scope: str) -> str:
    def cell(node: Element) -> str:
        if node.tag == "th":
            return f'<th scope="{scope}">{_single(node, bold=False)}</th>'
        return f"<td>{_compact(_blocks(node))}</td>"

    return "".join(f"<tr>{''.join(map(cell, row))}</tr>" for row in rows)
