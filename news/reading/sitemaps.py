"""Sitemaps of the articles, pages and topics that are public at one instant, and the news sitemap."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, QuerySet
from django.db.models.functions import Coalesce
from django.utils import translation

from news.models import Publication
from news.reading import queries
from sccon.sitemaps import Entry, Part
from sccon.xml import xml_text

RECENT = timedelta(hours=48)  # search engines accept no older ones in a news sitemap
FIELDS = ("article_id", "language", "kind", "path", "first_published_at", "updated_at")


class Texts(Part):
    """Public texts of one language, oldest first: new ones are appended, so earlier pages do not change."""

    def __init__(self, at: datetime, language: str):
        super().__init__(at)
        self.language = language

    def texts(self) -> QuerySet[Publication]:
        raise NotImplementedError

    def items(self) -> QuerySet[Publication]:
        return self.texts().order_by("first_published_at", "article_id").only(*FIELDS)

    def entries(self, items: Iterable[Publication]) -> Iterable[Entry]:
        rows = list(items)
        languages = _languages(rows, self.at)
        return [Entry(row.url, row.updated_at or row.first_published_at, languages[row.article_id]) for row in rows]

    def changed(self) -> datetime | None:
        newest = Max(Coalesce("updated_at", "first_published_at"))
        return self.texts().order_by().aggregate(newest=newest)["newest"]


class Articles(Texts):
    def texts(self) -> QuerySet[Publication]:
        return Publication.objects.public(self.language, self.at).news()


class Pages(Texts):
    """Imprint, privacy and other articles of kind page."""

    def texts(self) -> QuerySet[Publication]:
        return Publication.objects.public(self.language, self.at).filter(kind="page")


class Recent(Articles):
    """The news sitemap: titles of what appeared in the last 48 hours, in every language."""

    limit = 1000  # the most that search engines accept

    def __init__(self, at: datetime):
        super().__init__(at, "")

    def texts(self) -> QuerySet[Publication]:
        rows = Publication.objects.news().filter(visible__contains=self.at)
        return rows.filter(first_published_at__gt=self.at - RECENT)

    def items(self) -> QuerySet[Publication]:
        return self.texts().order_by("-first_published_at", "article_id", "language").only(*FIELDS, "title")

    def entries(self, items: Iterable[Publication]) -> Iterable[Entry]:
        return [
            Entry(row.url, extra={"story": row, "title": xml_text(row.title), "publisher": settings.SITE_NAME})
            for row in items
        ]


class Topics(Part):
    """Topics with public news, in each language in which they have a page."""

    def items(self) -> list[Entry]:
        paths: dict[int, dict[str, str]] = defaultdict(dict)
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                for topic, _count in queries.topic_counts(language, self.at):
                    paths[topic.pk][language] = topic.get_absolute_url()
        return [Entry(path, None, languages) for languages in paths.values() for path in languages.values()]


def _languages(rows: Sequence[Publication], at: datetime) -> dict[int, dict[str, str]]:
    """The URLs at which each article is public at `at`, by language."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    others = Publication.objects.filter(article_id__in=[row.article_id for row in rows], visible__contains=at)
    for row in others.only("article_id", "language", "kind", "path"):
        found[row.article_id][row.language] = row.url
    return found
