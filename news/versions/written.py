"""The fields of an article, written down here once: publishing, preview, differences and snapshots are made from them.

A new field of `Publication` that comes from the article is named in `TEXTS`, in `SHARED` or in `written`; a test walks
through both models and fails for a field that nobody knows.
"""

from functools import cache
from typing import Any

from django.db import models

from news.models import Article, Publication
from sccon.characters import one_line
from sccon.html import sanitise
from sccon.translated import LANGUAGES

# An article keeps these in each language, a publication in its own …
TEXTS = ("title", "lead", "body", "seo_title", "seo_description")
# … and these are the same in both.
SHARED = ("kind", "role", "image_id", "image_position", "author_id", "contact_id", "event_last_day")
HTML = ("body", "boilerplate")  # published sanitised


def meaning(name: str, value: Any) -> Any:
    """What `value` of the field `name` says, however it is written: as our form would store it.

    A text of an import has line breaks between its paragraphs, other elements, decomposed letters. Whoever asks whether
    something changed compares this, by `same`.
    """
    if not isinstance(value, str) or not value:
        return value or None
    return (sanitise(value) if _base(name) in HTML else one_line(value)) or None


def same(name: str, old: Any, new: Any) -> bool:
    """Whether both say the same in the field `name`. Cleaning is slow, and rarely needed."""
    return (old or None) == (new or None) or meaning(name, old) == meaning(name, new)


def _base(name: str) -> str:
    for language in LANGUAGES:
        name = name.removesuffix(f"_{language}")
    return name


def written(article: Article, language: str) -> dict[str, Any]:
    """What `article` says in `language`, by the columns of the `Publication` that would say it."""
    said = _as_typed(article, language)
    return said | {name: sanitise(said[name]) for name in HTML}


def _as_typed(article: Article, language: str) -> dict[str, Any]:
    said = {name: article.text(name, language) for name in TEXTS} | {name: getattr(article, name) for name in SHARED}
    return said | {
        "path": article.path(language),
        "image_alt": article.alt_here(language) if article.image_id else None,
        "boilerplate": article.boilerplate.html(language) if article.boilerplate else "",
    }


def read_back(publication: Publication) -> dict[str, Any]:
    """What `publication` says, by the article's columns as far as they tell (see `Snapshot.values`).

    Of the boilerplate a publication keeps the words, not which one it was: they are called `boilerplate`.
    """
    language = publication.language
    values = {f"{name}_{language}": getattr(publication, name) or None for name in TEXTS}
    values |= {name: getattr(publication, name) for name in SHARED}
    values |= {f"slug_{language}": _slug(publication), "boilerplate": publication.boilerplate or None}
    if publication.image_id:
        values["image_decorative"] = publication.image_alt == ""
        if publication.image_alt != "":
            values[f"image_alt_{language}"] = publication.image_alt
    return values


def _slug(publication: Publication) -> str:
    """The article's part of the address."""
    return publication.path.removeprefix("news/")


def differing(article: Article, publication: Publication) -> list[str]:
    """The fields of `written` in which `article` says something else than `publication`."""
    language = publication.language
    found = []
    for name, value in _as_typed(article, language).items():
        there = getattr(publication, name)
        if value == there or (name in (*TEXTS, *HTML) and same(name, value, there)):
            continue
        if name == "path" and article.text("slug", language) == _slug(publication):
            continue  # the kind differs, and is named
        if name == "image_alt" and not (article.image_id and publication.image_id):
            continue  # the picture differs, and is named
        found.append(name)
    return found


# --- The article's own columns --------------------------------------------------------------------


@cache
def stored_fields() -> tuple[models.Field, ...]:
    """The article's own columns that somebody fills in; translated ones by language only."""
    fields = {field.name: field for field in Article._meta.concrete_fields}
    return tuple(
        field
        for name, field in fields.items()
        if field.editable and not field.primary_key and f"{name}_{LANGUAGES[0]}" not in fields
    )


@cache
def translated() -> tuple[str, ...]:
    """What is kept in each language: the texts, and the address."""
    first = f"_{LANGUAGES[0]}"
    return tuple(field.name.removesuffix(first) for field in stored_fields() if field.name.endswith(first))


@cache
def translated_texts() -> tuple[str, ...]:
    """What a translator turns into the other language: all that is kept in both, but for the address."""
    return tuple(name for name in translated() if name != "slug")
