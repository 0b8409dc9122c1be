"""The parts of the sitemap: absolute addresses (SITE_URL), each with its alternates in other languages."""

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
        """The entry as the part's template needs it."""
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
    """A part of the sitemap at one instant. Django's Sitemap paginates it; the Host header is not used."""

    limit = 5000  # addresses per document

    def __init__(self, at: datetime):
        self.at = at

    def entries(self, items: Any) -> Iterable[Entry]:
        """The addresses of a page of `items`."""
        return items

    def changed(self) -> datetime | None:
        """When this part last changed; None where that is not known."""
        return None

    def get_urls(self, page: Any = 1, site: Any = None, protocol: Any = None) -> list[dict[str, Any]]:
        return [entry.as_url() for entry in self.entries(self.paginator.page(page).object_list)]


class EveryLanguage(Part):
    """Pages that exist in every language; `paths` is a mapping per page, language to path."""

    def __init__(self, at: datetime, paths: Iterable[Mapping[str, str]]):
        super().__init__(at)
        self.paths = list(paths)

    def items(self) -> list[Entry]:
        return [Entry(path, None, paths) for paths in self.paths for path in paths.values()]
