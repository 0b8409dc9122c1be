"""Word-by-word difference of two texts, as HTML with `<ins>` and `<del>`.

Rich text is parsed into blocks, the blocks of both sides are paired, and within a pair the words are compared together
with their formatting: a word that became bold, or links elsewhere, is shown as deleted and inserted. Both sides are
sanitised first; everything in the result is escaped or one of our own elements.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import groupby, pairwise
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from news.versions.matching import matches
from sccon.elements import Element, tree
from sccon.html import INLINE, Mark, sanitise

# A word, which may contain hyphens, apostrophes and the points of numbers; or a single other character.
TOKEN = re.compile(r"\w+(?:[-‐’'.,:/@&]\w+)*|[^\w\s]")
ALIKE = 0.35  # share of common words from which two blocks count as one that was rewritten
MOST_PAIRS = 900  # with more possible pairs, blocks are paired by position
ISLAND = 2  # up to so many unchanged words between two longer changes are shown as changed, too: easier to read
FRAMES = {"", "ul", "ol", "table", "thead", "tbody", "th", "td"}  # containers: paired by tag, whatever is in them
KEPT = {"class", "scope", "start", "type", "colspan", "rowspan"}  # attributes that make a block another one
BOTH, BEFORE, AFTER = frozenset({"del", "ins"}), frozenset({"del"}), frozenset({"ins"})

PLAIN = Mark()

type Picture = Callable[[int], str]  # the HTML of a picture of the library


# --- What is compared ---------------------------------------------------------------------------


class Word(NamedTuple):
    text: str  # "\n" is a <br>
    mark: Mark = PLAIN
    space: bool = False  # whether white space follows

    @property
    def key(self) -> tuple[str, Mark]:
        return self.text, self.mark


@dataclass(frozen=True)
class Block:
    """A block with words (paragraph, heading, cell) or with blocks (list, table)."""

    tag: str  # '' for words directly inside a list item
    words: tuple[Word, ...] = ()  # of a figure: its caption
    blocks: tuple["Block", ...] = ()
    attributes: str = ""
    picture: int | None = None
    alt: str | None = None
    video: str = ""  # the address of the video behind a picture

    @cached_property
    def key(self) -> tuple:
        words, blocks = tuple(word.key for word in self.words), tuple(block.key for block in self.blocks)
        return (self.tag, words, blocks, self.attributes, self.picture, self.alt, self.video)

    @cached_property
    def bag(self) -> Counter[str]:
        bag = Counter(word.text for word in self.words)
        for block in self.blocks:
            bag += block.bag
        return bag

    def likeness(self, other: "Block") -> float:
        if self.tag != other.tag:
            return 0
        if self.tag == "figure":
            return 1 if self.picture == other.picture else ALIKE
        total = self.bag.total() + other.bag.total()
        alike = 2 * (self.bag & other.bag).total() / total if total else 1
        return max(alike, ALIKE) if self.tag in FRAMES else alike


class Change(NamedTuple):
    op: str  # "same", "del", "ins"
    word: Word


@dataclass(frozen=True)
class Piece:
    """A pair of blocks as it is shown: both sides in one, or each for itself."""

    old: Block | None
    new: Block | None
    picture: Picture
    same: bool
    both: SafeString

    @property
    def tag(self) -> str:
        return (self.new or self.old or Block("")).tag

    @property
    def before(self) -> SafeString:
        return self.both if self.same else _Writer(self.picture, BEFORE).piece(self.old, self.new)

    @property
    def after(self) -> SafeString:
        return self.both if self.same else _Writer(self.picture, AFTER).piece(self.old, self.new)


@dataclass(frozen=True)
class TextDiff:
    pieces: tuple[Piece, ...]
    inserted: int  # words
    deleted: int

    @property
    def same(self) -> bool:
        return all(piece.same for piece in self.pieces)

    def runs(self) -> list[tuple[bool, list[Piece]]]:
        """The pieces grouped into runs, unchanged (True) or changed (False); the page collapses unchanged runs."""
        return [(same, list(run)) for same, run in groupby(self.pieces, lambda piece: piece.same)]


def plain(old: str, new: str) -> TextDiff:
    """Compares two plain texts."""
    return _diff([Block("", tuple(_words(old)))], [Block("", tuple(_words(new)))], lambda _pk: "")


def rich(old: str, new: str, picture: Picture) -> TextDiff:
    """Compares two rich texts."""
    return _diff(list(_blocks(tree(sanitise(old)))), list(_blocks(tree(sanitise(new)))), picture)


def _diff(old: Sequence[Block], new: Sequence[Block], picture: Picture) -> TextDiff:
    writer = _Writer(picture, BOTH)
    pieces = []
    for before, after in _pairs(old, new):
        counted = writer.counted
        both = writer.piece(before, after)
        pieces.append(Piece(before, after, picture, counted == writer.counted, both))
    return TextDiff(tuple(pieces), writer.words["ins"], writer.words["del"])


# --- Reading ------------------------------------------------------------------------------------


def _words(text: str, mark: Mark = PLAIN) -> Iterator[Word]:
    for token in TOKEN.finditer(text):
        yield Word(token[0], mark, text[token.end() : token.end() + 1].isspace())


def _line(nodes: Iterable[Element | str], mark: Mark = PLAIN) -> Iterator[Word]:
    last: Word | None = None
    for node in nodes:
        if isinstance(node, str):
            if last and node[:1].isspace():
                last = last._replace(space=True)
            words: Iterable[Word] = _words(node, mark)
        elif node.tag == "br":
            words = [Word("\n", mark)]
        else:
            words = _line(node.children, mark.within(node))
        for word in words:
            if last:
                yield last
            last = word
    if last:
        yield last


def _blocks(nodes: Iterable[Element | str]) -> Iterator[Block]:
    for loose, run in groupby(nodes, lambda node: isinstance(node, str) or node.tag in INLINE):
        if loose:
            if words := tuple(_line(run)):
                yield Block("", words)
        else:
            yield from (_block(node) for node in run if isinstance(node, Element))


def _block(node: Element) -> Block:
    if node.tag == "figure":
        number = node.attributes.get("data-image", "")
        caption = tuple(word for child in node.all() if child.tag == "figcaption" for word in _line(child.children))
        picture = int(number) if number.isdecimal() else None
        alt, video = node.attributes.get("data-alt"), node.attributes.get("data-video") or ""
        return Block("figure", caption, picture=picture, alt=alt, video=video)
    kept = [f' {name}="{escape(value)}"' for name, value in node.attributes.items() if name in KEPT]
    if all(isinstance(child, str) or child.tag in INLINE for child in node.children):
        return Block(node.tag, tuple(_line(node.children)), attributes="".join(kept))
    return Block(node.tag, blocks=tuple(_blocks(node.children)), attributes="".join(kept))


# --- Pairing ------------------------------------------------------------------------------------


def _pairs(old: Sequence[Block], new: Sequence[Block]) -> Iterator[tuple[Block | None, Block | None]]:
    """The blocks of both sides in one order: equal and similar ones in pairs, the others alone, old ones first."""
    same = matches([block.key for block in old], [block.key for block in new])
    for (at, place), (end, new_end) in pairwise([(-1, -1), *same, (len(old), len(new))]):
        if at >= 0:
            yield old[at], new[place]
        yield from _alike(old[at + 1 : end], new[place + 1 : new_end])


def _alike(old: Sequence[Block], new: Sequence[Block]) -> Iterator[tuple[Block | None, Block | None]]:
    if len(old) * len(new) > MOST_PAIRS:
        pairs = [(at, at) for at in range(min(len(old), len(new))) if old[at].likeness(new[at]) >= ALIKE]
    else:
        pairs = _most_alike(old, new)
    for (at, place), (end, new_end) in pairwise([(-1, -1), *pairs, (len(old), len(new))]):
        if at >= 0:
            yield old[at], new[place]
        yield from ((block, None) for block in old[at + 1 : end])
        yield from ((None, block) for block in new[place + 1 : new_end])


def _most_alike(old: Sequence[Block], new: Sequence[Block]) -> list[tuple[int, int]]:
    """The pairing, in order, with the largest sum of likenesses."""
    best = [[0.0] * (len(new) + 1) for _row in range(len(old) + 1)]
    likeness = [[a.likeness(b) for b in new] for a in old]
    for at in reversed(range(len(old))):
        for place in reversed(range(len(new))):
            alike = likeness[at][place]
            together = alike + best[at + 1][place + 1] if alike >= ALIKE else 0
            best[at][place] = max(together, best[at + 1][place], best[at][place + 1])
    pairs, at, place = [], 0, 0
    while at < len(old) and place < len(new):
        if best[at][place] == best[at + 1][place]:
            at += 1
        elif best[at][place] == best[at][place + 1]:
            place += 1
        else:
            pairs.append((at, place))
            at, place = at + 1, place + 1
    return pairs


def _changes(old: Sequence[Word], new: Sequence[Word]) -> list[Change]:
    same = matches([word.key for word in old], [word.key for word in new])
    changes: list[Change] = []
    for (at, place), (end, new_end) in pairwise(_without_islands([(-1, -1), *same, (len(old), len(new))])):
        if at >= 0:
            changes.append(Change("same", new[place]._replace(space=old[at].space or new[place].space)))
        changes += [Change("del", word) for word in old[at + 1 : end]]
        changes += [Change("ins", word) for word in new[place + 1 : new_end]]
    return _whole_sentences(changes)


def _whole_sentences(changes: list[Change]) -> list[Change]:
    """Shifts changes to whole sentences: “. And one more” before a full stop becomes “And one more.” after it."""
    start = 0
    while start < len(changes):
        end = start
        while end < len(changes) and changes[end].op == changes[start].op:
            end += 1
        alone = changes[start].op != "same" and (start == 0 or changes[start - 1].op == "same")
        while (
            alone
            and end < len(changes)
            and changes[end].op == "same"
            and changes[start].word.key == changes[end].word.key
            and not changes[start].word.text[0].isalnum()
        ):
            first, follower = changes[start], changes[end]
            changes[start] = Change("same", first.word._replace(space=True))
            changes[end] = Change(first.op, follower.word)
            start, end = start + 1, end + 1
        start = end
    return changes


def _without_islands(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """`places` without short runs of unchanged words (`ISLAND`) between two longer changes."""

    def distance(first: int, second: int) -> int:
        (at, place), (end, new_end) = places[first], places[second]
        return min(end - at, new_end - place) - 1

    kept, number = [places[0]], 1
    while number < len(places) - 1:
        last = number
        while last + 1 < len(places) - 1 and distance(last, last + 1) == 0 == _longest(places, last):
            last += 1
        short = last - number < ISLAND
        if not (short and distance(number - 1, number) > ISLAND and distance(last, last + 1) > ISLAND):
            kept += places[number : last + 1]
        number = last + 1
    return [*kept, places[-1]]


def _longest(places: list[tuple[int, int]], number: int) -> int:
    """The number of words between a place and the next, on the side that has more."""
    (at, place), (end, new_end) = places[number], places[number + 1]
    return max(end - at, new_end - place) - 1


def _fit_into_one(old: Block, new: Block) -> bool:
    """Whether one table can show both and each cell stays in its column.

    A cell that is on one side only moves those behind it, and a row under a cell that reaches down moves that cell.
    """
    rows = list(_rows(old.blocks, new.blocks))
    alone = any(before is None or after is None for before, after in rows)
    columns = set()
    for before, after in rows:
        if before and after:
            pairs = list(_pairs(before.blocks, after.blocks))
            if any(a and b and a.attributes != b.attributes for a, b in pairs):
                return False
            columns.add(tuple((a is None, b is None) for a, b in pairs))
    if any(a or b for row in columns for a, b in row):
        return not alone and len(columns) == 1 and not _spans(old, "") and not _spans(new, "")
    return not alone or not (_spans(old, "row") or _spans(new, "row"))


def _rows(old: Sequence[Block], new: Sequence[Block]) -> Iterator[tuple[Block | None, Block | None]]:
    """The rows of two tables as `write` pairs them."""
    for before, after in _pairs(old, new):
        if "tr" in ((before and before.tag), (after and after.tag)):
            yield before, after
        else:
            yield from _rows(before.blocks if before else (), after.blocks if after else ())


def _spans(block: Block, direction: str) -> bool:
    return f"{direction}span" in block.attributes or any(_spans(child, direction) for child in block.blocks)


def _is_cell(block: Block) -> bool:
    return block.tag in {"th", "td"}


# --- Writing ------------------------------------------------------------------------------------


class _Writer:
    """Writes pairs of blocks as HTML, with deleted words, inserted words, or both."""

    def __init__(self, picture: Picture, shows: frozenset[str]):
        self.picture = picture
        self.shows = shows
        self.counted = 0  # differences
        self.words: Counter[str] = Counter()
        said = {"del": _("deleted:"), "ins": _("inserted:")}
        self.labels = {
            op: f'<span class="visually-hidden" lang="{get_language()}">{escape(text)} </span>'
            for op, text in said.items()
        }

    def piece(self, old: Block | None, new: Block | None) -> SafeString:
        return mark_safe(self.write(old, new))  # noqa: S308 – all of it is escaped or ours

    def write(self, old: Block | None, new: Block | None) -> str:
        if old is None or new is None or old.tag != new.tag or not (_is_cell(old) or old.attributes == new.attributes):
            return self._whole(old, "del") + self._whole(new, "ins")
        if old.tag == "figure":
            return self._figures(old, new)
        if old.tag == "table" and self.shows == BOTH and not _fit_into_one(old, new):
            return self._tables(old, new)
        if old.blocks or new.blocks:
            inner = "".join(self.write(*pair) for pair in _pairs(_inside(old), _inside(new)))
        else:
            inner = self._set(_changes(old.words, new.words))
        return _element(old if self.shows == BEFORE else new, inner)

    def _whole(self, block: Block | None, op: str) -> str:
        if block is None or (op not in self.shows):
            return ""
        if block.tag == "figure":
            self._count(op, [])
            return self._figure(block, op, [Change(op, word) for word in block.words])
        inner = "".join(self._whole(child, op) for child in block.blocks)
        return _element(block, inner or self._set([Change(op, word) for word in block.words]))

    def _tables(self, old: Block, new: Block) -> str:
        """Both tables, each in its own columns, with what was deleted from the one and inserted into the other."""
        html = ""
        for op, shows, called in (("del", BEFORE, _("Before")), ("ins", AFTER, _("After"))):
            side = _Writer(self.picture, shows)
            html += (
                f'<div class="{op}"><small lang="{get_language()}">{escape(called)}</small>{side.write(old, new)}</div>'
            )
            self.counted += 1 + side.counted
            self.words += side.words
        return f'<div class="tables">{html}</div>'

    def _figures(self, old: Block, new: Block) -> str:
        if old.picture != new.picture:
            return f'<div class="pictures">{self._whole(old, "del")}{self._whole(new, "ins")}</div>'
        about = []
        if old.alt != new.alt:
            about.append((_("Alternative text:"), _changes(_alt(old), _alt(new))))
        if old.video != new.video:
            about.append((_("Video:"), _changes(_video(old), _video(new))))
        return self._figure(new, "same", _changes(old.words, new.words), about)

    def _figure(
        self, block: Block, op: str, caption: Sequence[Change], about: Iterable[tuple[str, Sequence[Change]]] = ()
    ) -> str:
        label = self.labels.get(op, "")
        picture = self.picture(block.picture) if block.picture is not None else ""
        words = [f"<span>{self._set(caption)}</span>"] if caption else []
        words += [f"<small>{escape(called)} {self._set(changes)}</small>" for called, changes in about]
        below = f"<figcaption>{' '.join(words)}</figcaption>" if words else ""
        return f'<figure class="{escape(op)}">{label}{picture}{below}</figure>'

    def _set(self, changes: Sequence[Change]) -> str:
        html = ""
        for op, run in groupby(changes, lambda change: change.op):
            words = [change.word for change in run]
            if op == "same":
                inner, space = _inline(words, shows_addresses=False)
                html += inner + space
            elif op in self.shows:
                self._count(op, words)
                inner, space = _inline(words, shows_addresses=True)
                html += f"<{op}>{self.labels[op]}{inner}</{op}>{space}"
        return html

    def _count(self, op: str, words: Sequence[Word]) -> None:
        self.counted += 1
        self.words[op] += sum(1 for word in words if any(map(str.isalnum, word.text)))


def _alt(figure: Block) -> list[Word]:
    """In words; None (the library's text) differs from '' (decorative)."""
    if figure.alt is None:
        return list(_words(_("that of the picture")))
    return list(_words(figure.alt or _("none, it is decoration")))


def _video(figure: Block) -> list[Word]:
    return list(_words(figure.video or _("no video")))


def _inside(block: Block) -> Sequence[Block]:
    return block.blocks or ([Block("", block.words)] if block.words else [])


def _element(block: Block, inner: str) -> str:
    if not block.tag:
        return inner
    if block.tag in {"h2", "h3"}:  # else they would be headings of the page that shows the difference
        return f'<p class="{block.tag}">{inner}</p>'
    return f"<{block.tag}{block.attributes}>{inner}</{block.tag}>"


def _inline(words: Sequence[Word], *, shows_addresses: bool) -> tuple[str, str]:
    """The words with links, bold, italics and all else, and the white space after the last one."""
    return _nested(words, 0, shows_addresses=shows_addresses)


def _nested(words: Iterable[Word], depth: int, *, shows_addresses: bool) -> tuple[str, str]:
    if depth == len(PLAIN):
        same = list(words)
        return "".join(map(_text, same)).rstrip(" "), " " if same[-1].space else ""
    html = space = ""
    for _mark, alike in groupby(words, lambda word: word.mark[: depth + 1]):
        run = list(alike)
        tag, attributes = [*run[0].mark.tags()][depth]
        inner, inner_space = _nested(run, depth + 1, shows_addresses=shows_addresses)
        if tag:
            inner = f"<{tag}{attributes}>{inner}</{tag}>"
        if tag == "a" and shows_addresses:
            inner += f' <small class="address">{escape(run[0].mark.href or "")}</small>'
        html, space = html + space + inner, inner_space
    return html, space


def _text(word: Word) -> str:
    if word.text == "\n":
        return "<br>"
    return escape(word.text, quote=False) + (" " if word.space else "")
