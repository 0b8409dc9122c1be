"""Fields of forms in the admin."""

from typing import Any

from django.db import models
from django.utils.text import capfirst

from sccon.translated import LANGUAGES


def named_by_language(db_field: models.Field, field: Any) -> Any:
    """A field of one language is named after it in words, and carries it for spelling and screen readers."""
    base, _underscore, language = db_field.name.rpartition("_")
    if field and base and language in LANGUAGES:
        field.label = capfirst(db_field.verbose_name)
        field.widget.attrs["lang"] = language
        field.empty_value = None  # absent, also when only spaces were typed
    return field
