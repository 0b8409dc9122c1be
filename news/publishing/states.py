"""The state of an article in a language, computed from draft, publications and reviews, never stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import (
    DateTimeField,
    Exists,
    Func,
    Max,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    prefetch_related_objects,
)

from news.models import Article, Attachment, Publication, Review, Withdrawal
from news.publishing import reviewing
from news.versions import translating
from news.versions.written import differing, meaning

PARTS = ("publication_topics", "publication_related", "publication_attachments")


@dataclass(frozen=True)
class State:
    """The state of an article in one language at one instant."""

    language: str
    current: Publication | None = None
    planned: tuple[Publication, ...] = ()
    withdrawal: Withdrawal | None = None
    ended: datetime | None = None  # when the last text ended, as planned or by a withdrawal
    taken_down: datetime | None = None  # when that text was emptied for legal reasons
    started: bool = False  # the draft has a text in this language
    changes: tuple[str, ...] = field(default=())  # fields in which the draft differs from the newest row
    review: Review | None = None  # the open one
    returned: Review | None = None  # the last review, if it was returned and nothing was published since
    outdated_since: datetime | None = None  # since when the German differs

    @property
    def newest(self) -> Publication | None:
        """What the draft is compared with: the last plan, else what is public."""
        return self.planned[-1] if self.planned else self.current

    @property
    def word(self) -> str:
        """One word for lists and filters: live, notice, planned, taken-down, withdrawn, ended, draft or missing."""
        if self.current:
            return "notice" if self.current.notice else "live"
        if self.planned:
            return "planned"
        if self.taken_down:
            return "taken-down"
        if self.withdrawal and (self.ended is None or self.ended <= self.withdrawal.at):
            return "withdrawn"
        if self.ended:
            return "ended"
        return "draft" if self.started else "missing"


def states(articles: Iterable[Article], language: str, at: datetime) -> dict[int, State]:
    """The states of `articles` by id. The number of queries does not depend on how many they are."""
    articles = list(articles)
    related = Prefetch("related", Article.objects.only("pk").order_by("pk"))  # in the order of `publish`
    prefetch_related_objects(
        [article for article in articles if article.pk], "article_topics", "attachments", "boilerplate", related
    )
    ids = [article.pk for article in articles]
    rows: dict[int, list[Publication]] = {pk: [] for pk in ids}
    publications = Publication.objects.filter(article__in=ids, language=language, visible__endswith__gt=at)
    endless = Publication.objects.filter(article__in=ids, language=language, visible__upper_inf=True)
    for row in (publications | endless).prefetch_related(*PARTS).order_by("visible"):
        rows[row.article_id].append(row)
    gone = {w.article_id: w for w in Withdrawal.objects.filter(article__in=ids, language=language).order_by("at")}
    past = Publication.objects.filter(article__in=ids, language=language, visible__endswith__lte=at)
    end = Func("visible", function="upper", output_field=DateTimeField())
    emptied = Q(redacted_at__isnull=False)
    last = (
        past.order_by().values("article").annotate(at=Max(end), empty=Max(end, filter=emptied), by=Max("redacted_at"))
    )
    ended = {row["article"]: (row["at"], row["by"] if row["at"] == row["empty"] else None) for row in last}
    reviews = _latest_reviews(articles, language)
    outdated = translating.outdated(ids) if language == "en" else {}
    return {
        pk: replace(
            _state(article, language, rows[pk], gone.get(pk), *ended.get(pk, (None, None)), reviews.get(pk), at),
            outdated_since=outdated.get(pk),
        )
        for pk, article in zip(ids, articles, strict=True)
    }


def _latest_reviews(articles: list[Article], language: str) -> dict[int, Review]:
    """The last review of each of `articles`, with `review.article` set."""
    found = reviewing.with_outdated(Review.objects.filter(article__in=articles, language=language))
    found = found.select_related("asked_by", "decided_by")
    by_id = {article.pk: article for article in articles}
    latest = {review.article_id: review for review in found.order_by("asked_at", "pk")}
    for review in latest.values():
        review.article = by_id[review.article_id]
    return latest


def state(article: Article, language: str, at: datetime) -> State:
    return states([article], language, at)[article.pk]


def _state(
    article: Article,
    language: str,
    rows: list[Publication],
    withdrawal: Withdrawal | None,
    ended: datetime | None,
    taken_down: datetime | None,
    last_review: Review | None,
    at: datetime,
) -> State:
    current = next((row for row in rows if row.visible.lower <= at), None)
    planned = tuple(row for row in rows if row.visible.lower > at and not row.continues)
    if current and (more := next((row for row in rows if row.visible.lower > at and row.continues), None)):
        current.visible = DateTimeTZRange(current.visible.lower, more.visible.upper)  # for readers it is one text
    newest = planned[-1] if planned else current
    returned = last_review if last_review and last_review.decision == Review.Decision.RETURNED else None
    if returned and newest and newest.recorded_at > (returned.decided_at or at):
        returned = None  # published in spite of the return
    if returned and taken_down and taken_down > (returned.decided_at or at):
        returned = None  # nothing is left to rework
    return State(
        language=language,
        current=current,
        planned=planned,
        withdrawal=withdrawal if not current or current.notice else None,
        ended=None if current else ended,
        taken_down=None if current or planned else taken_down,
        started=article.has_text(language),
        changes=tuple(differences(article, newest)) if newest else (),
        review=last_review if last_review and last_review.decided_at is None else None,
        returned=returned,
    )


def differences(article: Article, publication: Publication) -> list[str]:
    """The fields in which the draft says something else than `publication`."""
    return differences_of(
        article,
        publication,
        topics=[part.topic_id for part in article.article_topics.all()],
        related=[other.pk for other in article.related.all()],
        files=article.attachments.all(),
    )


def differences_of(
    article: Article,
    publication: Publication,
    *,
    topics: Sequence[int],
    related: Sequence[int],
    files: Iterable[Attachment],
) -> list[str]:
    """The same of an article that may not be saved, with what it has beside its own columns."""
    found = differing(article, publication)
    if topics != [part.topic_id for part in publication.publication_topics.all()]:
        found.append("topics")
    if related != [part.article_id for part in publication.publication_related.all()]:
        found.append("related")
    title = f"title_{publication.language}"
    named = [(file.file.name, said) for file in files if (said := meaning(title, getattr(file, title)))]
    if named != [(part.file.name, meaning(title, part.title)) for part in publication.publication_attachments.all()]:
        found.append("attachments")
    return found


def changed(language: str, at: datetime) -> list[int]:
    """Ids of articles that are public or planned in `language` and whose draft differs.

    Only articles saved since their publication are compared, so the cost depends on what is in progress.
    """
    newest = Publication.objects.filter(article=OuterRef("pk"), language=language).order_by("-visible")
    saved_since = (
        Article.objects.filter(
            Exists(newest.filter(Q(visible__endswith__gt=at) | Q(visible__upper_inf=True))),
            # The clocks of web server and database may differ a little.
            saved_at__gt=Subquery(newest.values("recorded_at")[:1]) - timedelta(minutes=1),
        )
        .order_by()
        .prefetch_related("article_topics")
    )
    return [pk for pk, state in states(saved_since, language, at).items() if state.changes]
