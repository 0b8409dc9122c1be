"""What is in several languages: the languages' names, and constraints of translated fields.

A text that is absent is NULL, never ''.
"""

from typing import cast

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import lazystr
from django.utils.translation import get_language, pgettext

LANGUAGES = tuple(code for code, _ in settings.LANGUAGES)
OWN_NAMES = dict(settings.LANGUAGES)  # as a language switch shows them, to whoever looks for their own


class _Name:
    """A language's name, in the language that is active; in itself where none is, as in migrations."""

    def __init__(self, code: str):
        self.code = code

    def __str__(self) -> str:
        if get_language() is None:
            return OWN_NAMES[self.code]
        names = {"de": pgettext("language", "German"), "en": pgettext("language", "English")}
        return names[self.code]


NAMES = {code: cast(str, lazystr(_Name(code))) for code in LANGUAGES}
CHOICES = tuple(NAMES.items())


def never_empty(*fields: str) -> list[models.BaseConstraint]:
    """A CHECK per language of each of `fields`: NULL or not empty."""
    return [
        models.CheckConstraint(
            condition=Q(**{f"{field}_{language}__isnull": True}) | ~Q(**{f"{field}_{language}": ""}),
            name=f"%(class)s_{field}_{language}_not_empty",
        )
        for field in fields
        for language in LANGUAGES
    ]


def slugs_only(field: str = "slug") -> list[models.BaseConstraint]:
    """A CHECK per language: lower-case words and digits with single hyphens between them."""
    return [
        models.CheckConstraint(
            condition=Q(**{f"{field}_{language}__isnull": True})
            | Q(**{f"{field}_{language}__regex": r"^[a-z0-9]+(-[a-z0-9]+)*$"}),
            name=f"%(class)s_{field}_{language}_well_formed",
        )
        for language in LANGUAGES
    ]
