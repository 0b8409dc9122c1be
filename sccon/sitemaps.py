"""What a part of the sitemap is made of: addresses with the languages they exist in, absolute by SITE_URL."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sitemaps import Sitemap


@dataclass(frozen=True)
class Entry:
    """A public page: its path, when its content last changed, and its path in each language it is public in."""

    path: str
    changed: datetime | None = None
    languages: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def as_url(self) -> dict[str, Any]:
        """As the template of the part writes it."""
        alternates = [(language, settings.SITE_URL + path) for language, path in sorted(self.languages.items())]
        if settings.LANGUAGE_CODE in self.languages:
            alternates.append(("x-default", settings.SITE_URL + self.languages[settings.LANGUAGE_CODE]))
        return {
            "location": settings.SITE_URL + self.path,
            "lastmod": self.changed,
            "alternates": alternates if len(self.languages) > 1 else [],
            **self.extra,
        }


class Part(Sitemap):
    """A part of the sitemap as of one instant. Django's gives it pages; the Host header decides nothing."""

    limit = 5000  # addresses in one document

    def __init__(self, at: datetime):
        self.at = at

    def entries(self, items: Any) -> Iterable[Entry]:
        """The addresses of a page of `items`."""
        return items

    def changed(self) -> datetime | None:
        """When something in this part last changed, where that is known."""
        return None

    def get_urls(self, page: Any = 1, site: Any = None, protocol: Any = None) -> list[dict[str, Any]]:
        return [entry.as_url() for entry in self.entries(self.paginator.page(page).object_list)]


class EveryLanguage(Part):
    """Pages that exist in each language: their paths, a mapping for each."""

    def __init__(self, at: datetime, paths: Iterable[Mapping[str, str]]):
        super().__init__(at)
        self.paths = list(paths)

    def items(self) -> list[Entry]:
        return [Entry(path, None, paths) for paths in self.paths for path in paths.values()]
