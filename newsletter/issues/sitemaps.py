"""The archive's part of the sitemap."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max, QuerySet

from newsletter.models import Edition
from sccon.sitemaps import Entry, Part

from .archive import path_of


class Issues(Part):
    """The issues in the archive of one language, oldest first: new ones are appended, so earlier pages do not change."""

    def __init__(self, at: datetime, language: str):
        super().__init__(at)
        self.language = language

    def items(self) -> QuerySet[Edition]:
        return Edition.objects.in_archive(self.language).order_by("made_at", "pk").only("issue", "slug", "made_at")

    def entries(self, items: Iterable[Edition]) -> Iterable[Entry]:
        rows = list(items)
        paths: dict[int, dict[str, str]] = defaultdict(dict)
        among = Edition.objects.filter(issue__in=[row.issue_id for row in rows], archived=True, redacted_at=None)
        for each in among.only("issue", "language", "slug"):
            paths[each.issue_id][each.language] = path_of(each)
        return [Entry(paths[row.issue_id][self.language], row.made_at, paths[row.issue_id]) for row in rows]

    def changed(self) -> datetime | None:
        return Edition.objects.in_archive(self.language).order_by().aggregate(newest=Max("made_at"))["newest"]
