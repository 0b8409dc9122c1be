"""Constraints of translated fields: a text that is absent is NULL, never ''."""

from django.conf import settings
from django.db import models
from django.db.models import Q

LANGUAGES = tuple(code for code, _ in settings.LANGUAGES)
NAMES = dict(settings.LANGUAGES)  # in their own language, as on the site


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
