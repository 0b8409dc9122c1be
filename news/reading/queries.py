"""Queries of the public pages, always for one language and one instant."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import (
    FETCH_RAISE,
    Case,
    Count,
    DateField,
    F,
    Func,
    IntegerField,
    Min,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Left, TruncMonth

from news.models import Author, Image, Pin, Publication, Rendition, SharePicture, Topic, TopicAddress, Withdrawal
from news.models.images import Shown
from news.models.publications import PublicationQuerySet, address_of
from sccon.pagecache import remembered
from sccon.statements import columns, fetch, instance, split

_TOPICS_OF = """
    SELECT publication_id, topic_id FROM news_publicationtopic WHERE publication_id = ANY(%s) ORDER BY position
"""
_RENDITIONS_OF = """
    SELECT image_id, crop, format, rendition.width, rendition.height, rendition.file
    FROM news_rendition AS rendition JOIN news_image AS image ON image.id = image_id AND ready_key = key
    WHERE image_id = ANY(%s) AND crop = ANY(%s) ORDER BY rendition.width
"""
RELATED_SHOWN = 3
# Where there is no lead, the beginning of the text: of the body lists read no more.
OPENING = Case(When(lead="", then=Left("body", 4000)), default=Value(""))
Crop = Rendition.Crop


def stories(
    language: str, at: datetime, *, topic: Topic | None = None, year: int | None = None
) -> QuerySet[Publication]:
    """News public in `language` at `at`, newest first; `news.reading.cards` shows them."""
    found = _narrowed(language, at, topic=topic, year=year)
    return (
        found.newest_first()
        .defer("body", "boilerplate", "seo_title", "seo_description")
        .annotate(opening=OPENING)
        .select_related("image", "author")
    )


def _narrowed(
    language: str, at: datetime, *, topic: Topic | None = None, year: int | None = None
) -> PublicationQuerySet:
    found = Publication.objects.public(language, at).news()
    if topic:
        found = found.filter(publication_topics__topic=topic)
    if year:
        found = found.filter(first_published_at__year=year)
    return found


def load_topics(rows: Sequence[Publication]) -> None:
    """Sets `shown_topics` of `rows`, in one query; the topics themselves are cached per generation."""
    found = defaultdict(list)
    for publication_id, topic_id in fetch(_TOPICS_OF, [[row.pk for row in rows]]) if rows else []:
        found[publication_id].append(topic_id)
    topics = all_topics() if found else {}
    for row in rows:
        row.shown_topics = [topics[topic_id] for topic_id in found[row.pk] if topics[topic_id].slug]


def all_topics() -> dict[int, Topic]:
    return remembered("topics", Topic.objects.in_bulk)


def load_renditions(images: Iterable[Image], *, crops: Sequence[str] = (Crop.CARD,)) -> None:
    """Sets `shown` of `images`: the current renditions of `crops`, in one query."""
    images = list(images)
    found = defaultdict(list)
    asked = [[image.pk for image in images], [str(crop) for crop in crops]]
    for image_id, *fields in fetch(_RENDITIONS_OF, asked) if images else []:
        found[image_id].append(Shown(*fields))
    for image in images:
        image.shown = found[image.pk]


@cache
def _text_at() -> str:
    """The SQL for `text`; only now do all apps know their fields."""
    return f"""
        SELECT {columns(Publication, "story")}, {columns(Image, "image")}, {columns(Author, "author")},
            {columns(Author, "contact")}, {columns(SharePicture, "share")}
        FROM news_publication AS story
        LEFT JOIN news_image AS image ON image.id = story.image_id
        LEFT JOIN news_author AS author ON author.id = story.author_id
        LEFT JOIN news_author AS contact ON contact.id = story.contact_id
        LEFT JOIN news_sharepicture AS share ON share.publication_id = story.id
        WHERE story.language = %s AND story.path = %s AND story.visible @> %s::timestamptz
    """  # noqa: S608 – our own names


def text(language: str, path: str, at: datetime) -> Publication | None:
    """What is public at `path`, with its picture and its people: as `Publication.objects.public` would give it."""
    rows = fetch(_text_at(), [language, path, at])
    if not rows:
        return None
    story, image, author, contact, share = split(rows[0], Publication, Image, Author, Author, SharePicture)
    found = instance(Publication, story, FETCH_RAISE)
    if found.image_id:
        found.image = instance(Image, image, FETCH_RAISE)
    if found.author_id:
        found.author = instance(Author, author, FETCH_RAISE)
    if found.contact_id:
        found.contact = instance(Author, contact, FETCH_RAISE)
    drawn = instance(SharePicture, share, FETCH_RAISE) if share[0] else None
    Publication._meta.get_field("share_picture").set_cached_value(found, drawn)  # also that there is none
    return found


def lead_story(language: str, at: datetime) -> Publication | None:
    """The lead story of the home page: the first pin that is public in `language`, else the newest story."""
    running = Pin.objects.filter(Q(until__isnull=True) | Q(until__gt=at))
    public = _narrowed(language, at).filter(notice="").newest_first().select_related("image", "author")
    pinned = public.filter(article__pin__in=running).order_by("article__pin__position", "-article__pin__pk")
    return pinned.first() or public.first()


def topic_counts(language: str, at: datetime, *, year: int | None = None) -> list[tuple[Topic, int]]:
    """Topics with the number of their public news in `language` (in `year`, if given), most news first."""
    if year is None:
        return remembered(("topic counts", language), lambda: _topic_counts(_narrowed(language, at)))
    return _topic_counts(_narrowed(language, at, year=year))


def _topic_counts(public: PublicationQuerySet) -> list[tuple[Topic, int]]:
    counted = Topic.objects.filter(publication_topics__publication__in=public).annotate(
        count=Count("publication_topics")
    )
    topics = [(topic, topic.count) for topic in counted.order_by() if topic.slug]
    return sorted(topics, key=lambda pair: (-pair[1], str(pair[0])))


def topic_at(language: str, slug: str) -> Topic | None:
    """The topic that has, or had, this slug in `language` and has a page there; none that only planned texts have."""
    if "\0" in slug:  # PostgreSQL refuses NUL in text
        return None
    named = TopicAddress.objects.filter(language=language, slug=slug, topic__in=Topic.objects.shown())
    address = named.select_related("topic").first()
    return address.topic if address and address.topic.slug else None


def year_counts(language: str, at: datetime, *, topic: Topic | None = None) -> list[tuple[int, int]]:
    """Years (Berlin time) with the number of their public news in `language` (of `topic`, if given), latest first."""
    if topic is None:
        return remembered(("year counts", language), lambda: _year_counts(_narrowed(language, at)))
    return _year_counts(_narrowed(language, at, topic=topic))


def _year_counts(public: PublicationQuerySet) -> list[tuple[int, int]]:
    counts = public.order_by().values(year=FirstYear()).annotate(count=Count("pk")).order_by("-year")
    return list(counts.values_list("year", "count"))


def month_counts(language: str, at: datetime) -> list[tuple[date, int]]:
    """Months (first days, Berlin time) with the number of their public news in `language`, latest first."""
    month = TruncMonth("first_published_at", output_field=DateField())
    counted = _narrowed(language, at).order_by().values(month=month).annotate(count=Count("pk")).order_by("-month")
    return list(counted.values_list("month", "count"))


class FirstYear(Func):
    """SQL: the year (Berlin time) in which a publication first appeared, 1970 to 2100."""

    # A search among these takes half as long as converting the time to Berlin's.
    _STARTS = ",".join(
        datetime(year, 1, 1, tzinfo=ZoneInfo(settings.TIME_ZONE)).isoformat() for year in range(1970, 2101)
    )
    template = f"(width_bucket(%(expressions)s, '{{{_STARTS}}}'::timestamptz[]) + 1969)"
    output_field = IntegerField()

    def __init__(self) -> None:
        super().__init__("first_published_at")


def related_stories(
    article_id: int | None,
    chosen: Collection[int] | QuerySet,
    topic: Topic | QuerySet | None,
    language: str,
    at: datetime,
) -> list[Publication]:
    """Related stories: those of `chosen` that are public in `language` at `at`, then the newest of `topic`.

    Without topics and renditions: the page fetches those for all its stories and pictures at once.
    """
    public = stories(language, at).exclude(article=article_id)
    found = list(public.filter(article__in=chosen)[:RELATED_SHOWN])
    if topic is not None and len(found) < RELATED_SHOWN:
        more = public.filter(publication_topics__topic=topic).exclude(pk__in=[s.pk for s in found])  # type: ignore[misc]
        found += more[: RELATED_SHOWN - len(found)]
    return found


def next_change(at: datetime) -> datetime | None:
    """The first moment after `at` at which a text or a pin begins or ends by itself."""
    begin, end = F("visible__startswith"), F("visible__endswith")
    moments = [
        Publication.objects.filter(visible__startswith__gt=at).aggregate(first=Min(begin))["first"],
        Publication.objects.filter(visible__endswith__gt=at).aggregate(first=Min(end))["first"],
        Pin.objects.filter(until__gt=at).aggregate(first=Min("until"))["first"],
    ]
    return min(filter(None, moments), default=None)


def paths_of(article_id: int, at: datetime) -> dict[str, str]:
    """The paths at which the article is public at `at`, by language."""
    rows = Publication.objects.filter(article=article_id, visible__contains=at).only("kind", "path", "language")
    return {row.language: row.get_absolute_url() for row in rows}


@dataclass(frozen=True)
class Neighbour:
    """A text to which a page links."""

    language: str
    kind: str
    path: str
    title: str

    @property
    def url(self) -> str:
        return address_of(self.language, self.kind, self.path)


@dataclass(frozen=True)
class Surroundings:
    """What the page of a text shows around it: its paths by language, the news before and after it, related stories and
    topics (ids, in order), and whether it has files."""

    paths: dict[str, str]
    older: Neighbour | None
    newer: Neighbour | None
    related: list[int]
    topics: list[int]
    has_files: bool
    legal: list[Publication] | None = None  # pages in the foot of a preview, which may differ from the public ones


# Seven queries in one, written in SQL: the ORM would take longer to build it than PostgreSQL to run it. CASE hides the
# selectivity of the instant from the planner, so that it keeps one plan, along the index by date. Of the newest, twice
# RELATED_SHOWN are fetched: some may be among the chosen.
_SURROUNDINGS = """
    WITH public AS NOT MATERIALIZED (
        SELECT id, language, kind, path, title, article_id, first_published_at AS first
        FROM news_publication WHERE CASE WHEN visible @> %(at)s::timestamptz THEN true END
    ), news AS NOT MATERIALIZED (
        SELECT * FROM public
        WHERE language = %(language)s AND kind <> 'page' AND %(kind)s::text <> 'page' AND article_id <> %(article)s::bigint
    )
    SELECT
        (SELECT json_agg(ARRAY[language, kind, path, title]) FROM public WHERE article_id = %(article)s),
        (
            SELECT ARRAY[language, kind, path, title] FROM news
            WHERE (first, article_id) < (%(first)s::timestamptz, %(article)s) ORDER BY first DESC, article_id DESC LIMIT 1
        ),
        (
            SELECT ARRAY[language, kind, path, title] FROM news
            WHERE (first, article_id) > (%(first)s, %(article)s) ORDER BY first, article_id LIMIT 1
        ),
        ARRAY(
            SELECT id FROM news
            WHERE article_id IN (SELECT article_id FROM news_publicationrelated WHERE publication_id = %(publication)s::bigint)
            ORDER BY first DESC, article_id DESC LIMIT 3
        ),
        ARRAY(
            SELECT id FROM news
            WHERE EXISTS (
                SELECT FROM news_publicationtopic AS topic WHERE topic.publication_id = news.id AND topic.topic_id = (
                    SELECT topic_id FROM news_publicationtopic WHERE publication_id = %(publication)s
                    ORDER BY position LIMIT 1
                )
            )
            ORDER BY first DESC, article_id DESC LIMIT 6
        ),
        ARRAY(SELECT topic_id FROM news_publicationtopic WHERE publication_id = %(publication)s ORDER BY position),
        EXISTS (SELECT FROM news_publicationattachment WHERE publication_id = %(publication)s)
"""


def surroundings(story: Publication, at: datetime) -> Surroundings:
    """What is public around `story` at `at`, in one query. Related stories are those that its editors chose, then the
    newest of its first topic."""
    asked: dict[str, Any] = {
        "at": at,
        "language": story.language,
        "kind": story.kind,
        "article": story.article_id or 0,  # a draft in the preview may be unsaved
        "publication": story.pk or 0,
        "first": story.first_published_at,
    }
    ((itself, older, newer, chosen, alike, topics, has_files),) = fetch(_SURROUNDINGS, asked)
    public = [Neighbour(*values) for values in itself or []]
    return Surroundings(
        paths={text.language: text.url for text in public},
        older=Neighbour(*older) if older else None,
        newer=Neighbour(*newer) if newer else None,
        related=list(dict.fromkeys([*chosen, *alike]))[:RELATED_SHOWN],
        topics=topics,
        has_files=has_files,
    )


@dataclass(frozen=True)
class Elsewhere:
    """The answer of an address without a public text: moved to `url`, or gone if that is None."""

    url: str | None


def elsewhere(language: str, path: str, at: datetime) -> Elsewhere | None:
    """The answer at `path`; None if no text was ever public there (a plan does not count)."""
    past = Publication.objects.filter(language=language, path=path, visible__startswith__lte=at)
    last = past.order_by("visible").last()
    if last is None:
        return None
    article_id: int | None = last.article_id
    seen: set[int] = set()
    while article_id and article_id not in seen:  # the replacement may have been replaced as well
        seen.add(article_id)
        if current := Publication.objects.public(language, at).filter(article=article_id).first():
            return Elsewhere(current.get_absolute_url())
        article_id = _replaced_by(article_id, language, at)
    return Elsewhere(None)


def _replaced_by(article_id: int, language: str, at: datetime) -> int | None:
    """The article that replaced one that is no longer public; None if there is none."""
    rows = Publication.objects.filter(article=article_id, language=language, visible__startswith__lte=at)
    ends = rows.order_by("visible").last()
    if ends is None:
        return None
    withdrawal = Withdrawal.objects.filter(article=article_id, language=language, at=ends.visible.upper).first()
    return withdrawal.target_id if withdrawal else None
