"""The history of an article: saves, publications, withdrawals, reviews and confirmed translations, latest first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from news.models import Article, ArticleVersion, Confirmation, Publication, Review, Withdrawal
from news.versions.written import translated_texts
from sccon.translated import LANGUAGES

PAGE = 25
SLACK = 6  # extra lines, so that a page never ends between two of the same instant


@dataclass(frozen=True)
class Entry:
    """A line of the history."""

    kind: str  # saved, public, planned, ended, withdrawn, confirmed, asked, returned, taken_back
    at: datetime
    by: str = ""
    languages: tuple[str, ...] = ()  # those concerned; of a save: those whose text changed
    version: int | None = None
    publication: Publication | None = None
    changed: tuple[str, ...] = ()  # of a save: the fields, without the language
    restored_from: int | None = None
    spares_translations: bool = False
    note: str = ""

    @property
    def side(self) -> str:
        """Its side of a comparison in the page's query, such as "14" or "p7"; '' if there is nothing to compare."""
        if self.kind == "saved":
            return str(self.version)
        return f"p{self.publication.pk}" if self.publication and self.kind in {"public", "planned"} else ""


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    older: datetime | None  # `before` for the next page; None on the last


def history(
    article: Article, *, at: datetime, language: str = "", before: datetime | None = None, size: int = PAGE
) -> Page:
    """The latest `size` lines before `before`, of one language or of both. One query per source.

    Each source yields only its latest lines, so every page costs the same.
    """
    count = size + SLACK
    end = before or at + timedelta(days=1)
    found = [entry for source in SOURCES for entry in source(article, at, language, end, count)]
    # Latest first; of the same instant, the save stands below what followed from it.
    found.sort(key=lambda entry: (entry.at, entry.kind != "saved", entry.version or 0), reverse=True)
    cut = size
    while cut < len(found) and found[cut].at == found[cut - 1].at:
        cut += 1
    return Page(found[:cut], found[cut - 1].at if len(found) > cut else None)


def _saves(article: Article, at: datetime, language: str, end: datetime, count: int) -> Iterable[Entry]:
    rows = ArticleVersion.objects.filter(article=article, at__lt=end)
    if language:
        rows = rows.filter(changed__overlap=[f"{name}_{language}" for name in (*translated_texts(), "slug")])
    for row in rows.select_related("by").order_by("-at", "-number")[:count]:
        suffixes = {code: f"_{code}" for code in LANGUAGES}
        yield Entry(
            kind="saved",
            at=row.at,
            by=str(row.by or ""),
            languages=tuple(
                code
                for code, suffix in suffixes.items()
                if any(
                    name.endswith(suffix) and name.removesuffix(suffix) in translated_texts() for name in row.changed
                )
            ),
            version=row.number,
            changed=tuple(dict.fromkeys(_base(name) for name in row.changed)),
            restored_from=row.restored_from,
            spares_translations=row.spares_translations,
        )


def _base(name: str) -> str:
    for suffix in (*(f"_{code}" for code in LANGUAGES), "_id"):
        name = name.removesuffix(suffix)
    return name


def _publications(article: Article, language: str):
    rows = Publication.objects.filter(article=article).select_related("published_by").defer("body")
    return rows.filter(language=language) if language else rows


def _public(article: Article, at: datetime, language: str, end: datetime, count: int) -> Iterable[Entry]:
    rows = _publications(article, language).filter(visible__startswith__lt=end, visible__startswith__lte=at)
    for row in rows.order_by("-visible")[:count]:
        yield Entry(
            kind="public",
            at=row.visible.lower,
            by=str(row.published_by or ""),
            languages=(row.language,),
            version=row.version,
            publication=row,
            note=row.notice,
        )


def _planned(article: Article, at: datetime, language: str, end: datetime, count: int) -> Iterable[Entry]:
    """Plans: a line for the planning, beside the line for the publication."""
    ahead = Q(visible__startswith__gt=F("recorded_at") + timedelta(minutes=1))
    rows = _publications(article, language).filter(ahead, recorded_at__lt=end)
    for row in rows.order_by("-recorded_at")[:count]:
        yield Entry(
            kind="planned",
            at=row.recorded_at,
            by=str(row.published_by or ""),
            languages=(row.language,),
            version=row.version,
            publication=row,
        )


def _ended(article: Article, at: datetime, language: str, end: datetime, count: int) -> Iterable[Entry]:
    """Texts that ended as planned: without a successor at that instant, and not withdrawn."""
    following = Publication.objects.filter(
        article=OuterRef("article"), language=OuterRef("language"), visible__startswith=OuterRef("visible__endswith")
    )
    gone = Withdrawal.objects.filter(
        article=OuterRef("article"), language=OuterRef("language"), at=OuterRef("visible__endswith")
    )
    rows = _publications(article, language).filter(visible__endswith__lt=end, visible__endswith__lte=at)
    rows = rows.filter(~Exists(following), ~Exists(gone)).order_by("-visible__endswith")
    for row in rows[:count]:
        yield Entry(kind="ended", at=row.visible.upper, languages=(row.language,), publication=row)


def _withdrawn(article: Article, at: datetime, language: str, end: datetime, count: int) -> Iterable[Entry]:
    rows = Withdrawal.objects.filter(article=article, at__lt=end).select_related("by", "target")
    if language:
        rows = rows.filter(language=language)
    for row in rows.order_by("-at")[:count]:
        yield Entry(kind="withdrawn", at=row.at, by=str(row.by or ""), languages=(row.language,), note=row.reason)


def _confirmed(article: Article, at: datetime, language: str, end: datetime, count: int) -> Iterable[Entry]:
    if language == "de":
        return
    for row in Confirmation.objects.filter(article=article, at__lt=end).select_related("by").order_by("-at")[:count]:
        yield Entry(kind="confirmed", at=row.at, by=str(row.by or ""), languages=("en",), version=row.version)


def _asked(article: Article, at: datetime, language: str, end: datetime, count: int) -> Iterable[Entry]:
    for row in _reviews(article, language).filter(asked_at__lt=end).order_by("-asked_at")[:count]:
        yield Entry("asked", row.asked_at, str(row.asked_by or ""), (row.language,), row.version, note=row.note)


def _decided(article: Article, at: datetime, language: str, end: datetime, count: int) -> Iterable[Entry]:
    """Decisions on reviews, except publications, which have lines of their own."""
    rows = _reviews(article, language).filter(decided_at__lt=end).exclude(decision=Review.Decision.PUBLISHED)
    for row in rows.order_by("-decided_at")[:count]:
        if row.decided_at:
            by = str(row.decided_by or "")
            yield Entry(row.decision, row.decided_at, by, (row.language,), row.version, note=row.answer)


def _reviews(article: Article, language: str):
    rows = Review.objects.filter(article=article).select_related("asked_by", "decided_by")
    return rows.filter(language=language) if language else rows


SOURCES: list[Callable[[Article, datetime, str, datetime, int], Iterable[Entry]]] = [
    _saves,
    _public,
    _planned,
    _ended,
    _withdrawn,
    _confirmed,
    _asked,
    _decided,
]


def field_labels(names: Iterable[str]) -> list[str]:
    """Labels of the fields in `Entry.changed`, most important first."""
    order = ["title", "lead", "body", "image", "topics", "author", "slug", "attachments", "related"]
    names = sorted(names, key=lambda name: (order.index(name) if name in order else len(order), name))
    return [_("files") if name == "attachments" else str(Article._meta.get_field(name).verbose_name) for name in names]  # type: ignore[union-attr]
