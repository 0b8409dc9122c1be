"""HTML as a tree of elements and texts, and a table as a grid of places."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

DEEPEST = 100  # what is nested deeper is flattened

# Other programs' elements for the same thing.
SAME = {"b": "strong", "i": "em", "strike": "s", "h1": "h2", "h4": "h3", "h5": "h3", "h6": "h3"}
VOID = {"br", "hr", "img", "col", "input", "wbr"}


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

    @property
    def elements(self) -> list["Element"]:
        return [child for child in self.children if isinstance(child, Element)]

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def number(self, name: str, default: int = 1) -> int:
        """An attribute that is a number."""
        value = self.attributes.get(name, "").strip()
        return int(value) if value.lstrip("-").isdecimal() and value.isascii() and len(value) < 7 else default


type Nodes = list[Element | str]


class _Reader(HTMLParser):
    """Parses well-formed HTML, as nh3 writes it, into a tree."""

    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(SAME.get(tag, tag), {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element if len(self.open) < 2 * DEEPEST else self.open[-1])

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def tree(html: str) -> Nodes:
    """The elements and texts of well-formed HTML, such as `sanitise` writes."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.open[0].children


# --- Tables -----------------------------------------------------------------------------------


def rows_of(table: Element) -> list[Element]:
    """The rows of `table` in the order in which they are shown, without those of tables inside it."""
    parts: dict[str, list[Element]] = {"thead": [], "tbody": [], "tfoot": []}
    for part in table.elements:
        if part.tag in parts:
            parts[part.tag] += [row for row in part.elements if row.tag == "tr"]
        elif part.tag == "tr":
            parts["tbody"].append(part)
    return [row for rows in parts.values() for row in rows]


def grid(rows: Sequence[Element], widest: int) -> dict[tuple[int, int], Element]:
    """Which cell covers which place (row, column), as browsers reckon it; two never cover the same."""
    places: dict[tuple[int, int], Element] = {}
    for at, row in enumerate(rows):
        column = 0
        for cell in row.elements:
            if cell.tag not in {"td", "th"}:
                continue
            while (at, column) in places:
                column += 1
            if column > widest:
                break
            high, wide = cell.number("rowspan"), max(cell.number("colspan"), 1)
            end = min(at + high, len(rows)) if high > 0 else len(rows)  # 0: down to the last
            for there in range(column, min(column + wide, widest + 1)):
                if (at, there) in places:
                    break
                for below in range(at, end):
                    places.setdefault((below, there), cell)
    return places
