"""What other programs put into HTML, resolved: what they hide, delete or comment goes, what they say by style is said.

Works on the tree of the raw HTML, before `sccon.html` writes it anew. static/js/paste.js does the same in the editor, in
the same order and under the same names; tests/fixtures/paste holds what both must make of the same clipboards.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from sccon.elements import Element, Nodes, grid, rows_of
from sccon.symbol_fonts import FONTS, signs

# Elements that say something about the text inside them, or nothing: they are resolved here and never written.
INLINE = {"strong", "em", "span", "font", "u", "ins", "del", "s", "sub", "sup", "small", "big", "mark", "abbr", "time"}
INLINE |= {"code", "kbd", "samp", "var", "cite", "dfn", "tt", "bdi", "bdo", "label", "data", "acronym", "o:p"}
INLINE |= {"ruby", "rt", "rp", "img", "input", "wbr"}
OTHERS = {"q", "col", "colgroup", "dialog"}
ATTRIBUTES = {
    "style",
    "class",
    "id",
    "name",
    "hidden",
    "open",
    "face",
    "alt",
    "type",
    "value",
    "start",
    "reversed",
    "span",
}
ATTRIBUTES |= {"role", "aria-level", "data-aria-level"}
BLOCKS = {"p", "div", "h2", "h3", "ul", "ol", "li", "table", "tr", "td", "th", "blockquote", "figure", "dl", "section"}
WIDEST = 200  # columns that are looked at

type Style = dict[str, str]


# --- Styles -------------------------------------------------------------------------------------

STYLE_ELEMENT = re.compile(r"<style\b[^>]*>(.*?)(?:</style\s*>|\Z)", re.IGNORECASE | re.DOTALL)
COMMENT_OF_STYLES = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
SELECTOR = re.compile(r"([a-z][a-z0-9]*)?((?:[.#][\w-]+)*)", re.IGNORECASE)
DECLARATION = re.compile(r"(?<![\w-])([\w-]+)\s*:\s*((?:\"[^\"]*\"|'[^']*'|[^;\"'])*)")
# What may hide, raise or strike out a text; a style sheet has much else.
TELLING = {
    "display",
    "visibility",
    "opacity",
    "position",
    "clip",
    "clip-path",
    "width",
    "height",
    "max-height",
    "overflow",
}
TELLING |= {"left", "top", "text-indent", "font", "font-size", "font-weight", "font-style", "font-family"}
TELLING |= {"text-decoration", "text-decoration-line", "vertical-align", "list-style", "list-style-type"}
TELLING |= {"mso-hide", "mso-element", "mso-special-character", "mso-text-raise", "mso-symbol-font-family"}
MOST_RULES, MOST_SAID = 1000, 5000  # rules, and characters of one; no program has as many
RENAMED = {"b": "strong", "i": "em", "strike": "s"}  # as `tree` does


class Rule(NamedTuple):
    tag: str
    classes: frozenset[str]
    ids: frozenset[str]
    style: Style


def declarations(text: str) -> Style:
    """A `style` attribute, in lower case, as far as it tells something."""
    found = DECLARATION.findall(text[:MOST_SAID].lower())
    return {name: value.replace("!important", "").strip() for name, value in found if name in TELLING}


def _rules(text: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations of a style sheet; what stands inside @media and its like is left out."""
    start, depth, selectors = 0, 0, ""
    for found in re.finditer("[{};]", text):
        if found[0] == "{":
            depth += 1
            if depth == 1:
                selectors, start = text[start : found.start()], found.end()
        elif found[0] == "}":
            if depth == 1 and not selectors.lstrip().startswith("@"):
                yield selectors, text[start : found.start()]
            depth = max(depth - 1, 0)
        if depth == 0:
            start = found.end()


class Sheet:
    """The rules of the style sheets in `html` that speak of an element by name, class or id.

    Rules that depend on an element's surroundings are left out: they set colours and spaces.
    """

    def __init__(self, html: str):
        text = re.sub(r"<!--|-->", " ", "\n".join(STYLE_ELEMENT.findall(html)))
        self.rules: dict[str, dict[tuple, Rule]] = {}  # by the first name they speak of
        self.known: dict[tuple[str, str, str], Style] = {}
        number = 0
        for selectors, said in _rules(COMMENT_OF_STYLES.sub(" ", text)):
            style = declarations(said)
            for selector in selectors.split(",") if style else ():
                match = SELECTOR.fullmatch(selector.strip())
                if not match or not selector.strip() or number >= MOST_RULES:
                    continue
                number += 1
                names = re.findall(r"[.#][\w-]+", match[2].lower())
                tag = (match[1] or "").lower()
                classes = frozenset(name[1:] for name in names if name[0] == ".")
                ids = frozenset(name[1:] for name in names if name[0] == "#")
                rules = self.rules.setdefault(names[0] if names else RENAMED.get(tag, tag), {})
                key = (tag, classes, ids)
                earlier = rules.pop(key).style if key in rules else {}
                rules[key] = Rule(RENAMED.get(tag, tag), classes, ids, earlier | style)

    def style(self, element: Element) -> Style:
        """What style sheets and the element itself say; the more particular rule wins, then the later."""
        said = element.attributes.get("style")
        own = declarations(said) if said else {}
        if not self.rules:
            return own
        key = (element.tag, element.attributes.get("class", ""), element.attributes.get("id", "").lower())
        if key not in self.known:
            self.known[key] = self._from_rules(element.tag, _names(element), key[2])
        return self.known[key] | own

    def _from_rules(self, tag: str, names: set[str], ident: str) -> Style:
        found = [rule for key in [tag, *(f".{name}" for name in names), f"#{ident}"] for rule in self._named(key)]
        fitting = [rule for rule in found if rule.tag in {"", tag} and rule.classes <= names and rule.ids <= {ident}]
        fitting.sort(key=lambda rule: (len(rule.ids), len(rule.classes), bool(rule.tag)))
        style: Style = {}
        for rule in fitting:
            style |= rule.style
        return style

    def _named(self, key: str) -> Iterable[Rule]:
        return self.rules.get(key, {}).values()


def _names(element: Element) -> set[str]:
    return set(element.attributes.get("class", "").lower().split())


# --- What is not shown ----------------------------------------------------------------------------

DELETED = {"msodel", "msomovefrom", "trackchangetextdeletion", "trackeddeletion", "trackchangeparadeletion"}
COMMENT = {"msocommentreference", "msocomanchor", "msocomtxt", "msocommenttext", "msocomoff", "msocommentsubject"}
UNSEEN = {"sr-only", "visually-hidden", "govuk-visually-hidden", "nhsuk-u-visually-hidden", "screen-reader-text"}
UNSEEN |= {"d-none", "element-invisible", "visuallyhidden"}
FIRST = 12  # elements, among which the sign of a comment stands
NOTHING = re.compile(r"0(?:\.0*)?(?:px|pt|em|rem|%|cm|in)?")
FAR_AWAY = re.compile(r"-(?:\d{4,}(?:\.\d+)?(?:px|pt)|9{3,}(?:px|pt)|\d{3,}r?em)")
CLIPPED = re.compile(r"rect\(\s*(?:0|1px|auto)|inset\(\s*(?:50|100)%")


def deleted(element: Element) -> bool:
    return element.tag == "del" or bool(_names(element) & DELETED)


def comment(element: Element, style: Style) -> bool:
    """Whether `element` is a comment at the margin, or the sign in the text that leads to one."""
    if style.get("mso-element") in {"comment-list", "comment"} or style.get("mso-special-character") == "comment":
        return True
    if _names(element) & COMMENT:
        return True
    if element.tag == "a":  # Google Docs
        return bool(re.match("#cmnt", element.attributes.get("href", "")))
    if element.tag in {"p", "div"}:
        first = next((inner for inner in islice(element.all(), FIRST) if inner.tag == "a"), None)
        if first and re.fullmatch(r"cmnt\d+", first.attributes.get("id") or first.attributes.get("name") or ""):
            return element.text.strip().startswith(first.text.strip())
    return False


def hidden(element: Element, style: Style) -> bool:
    """Whether `element` is not shown, with all that is in it."""
    said = style.get
    if said("display") == "none" or said("mso-hide") == "all" or element.tag == "rp":
        return True
    if "hidden" in element.attributes or (element.tag == "dialog" and "open" not in element.attributes):
        return True
    if _names(element) & UNSEEN and said("position", "absolute") == "absolute":
        return True
    if any(NOTHING.fullmatch(said(name, "1")) for name in ("opacity", "font-size")):
        return True
    if any(FAR_AWAY.fullmatch(said(name, "")) for name in ("text-indent", "left", "top")):
        return True
    small = any(re.fullmatch(r"[01](?:px)?", said(name, "")) for name in ("width", "height", "max-height"))
    if small and said("overflow") == "hidden":
        return True
    return bool(CLIPPED.match(said("clip", "")) or CLIPPED.match(said("clip-path", "")))


def _without_columns(table: Element, sheet: Sheet) -> None:
    """Takes the cells of hidden columns away: a spreadsheet says of the column that it is hidden, not of the cells."""
    columns = [inner for part in table.elements if part.tag in {"colgroup", "col"} for inner in (part, *part.all())]
    unseen: set[int] = set()
    at = 0
    for column in columns:
        if column.tag == "col":
            wide = min(max(column.number("span"), 1), WIDEST)
            if hidden(column, sheet.style(column)):
                unseen |= set(range(at, at + wide))
            at += wide
    if not unseen:
        return
    rows = rows_of(table)
    covered: dict[int, set[int]] = {}
    cells: dict[int, Element] = {}
    for (_row, there), cell in grid(rows, WIDEST).items():
        cells[id(cell)] = cell
        covered.setdefault(id(cell), set()).add(there)
    gone = {key for key, places in covered.items() if places <= unseen}
    for key, places in covered.items():
        cells[key].attributes["colspan"] = str(len(places - unseen))
    for row in rows:
        row.children = [cell for cell in row.children if id(cell) not in gone]


# --- Lists of Word ----------------------------------------------------------------------------------

DRAWN = re.compile("\\s*([·•●▪◦§o–-]|\\(?(?:\\d+|[a-z])[.)])(?:[\t\u00a0]|\\s{2})[\\s\u00a0]*")
ROMAN = re.compile("m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})")
VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}


class Marker(NamedTuple):
    """What stands before an item."""

    tag: str
    kind: str = ""  # the list's `type`: a, A, i, I, or '' for digits
    number: int = 1


class Item(NamedTuple):
    level: int
    drawn: str
    node: Element


def marker(drawn: str, goes_on: Marker | None) -> Marker | None:
    """The bullet or number that `drawn` is; None if it says more than a list can, such as "1.1." or "§ 3"."""
    number = re.fullmatch(r"\(?(\d{1,6}|[a-z]{1,6})[.)]|(\d{1,6})", drawn, re.IGNORECASE)
    if not number:
        return None if re.search(r"[^\W_]", drawn) and len(drawn) > 1 else Marker("ul")
    written = number[1] or number[2]
    if written.isdecimal():
        return Marker("ol", "", int(written))
    small = written.lower()
    roman, letter = "i" if written == small else "I", "a" if written == small else "A"
    value = _roman(small)
    as_letter = Marker("ol", letter, ord(small) - 96) if len(small) == 1 else None
    as_roman = Marker("ol", roman, value) if value else None
    if as_roman and (as_letter is None or as_roman == goes_on or (small == "i" and as_letter != goes_on)):
        return as_roman
    return as_letter


def _roman(written: str) -> int:
    if not written or not ROMAN.fullmatch(written):
        return 0
    values = [VALUES[letter] for letter in written]
    return sum(-here if here < after else here for here, after in zip(values, [*values[1:], 0], strict=True))


def _items(node: Element) -> list[Item]:
    """The list items that a paragraph of Word, or a frame of Word's own in the browser, stands for."""
    if "listcontainerwrapper" in _names(node):
        lists = [inner for inner in node.elements if inner.tag in {"ul", "ol"}]
        return [
            Item(
                entry.number("data-aria-level", entry.number("aria-level")),
                f"{group.number('start') + place}." if group.tag == "ol" else "•",
                entry,
            )
            for group in lists
            for place, entry in enumerate(inner for inner in group.elements if inner.tag == "li")
        ]
    if node.tag not in {"p", "h2", "h3"}:
        return []
    level = re.search(r"mso-list:\s*l\d+\s+level(\d)", node.attributes.get("style", ""), re.IGNORECASE)
    if not level and not any(name.startswith("msolistparagraph") for name in _names(node)):
        return []
    drawn = _cut_marker(node)
    return [Item(int(level[1]) if level else 1, drawn, node)] if drawn else []


def _cut_marker(node: Element) -> str:
    """Takes the drawn bullet away from `node`; '' for the second paragraph of an item, which has none."""
    for parent in [node, *node.all()]:
        for place, child in enumerate(parent.children):
            if isinstance(child, Element) and re.search(r"mso-list:\s*ignore", child.attributes.get("style", ""), re.I):
                del parent.children[place]
                return " ".join(child.text.split()) or "•"  # a picture
    found = DRAWN.match(node.text)
    if found:
        _cut_front(node, found.end())
    return found[1] if found else ""


def _cut_front(node: Element, length: int) -> int:
    for place, child in enumerate(node.children):
        if length <= 0:
            break
        if isinstance(child, str):
            node.children[place] = child[length:]
            length -= len(child)
        else:
            length = _cut_front(child, length)
    return length


def build_lists(nodes: Nodes) -> Nodes:
    """`nodes` with lists in place of paragraphs that are set like items."""
    built: Nodes = []
    open_lists: list[tuple[int, Element, Marker]] = []  # that the next item may go on with, and its marker then
    for node in nodes:
        if isinstance(node, str):
            built.append(node)
            if node.strip():
                open_lists = []
            continue
        items = _items(node)
        if not items:
            node.children = build_lists(node.children)
            built.append(node)
            open_lists = []
        for item in items:
            content = build_lists(item.node.children)
            while open_lists and open_lists[-1][0] > item.level:
                open_lists.pop()
            same = open_lists[-1] if open_lists and open_lists[-1][0] == item.level else None
            found = marker(item.drawn, same[2] if same else None)
            if found is None:
                built.append(Element(item.node.tag, {}, [f"{item.drawn} ", *content]))
                open_lists = []
                continue
            if same and found.tag == "ul" == same[1].tag:
                found = same[2]
            if same and found != same[2]:
                open_lists.pop()
            if not same or found != same[2]:
                group = Element(found.tag, {"start": str(found.number), "type": found.kind})
                (open_lists[-1][1].elements[-1].children if open_lists else built).append(group)
            else:
                open_lists.pop()
                group = same[1]
            group.children.append(Element("li", {}, content))
            open_lists.append((item.level, group, found._replace(number=found.number + (found.tag == "ol"))))
    return built


# --- What styles say --------------------------------------------------------------------------------


class Look(NamedTuple):
    """How a piece of text looks, as far as it means something."""

    strong: bool = False
    em: bool = False
    struck: bool = False
    raised: str = ""  # sub, sup
    font: str = ""  # one of `FONTS`
    seen: bool = True


LISTS = {"lower-alpha": "a", "lower-latin": "a", "upper-alpha": "A", "upper-latin": "A"}
LISTS |= {"lower-roman": "i", "upper-roman": "I"}


def _look(element: Element, style: Style, around: Look) -> Look:
    tag, said = element.tag, style.get
    shorthand = said("font", "")
    look = around
    weight = said("font-weight") or next(iter(re.findall(r"\b(?:bolder|bold|[1-9]00)\b", shorthand)), "")
    holds_blocks = tag in {"strong", "em"} and any(inner.tag in BLOCKS for inner in element.all())
    if weight and weight not in {"inherit", "unset"}:
        look = look._replace(strong=weight in {"bold", "bolder"} or (weight.isdecimal() and int(weight) >= 600))
    elif tag == "strong" and not holds_blocks:  # Google wraps the whole text in a <b> that is not bold
        look = look._replace(strong=True)
    slant = said("font-style") or ("italic" if re.search(r"\b(?:italic|oblique)\b", shorthand) else "")
    if slant and slant not in {"inherit", "unset"}:
        look = look._replace(em=slant.startswith(("italic", "oblique")))
    elif tag == "em" and not holds_blocks:
        look = look._replace(em=True)
    line = f"{said('text-decoration', '')} {said('text-decoration-line', '')}"
    if "line-through" in line or (tag == "s" and not line.strip()):
        look = look._replace(struck=True)
    return _raised(element, style, look)._replace(font=_font(element, style, look.font))


def _raised(element: Element, style: Style, look: Look) -> Look:
    if element.tag in {"sub", "sup"}:
        look = look._replace(raised=element.tag)
    if element.tag not in {"td", "th"} and style.get("vertical-align") in {"sub", "super"}:
        look = look._replace(raised=style["vertical-align"][:3])
    if "msofootnotereference" in _names(element) or "msoendnotereference" in _names(element):
        look = look._replace(raised="sup")
    if found := re.fullmatch(r"(-?)(\d+)(?:\.\d+)?pt", style.get("mso-text-raise", "")):
        look = look._replace(raised=("sub" if found[1] else "sup") if int(found[2]) >= 2 else look.raised)
    return look


def _font(element: Element, style: Style, around: str) -> str:
    family = style.get("mso-symbol-font-family") or style.get("font-family") or element.attributes.get("face", "")
    if not family and (found := re.search(r"(?:px|pt|em|%)(?:/\S+)?\s+(.+)", style.get("font", ""))):
        family = found[1]
    if not family or family == "inherit":
        return around
    first = family.split(",")[0].strip(" \"'").lower()
    return first if first in FONTS else ""


def _said(text: str, look: Look) -> Nodes:
    """`text` inside the elements that say how it looks."""
    if not look.seen:
        return []
    node: Element | str = signs(text, look.font) if look.font else text
    for tag, there in [(look.raised, look.raised), ("s", look.struck), ("em", look.em), ("strong", look.strong)]:
        if there:
            node = Element(str(tag), {}, [node])
    return [node]


def _resolved(nodes: Iterable[Element | str], around: Look, sheet: Sheet) -> Nodes:
    kept: Nodes = []
    for node in nodes:
        if isinstance(node, str):
            kept += _said(node, around)
            continue
        style = sheet.style(node)
        if deleted(node) or comment(node, style) or hidden(node, style):
            continue
        look = _look(node, style, around)
        if visibility := style.get("visibility"):
            look = look._replace(seen=visibility not in {"hidden", "collapse"})
        if node.tag == "table":
            _without_columns(node, sheet)
        children = _resolved(node.children, look, sheet)
        kept += _written(node, style, children, look)
    return kept


def _written(node: Element, style: Style, children: Nodes, look: Look) -> Nodes:
    """What is left of `node`, whose content is resolved."""
    if node.tag == "img":
        alt = node.attributes.get("alt", "")
        return _said(alt, look) if 0 < len(alt) <= 8 and not re.search(r"[\w\s]", alt) else []  # an emoji
    if node.tag == "rt":
        return ["(", *children, ")"]
    if node.tag == "a":
        note = re.fullmatch(r"#_(?:ftn|edn)(ref)?(\w+)", node.attributes.get("href", ""))
        sign = note or re.match(r"sd(?:foot|end)note(?:anc|sym)", node.attributes.get("class", ""), re.IGNORECASE)
        if sign:  # of a footnote: raised in the text and before the note
            written = Element("", {}, children).text.strip() or (f"[{note[2]}]" if note else "")
            return [Element("sup", {}, [written])]
    if node.tag in INLINE:
        return children
    if node.tag == "dt":
        return [Element("p", {}, [Element("strong", {}, children)])]
    names = _names(node)
    if node.tag == "p" and "msotitle" in names:
        return [Element("h2", {}, children)]
    if node.tag == "p" and node.attributes.get("role") == "heading":
        return [Element("h2" if node.number("aria-level", 2) < 3 else "h3", {}, children)]
    if node.tag == "p" and names & {"msoquote", "msointensequote"}:
        return [Element("blockquote", {}, [Element("p", {}, children)])]
    if node.tag == "ol":
        kind = style.get("list-style-type") or style.get("list-style", "").split(" ")[0]
        first = next((declarations(inner.attributes.get("style", "")) for inner in node.elements), {})
        kind = LISTS.get(kind) or LISTS.get(first.get("list-style-type", ""), "")
        if kind and not node.attributes.get("type"):
            node.attributes["type"] = kind
    return [Element(node.tag, node.attributes, children)]


def resolve(nodes: Nodes, sheet: Sheet) -> Nodes:
    """The tree of raw HTML without what nobody is meant to see, and with elements for what was said by style."""
    return _resolved(build_lists(nodes), Look(), sheet)
