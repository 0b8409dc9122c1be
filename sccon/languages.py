"""A page in two languages: its own address, the other one's, and the switch between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation


@dataclass(frozen=True)
class Alternate:
    """A language in which a page is public at this instant, with its absolute address (for hreflang)."""

    language: str
    url: str


@dataclass(frozen=True)
class Choice:
    """An entry of the language switch."""

    language: str
    name: str
    url: str
    current: bool

    @property
    def label(self) -> str:
        return self.language.upper()


@cache
def in_each(view_name: str) -> Mapping[str, str]:
    """The path of a page that exists in every language under the same name."""
    paths = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            paths[language] = reverse(view_name)
    return paths


def links(request: HttpRequest, paths: Mapping[str, str], otherwise: Mapping[str, str] | None = None) -> dict:
    """Template context of a page: `canonical`, `alternates` and `switch`.

    `paths` names the languages in which the page is public, with its path in each; `otherwise` says where the
    switch leads in a language in which it is not (default: that language's home).
    """
    here = translation.get_language()
    elsewhere = {**in_each("site:home"), **(otherwise or {}), **paths}
    return {
        "canonical": settings.SITE_URL + paths.get(here, request.path),
        "alternates": [Alternate(language, settings.SITE_URL + path) for language, path in sorted(paths.items())],
        "switch": [
            Choice(language, name, elsewhere[language], language == here) for language, name in settings.LANGUAGES
        ],
    }
