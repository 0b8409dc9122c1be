"""A page's addresses in each language: canonical, alternates (hreflang), and the language switch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.urls import ResolverMatch, reverse
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


def in_each(view_name: str, *args: object) -> Mapping[str, str]:
    """The path of a page in every language; cached for pages without arguments."""
    return _paths(view_name, args, {}) if args else _known(view_name)


def here_in_each(request: HttpRequest) -> Mapping[str, str]:
    """The path of the requested page in every language, with the same arguments."""
    match = cast(ResolverMatch, request.resolver_match)  # a view runs because its address was resolved
    return _paths(match.view_name, match.args, match.kwargs)


@cache
def _known(view_name: str) -> Mapping[str, str]:
    return _paths(view_name, (), {})


def _paths(view_name: str, args: Sequence[object], kwargs: dict[str, object]) -> Mapping[str, str]:
    paths = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            paths[language] = reverse(view_name, args=args, kwargs=kwargs)
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
