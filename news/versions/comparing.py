"""Compares two snapshots of an article (versions or publications) field by field, for the page of the history."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.db import models
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from news.models import Article, ArticleVersion, Author, Boilerplate, Image, Topic
from news.pictures.figures import image_ids
from news.pictures.html import picture_html
from news.versions.matching import matches
from news.versions.snapshots import Snapshot, changed_fields, files
from news.versions.word_diff import TextDiff, plain, rich
from news.versions.written import meaning, stored_fields, translated
from sccon.html import sanitise
from sccon.translated import LANGUAGES, NAMES

# What stands in front; the rest of the fields follows as the models name it.
FIRST_SHARED = ("image_id", "image_position", "topics", "author_id", "related", "attachments", "kind", "role")
SHARED_PART = "shared"  # beside the languages: what both have in common


@dataclass(frozen=True)
class Item:
    """A value of a field that is no text, such as a topic or a file, with what happened to it."""

    words: str
    op: str  # "same", "del", "ins"


@dataclass(frozen=True)
class FieldDiff:
    """The difference in one field: changed words of a text, a list of values, or pictures side by side."""

    name: str
    label: str
    changed: bool
    language: str = ""
    text: TextDiff | None = None
    items: tuple[Item, ...] = ()
    pictures: tuple[tuple[str, SafeString, str], ...] = ()  # op, HTML, description
    people: tuple[str, ...] = ()

    @property
    def base(self) -> str:
        return self.name.removesuffix(f"_{self.language}") if self.language else self.name


@dataclass(frozen=True)
class Part:
    """The fields of one language, or those that both share."""

    code: str
    name: str
    fields: tuple[FieldDiff, ...]

    @cached_property
    def changes(self) -> int:
        return sum(1 for field in self.fields if field.changed)

    @property
    def inserted(self) -> int:
        return sum(field.text.inserted for field in self.fields if field.text)

    @property
    def deleted(self) -> int:
        return sum(field.text.deleted for field in self.fields if field.text)

    @property
    def sentence(self) -> str:
        """A sentence that sums up the changes."""
        if not self.changes:
            return _("%(part)s: unchanged.") % {"part": self.name}
        if self.code == SHARED_PART:
            return _("%(part)s: %(fields)s.") % {
                "part": self.name,
                "fields": ", ".join(field.label for field in self.fields if field.changed),
            }
        inserted, deleted = self.inserted, self.deleted
        words = [
            ngettext("%(count)d word new", "%(count)d words new", inserted) % {"count": inserted} if inserted else "",
            ngettext("%(count)d word deleted", "%(count)d words deleted", deleted) % {"count": deleted}
            if deleted
            else "",
        ]
        said = ", ".join(filter(None, words)) or _("only the formatting differs")
        return _("%(part)s: %(words)s.") % {"part": self.name, "words": said}


@dataclass(frozen=True)
class Comparison:
    old: Snapshot
    new: Snapshot
    parts: tuple[Part, ...] = field(default=())

    @property
    def changes(self) -> int:
        return sum(part.changes for part in self.parts)

    @property
    def sentence(self) -> str:
        if not self.changes:
            return _("Nothing differs.")
        return " ".join(part.sentence for part in self.parts)


def compare(old: Snapshot, new: Snapshot, *, saves: Iterable[ArticleVersion] = ()) -> Comparison:
    """What differs from `old` to `new`; `saves` between them say who changed what."""
    old, new = _boilerplate_in_words(old, new), _boilerplate_in_words(new, old)
    named = _Named(old, new)
    changed = set(changed_fields(old, new))
    people: dict[str, dict[str, None]] = {}
    for save in saves:
        for name in save.changed:
            people.setdefault(name, {})[str(save.by)] = None
    people["boilerplate"] = people.get("boilerplate_id", {})
    names = part_names()
    parts = [
        Part(language, names[language], tuple(_texts(old, new, language, changed, named)))
        for language in LANGUAGES
        if language in old.languages and language in new.languages
    ]
    parts.append(Part(SHARED_PART, names[SHARED_PART], tuple(_shared(old, new, changed, named))))
    return Comparison(old, new, tuple(_with_people(part, people) for part in parts))


def _boilerplate_in_words(side: Snapshot, other: Snapshot) -> Snapshot:
    """`side` as it can be compared with a publication, which keeps the words of its boilerplate and nothing else."""
    if other.languages == LANGUAGES or "boilerplate_id" not in side.values:
        return side
    values = dict(side.values)
    pk = values.pop("boilerplate_id")
    boilerplate = Boilerplate.objects.filter(pk=pk).first() if pk else None
    values["boilerplate"] = boilerplate.html(other.languages[0]) if boilerplate else None
    return replace(side, values=values)


def part_of(column: str) -> str:
    """The part to which a column belongs: its language, or `SHARED_PART`."""
    return next((language for language in LANGUAGES if column.endswith(f"_{language}")), SHARED_PART)


def part_names() -> dict[str, str]:
    return NAMES | {SHARED_PART: _("Picture, filing, files")}


def german_since(old: Snapshot, new: Snapshot) -> list[FieldDiff]:
    """The German fields that changed, which a translator has to check."""
    named, changed = _Named(old, new), set(changed_fields(old, new))
    fields = [diff for diff in _texts(old, new, "de", changed, named) if diff.changed and diff.base != "slug"]
    titles = [
        tuple(_Value(title) for file in side.attachments if (title := meaning("title", file.title_de)))
        for side in (old, new)
    ]
    if titles[0] != titles[1]:
        fields.append(FieldDiff("attachments", _("Files"), True, "de", items=_items(*titles)))
    return fields


def _with_people(part: Part, people: Mapping[str, Mapping[str, None]]) -> Part:
    fields = [
        FieldDiff(**vars(diff) | {"people": tuple(name for name in people.get(diff.name, ()) if name != "None")})
        if diff.changed
        else diff
        for diff in part.fields
    ]
    return Part(part.code, part.name, tuple(fields))


# --- Texts --------------------------------------------------------------------------------------


def _texts(old: Snapshot, new: Snapshot, language: str, changed: set[str], named: "_Named") -> Iterable[FieldDiff]:
    columns = [name for name in {**new.values, **old.values} if name.endswith(f"_{language}")]
    order = dict.fromkeys((*Article.ESSENTIAL, *translated()))
    places = {f"{name}_{language}": number for number, name in enumerate(order)}
    for column in sorted(columns, key=lambda name: places.get(name, len(places))):
        base = column.removesuffix(f"_{language}")
        before, after = old.text(base, language), new.text(base, language)
        if not before and not after and base not in Article.ESSENTIAL:
            continue
        text = None
        if column in changed:
            words = (meaning(base, before) or "", meaning(base, after) or "")
            text = rich(*words, named.picture) if base == "body" else plain(*words)
        yield FieldDiff(column, _label(base), column in changed, language, text=text)


def label(field: models.Field) -> str:
    words = str(field.verbose_name)
    return words[:1].upper() + words[1:]


def _label(name: str) -> str:
    return label(Article._meta.get_field(name))  # type: ignore[arg-type]


# --- What both languages share ------------------------------------------------------------------


@dataclass(frozen=True)
class _Value:
    """A value of a field: compared by `key`, shown as `words`."""

    key: Any
    words: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.words or str(self.key)


def _shared(old: Snapshot, new: Snapshot, changed: set[str], named: "_Named") -> Iterable[FieldDiff]:
    texts = tuple(f"_{language}" for language in LANGUAGES)
    names = [*FIRST_SHARED, *(name for name in {**new.values, **old.values} if not name.endswith(texts))]
    for name in dict.fromkeys(names):
        called = _("Files") if name == "attachments" else _label(name)
        if name == "image_id":
            pictures = named.side_by_side(old.values.get(name), new.values.get(name))
            yield FieldDiff(name, called, name in changed, pictures=pictures)
        elif name == "boilerplate":  # in words, beside a publication
            (language, *_others) = min(old.languages, new.languages, key=len)
            words = (old.values.get(name) or "", new.values.get(name) or "")
            text = rich(*words, named.picture) if name in changed else None
            yield FieldDiff(name, called, name in changed, language, text=text)
        else:
            items = _items(named.values(old, name), named.values(new, name))
            if items:
                yield FieldDiff(name, called, name in changed, items=items)


def _items(old: Sequence[_Value], new: Sequence[_Value]) -> tuple[Item, ...]:
    same = dict(matches(old, new))
    items: list[Item] = []
    place = 0
    for at, value in enumerate(old):
        if at not in same:
            items.append(Item(str(value), "del"))
            continue
        items += [Item(str(added), "ins") for added in new[place : same[at]]]
        items.append(Item(str(value), "same"))
        place = same[at] + 1
    return (*items, *(Item(str(added), "ins") for added in new[place:]))


class _Named:
    """The objects that two snapshots mention by id, fetched at once."""

    def __init__(self, old: Snapshot, new: Snapshot):
        self.old, self.new = old, new
        fields = {each.attname: each for each in stored_fields()}
        self.fields: Mapping[str, models.Field] = fields

    @cached_property
    def images(self) -> dict[int, Image]:
        wanted: set[int] = set()
        for side in (self.old, self.new):
            wanted.update(filter(None, [side.values.get("image_id")]))
            for language in side.languages:
                if "data-image" in (body := side.text("body", language)):
                    wanted.update(image_ids(sanitise(body)))
        found = Image.objects.filter(pk__in=wanted).prefetch_related("renditions")
        return {image.pk: image for image in found}

    @cached_property
    def topics(self) -> dict[int, str]:
        found = Topic.objects.filter(pk__in={*self.old.topics, *self.new.topics})
        return {topic.pk: str(topic) for topic in found}

    @cached_property
    def articles(self) -> dict[int, str]:
        found = Article.objects.filter(pk__in={*self.old.related, *self.new.related})
        return {article.pk: str(article) for article in found.only("title", "title_de", "title_en")}

    @cached_property
    def authors(self) -> dict[int, str]:
        wanted = filter(None, (side.values.get("author_id") for side in (self.old, self.new)))
        return {author.pk: str(author) for author in Author.objects.filter(pk__in=wanted)}

    def picture(self, pk: int) -> SafeString:
        image = self.images.get(pk)
        if image is None:
            return format_html('<span class="gone">{}</span>', _("This picture is no longer in the library."))
        return picture_html(image, sizes="24rem", language=get_language())

    def side_by_side(self, old: int | None, new: int | None) -> tuple[tuple[str, SafeString, str], ...]:
        if old == new:
            return ()
        return tuple(
            (op, self.picture(pk), self._words_of(pk)) for op, pk in (("del", old), ("ins", new)) if pk is not None
        )

    def _words_of(self, pk: int) -> str:
        image = self.images.get(pk)
        return (getattr(image, f"alt_{get_language()}") or image.alt_de or "") if image else ""

    def values(self, side: Snapshot, name: str) -> tuple[_Value, ...]:
        """The values of the field `name` in `side`."""
        gone = _("(deleted)")
        match name:
            case "topics":
                return tuple(_Value(pk, self.topics.get(pk, gone)) for pk in side.topics)
            case "related":
                return tuple(_Value(pk, self.articles.get(pk, gone)) for pk in side.related)
            case "attachments":
                shared = [code for code in LANGUAGES if code in self.old.languages and code in self.new.languages]
                sizes = {file.file: file.size for file in side.attachments}
                return tuple(
                    _Value(row, f"{' / '.join(filter(None, row[1:]))} ({_file_name(row[0], sizes[row[0]])})")
                    for row in files(side, shared)
                )
            case "author_id":
                pk = side.values.get(name)
                return (_Value(pk, self.authors.get(pk, gone)),) if pk is not None else ()
        value = side.values.get(name)
        return (_Value(value, self._display(name, value)),) if value not in (None, "") else ()

    def _display(self, name: str, value: Any) -> str:
        known = self.fields.get(name)
        if known is not None and known.choices:
            return str(dict(known.flatchoices).get(value, value))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, date):
            return date_format(value, "DATE_FORMAT")
        if isinstance(known, models.ForeignKey):
            other = known.related_model._default_manager.filter(pk=value).first()
            return str(other) if other else _("(deleted)")
        return str(value)


def _file_name(path: str, size: int) -> str:
    return f"{path.rpartition('/')[2]}, {filesizeformat(size)}"
