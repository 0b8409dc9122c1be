"""Three-way merge of two people's changes to an article, field by field.

A field that only one of them changed takes that change. A text that both changed in different paragraphs takes both
changes. Any other field that both changed differently is a collision, which a person resolves. The common base is the
version with which the form was opened.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import Any, NamedTuple

from django.db.models import Model
from django.utils.functional import cached_property

from news.models import Article
from news.versions import snapshots
from news.versions.matching import matches
from news.versions.snapshots import AttachmentSnapshot, Snapshot
from news.versions.written import meaning
from sccon.html import parts, sanitise

TITLES = ("title_de", "title_en")


@dataclass(frozen=True)
class Merge:
    """The result: fields to take from what is stored, fields that collide, and texts with the changes of both."""

    taken: tuple[str, ...]
    collisions: tuple[str, ...]
    both: Mapping[str, str] = field(default_factory=dict)


def merge(base: Mapping[str, Any] | None, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Merge:
    """Merges the fields of `mine`. Without a base, each difference is a collision."""
    differing = [name for name, value in mine.items() if theirs[name] != value]
    taken = [name for name in differing if base is not None and base[name] == mine[name]]
    collisions = [name for name in differing if base is None or base[name] not in (mine[name], theirs[name])]
    both = {}
    for name in collisions:
        texts = [side[name] for side in (base or {}, mine, theirs) if name.startswith("body_") and side]
        if len(texts) == 3 and all(isinstance(text, str) for text in texts):
            merged = merge_parts(*map(parts, texts))
            if merged is not None:
                both[name] = sanitise("".join(merged))
    return Merge(tuple(taken), tuple(name for name in collisions if name not in both), both)


# --- Paragraphs -------------------------------------------------------------------------------


class Hunk(NamedTuple):
    """Instead of the paragraphs of the base from `start` to `end` stands `instead`; equal numbers insert it there."""

    start: int
    end: int
    instead: tuple[str, ...]

    def collides(self, other: "Hunk") -> bool:
        if self.start == self.end == other.start == other.end:
            return True  # which of two inserted paragraphs comes first, only people know
        if self.start == self.end or other.start == other.end:
            return self.start < other.start < self.end or other.start < self.start < other.end
        return self.start < other.end and other.start < self.end


def merge_parts(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    """The base with the changes of both; None if they touch the same paragraph, or insert at the same place."""
    ours, others = set(_hunks(base, mine)), set(_hunks(base, theirs))
    if any(one.collides(other) for one in ours for other in others if one != other):
        return None
    merged: list[str] = []
    at = 0
    for hunk in sorted(ours | others):
        merged += [*base[at : hunk.start], *hunk.instead]
        at = hunk.end
    return [*merged, *base[at:]]


def _hunks(base: Sequence[str], changed: Sequence[str]) -> Iterator[Hunk]:
    edges = [(-1, -1), *matches(base, changed), (len(base), len(changed))]
    for (old, new), (next_old, next_new) in pairwise(edges):
        before, after = base[old + 1 : next_old], tuple(changed[new + 1 : next_new])
        if len(before) == len(after):  # each rewritten in its place
            yield from (Hunk(old + 1 + at, old + 2 + at, (part,)) for at, part in enumerate(after))
        else:
            yield Hunk(old + 1, next_old, after)


# --- Fields -----------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A form's value in comparable form: rows by id, no text as None, line ends as LF."""
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, str):
        return value.replace("\r\n", "\n") or None
    if isinstance(value, Collection):
        return [plain(part) for part in value]
    return value


def fields_of(snapshot: Snapshot) -> dict[str, Any]:
    """The values of a version by the names of the form's fields, in the form of `plain`."""
    # The form cleans: an imported text that nobody touched must not count as changed.
    values = {name.removesuffix("_id"): plain(_cleaned(name, value)) for name, value in snapshot.values.items()}
    return values | {"topics": list(snapshot.topics), "related": sorted(snapshot.related)}


def _cleaned(name: str, value: Any) -> Any:
    return meaning(name, value) if isinstance(value, str) else value


class Meanwhile:
    """The changes between the version with which a form was opened and the stored one."""

    def __init__(self, article: Article, started_from: int):
        self.article, self.started_from = article, started_from
        self.stored = snapshots.current(article)

    @cached_property
    def base(self) -> Snapshot | None:
        """The version with which the form was opened; None if there is none, such as of an import never saved here."""
        try:
            return snapshots.snapshot(self.article, self.started_from)
        except snapshots.UnknownVersion:
            return None

    @cached_property
    def people(self) -> list[str]:
        """Who saved since, in order."""
        since = range(max(self.started_from, self.stored.version - 20) + 1, self.stored.version + 1)
        try:
            found = [snapshot.saved_by for _number, snapshot in sorted(self._since(since))]
        except snapshots.UnknownVersion:
            found = [self.stored.saved_by]
        return list(dict.fromkeys(str(person) for person in found if person)) or ["?"]

    def _since(self, numbers: range) -> Sequence[tuple[int, Snapshot]]:
        return list(snapshots.snapshots(self.article, numbers).items())

    def merge(self, mine: Mapping[str, Any]) -> Merge:
        """Merges the values of the form's fields, each in the form of `plain`."""
        return merge(fields_of(self.base) if self.base else None, mine, fields_of(self.stored))


# --- Files beside the article -----------------------------------------------------------------


@dataclass
class Row:
    """An attachment as it was posted: id (None: new), titles, place, whether it is removed, whether its file is
    replaced."""

    pk: int | None
    texts: dict[str, str]
    place: int | None = None  # from 1; None: none was typed
    removed: bool = False
    replaced: bool = False
    collisions: list[str] = field(default_factory=list)  # fields that collide


@dataclass
class MergedRows:
    """The attachments to show and save. `lost` are those that others removed while this form changed them."""

    rows: list[Row]
    taken: bool = False  # something of the others' came in
    lost: list[tuple[AttachmentSnapshot, Row]] = field(default_factory=list)
    removed_though_changed: list[AttachmentSnapshot] = field(default_factory=list)


def merge_rows(rows: Sequence[Row], meanwhile: Meanwhile) -> MergedRows:
    """Merges the posted rows with the stored ones; the others' new files come before this form's new ones."""
    stored = {file.pk: file for file in meanwhile.stored.attachments}
    base = {file.pk: file for file in meanwhile.base.attachments} if meanwhile.base else {}
    merged = MergedRows([])
    places, base_places = _places(meanwhile.stored), _places(meanwhile.base)
    for row in rows:
        if row.pk is None:
            continue
        if row.pk in places and row.place == base_places.get(row.pk):
            row.place = places[row.pk]  # only others moved it
        before, now = base.get(row.pk), stored.pop(row.pk, None)
        if now is None:
            if before is None or row.replaced or _retitled(row, before):
                merged.lost.append((before or _unknown(row), row))
            merged.taken = True
            continue
        _merge_row(row, before, now, merged)
        merged.rows.append(row)
    merged.taken |= bool(stored)
    merged.rows += [Row(file.pk, {name: getattr(file, name) or "" for name in TITLES}) for file in stored.values()]
    merged.rows += [row for row in rows if row.pk is None]
    return merged


def _merge_row(row: Row, before: AttachmentSnapshot | None, now: AttachmentSnapshot, merged: MergedRows) -> None:
    if row.removed:
        if before is not None and before != now:
            merged.removed_though_changed.append(now)
        return
    mine = {name: meaning(name, row.texts[name]) for name in TITLES}
    theirs = _titles(now)
    found = merge(_titles(before) if before else None, mine, theirs)
    for name in found.taken:
        row.texts[name] = theirs[name] or ""
    row.collisions += found.collisions
    if before is not None and before.file != now.file:
        if row.replaced:
            row.collisions.append("file")
        else:
            merged.taken = True
    merged.taken |= bool(found.taken)


def _places(snapshot: Snapshot | None) -> dict[int, int]:
    return {file.pk: place for place, file in enumerate(snapshot.attachments if snapshot else (), 1)}


def in_order[T](files: Iterable[tuple[T, int | None, int | None]]) -> list[T]:
    """The files by the places that were typed, each beside the place where it is stored; new ones are last.

    Who types only one number means it: what moves up comes before the one that has the place, what moves down after it.
    """

    def key(row: tuple[T, int | None, int | None]) -> tuple[float, int]:
        _file, typed, stored = row
        there = stored or inf
        place = typed or there
        return place, (place > there) - (place < there)

    return [file for file, _typed, _stored in sorted(files, key=key)]


def _retitled(row: Row, before: AttachmentSnapshot) -> bool:
    return any(meaning(name, row.texts[name]) != said for name, said in _titles(before).items())


def _titles(file: AttachmentSnapshot) -> dict[str, str | None]:
    return {name: meaning(name, getattr(file, name)) for name in TITLES}


def _unknown(row: Row) -> AttachmentSnapshot:
    """Stands for an attachment that only the form still has."""
    return AttachmentSnapshot(row.pk or 0, "", row.texts["title_de"] or None, row.texts["title_en"] or None, 0, 0)
