"""The desk, first page of the admin: what waits for a user, what is published or ends next, unfinished articles."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, Exists, Func, OuterRef, Q, QuerySet, Window
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from news.models import Article, Publication, Review
from news.publishing.reviewing import with_outdated
from news.publishing.states import changed
from news.versions import translating
from sccon.clock import database_now
from sccon.models import User
from sccon.translated import LANGUAGES, NAMES

SHOWN = 6  # lines of each list
SOON = timedelta(days=7)


@dataclass(frozen=True)
class Waiting:
    """A text that waits for a decision, an answer or a translation."""

    verb: str
    article: Article
    language: str
    note: str
    who: User | None
    since: datetime
    changed: bool = False  # since the request

    @property
    def title(self) -> str:
        return self.article.text("title", self.language) or str(self.article)

    @property
    def language_name(self) -> str:
        return str(NAMES[self.language])


@dataclass
class Moment:
    """A begin or an end ahead; both languages of one instant in one line."""

    at: datetime
    kind: str  # "begins" or "ends"
    article: Article
    title: str
    languages: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Shortened:
    """The first rows of a list, and the total."""

    shown: list[Any]
    count: int


@dataclass(frozen=True)
class Desk:
    waits: Shortened  # Waiting, the longest first
    in_review: Shortened  # Waiting, for others
    ahead: list[Moment]
    changed: Shortened
    ending: Shortened
    outdated: Shortened
    drafts: Shortened
    untranslated: int
    last: Article | None
    may_publish: bool


def desk(user: User) -> Desk:
    """The desk of `user`, in a constant number of queries."""
    at = database_now()
    may_publish = user.has_perm(Article.PUBLISH)
    asked = [(review, _asked(review)) for review in _open_reviews()]
    mine = [each for review, each in asked if may_publish and review.asked_by_id != user.pk]
    others = [each for review, each in asked if not may_publish or review.asked_by_id == user.pk]
    waits = sorted([*mine, *map(_returned, returned_to(user))], key=lambda each: each.since)
    articles = Article.objects.select_related("saved_by")
    has_text = translating.has_text("de") | translating.has_text("en")  # a take-down saves an empty draft
    return Desk(
        waits=Shortened(waits[:SHOWN], len(waits)),
        in_review=Shortened(others[:SHOWN], len(others)),
        ahead=_ahead(at),
        changed=_changed(articles, at),
        ending=_counted(ending(at).select_related("article").order_by("visible__endswith")),
        outdated=_counted(
            translating.with_outdated_since(articles)
            .filter(outdated_since__isnull=False)
            .order_by("outdated_since", "pk")
        ),
        drafts=_counted(articles.filter(publications__isnull=True).order_by("-saved_at")),
        untranslated=Article.objects.filter(translating.needs_translation()).count(),
        # Not once more what waits above.
        last=articles.filter(has_text, saved_by=user)
        .exclude(pk__in=[each.article.pk for each in waits])
        .order_by("-saved_at")
        .first(),
        may_publish=may_publish,
    )


def _counted(rows: QuerySet) -> Shortened:
    """The first of `rows` and their total, in one query."""
    shown = list(rows.annotate(total=Window(Count("*")))[:SHOWN])
    return Shortened(shown, shown[0].total if shown else 0)


# --- Reviews ----------------------------------------------------------------------------------


def _open_reviews() -> QuerySet[Review]:
    waiting = with_outdated(Review.objects.open())
    return waiting.select_related("article", "asked_by").order_by("asked_at", "pk")


def returned_to(user: User) -> QuerySet[Review]:
    """Reviews that `user` requested and got back, and that nothing has settled since."""
    kin = {"article": OuterRef("article"), "language": OuterRef("language")}
    again = Review.objects.filter(asked_at__gt=OuterRef("asked_at"), **kin)
    # … published in spite of it, or taken down: then nothing is left to rework.
    since = Q(recorded_at__gt=OuterRef("decided_at")) | Q(redacted_at__gt=OuterRef("decided_at"))
    over = Publication.objects.filter(since, **kin)
    returned = Review.objects.filter(decision=Review.Decision.RETURNED, asked_by=user)
    return returned.exclude(Exists(again) | Exists(over)).select_related("article", "decided_by")


def _asked(review: Review) -> Waiting:
    return Waiting(
        verb=_("Review"),
        article=review.article,
        language=review.language,
        note=review.note,
        who=review.asked_by,
        since=review.asked_at,
        changed=review.outdated,
    )


def _returned(review: Review) -> Waiting:
    return Waiting(
        verb=_("Rework"),
        article=review.article,
        language=review.language,
        note=review.answer,
        who=review.decided_by,
        since=review.decided_at or review.asked_at,
    )


# --- What goes out and ends -------------------------------------------------------------------


def ending(at: datetime) -> QuerySet[Publication]:
    """Public texts that end within seven days without a successor."""
    end = Func(OuterRef("visible"), function="upper", output_field=DateTimeField())
    following = Publication.objects.filter(
        article=OuterRef("article"), language=OuterRef("language"), visible__startswith=end
    )
    public = Publication.objects.filter(visible__contains=at, visible__endswith__lte=at + SOON)
    return public.exclude(Exists(following))


def _ahead(at: datetime) -> list[Moment]:
    """The next begins and ends, in order of time."""
    coming = Q(visible__startswith__gt=at) | Q(visible__endswith__gt=at)
    rows = list(Publication.objects.filter(coming).select_related("article").order_by("visible"))
    begins = {(row.article_id, row.language, row.visible.lower) for row in rows}
    moments: dict[tuple[datetime, str, int], Moment] = {}
    # One line has the title of one language: the reader's, where it is among them.
    for row in sorted(rows, key=lambda row: (row.language != get_language(), LANGUAGES.index(row.language))):
        edges = [] if row.continues else [("begins", row.visible.lower)]
        if (row.article_id, row.language, row.visible.upper) not in begins:  # else another version follows
            edges.append(("ends", row.visible.upper))
        for kind, moment in edges:
            if moment and moment > at:
                line = moments.setdefault((moment, kind, row.article_id), Moment(moment, kind, row.article, row.title))
                line.languages.append(str(NAMES[row.language]))
    return [moments[key] for key in sorted(moments)][:SHOWN]


def _changed(articles: QuerySet[Article], at: datetime) -> Shortened:
    ids = {language: set(changed(language, at)) for language in LANGUAGES}
    found = articles.filter(pk__in=set().union(*ids.values())).order_by("-saved_at")
    shown = list(found[:SHOWN])
    for article in shown:
        article.open_in = _names(language for language in LANGUAGES if article.pk in ids[language])  # type: ignore[attr-defined]
    return Shortened(shown, len(set().union(*ids.values())))


def _names(languages: Iterable[str]) -> list[str]:
    return [str(NAMES[language]) for language in languages]
