"""Fields of forms in the admin."""

from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from sccon.translated import LANGUAGES


def named_by_language(model: type[models.Model], db_field: models.Field, field: Any) -> Any:
    """A field of one language is named after it in words, and carries it for spelling and screen readers."""
    base, _underscore, language = db_field.name.rpartition("_")
    if field and base and language in LANGUAGES:
        label = str(model._meta.get_field(base).verbose_name)  # type: ignore[union-attr]
        language_name = {"de": _("German"), "en": _("English")}[language]
        field.label = _("%(field)s, %(language)s") % {"field": label[:1].upper() + label[1:], "language": language_name}
        field.widget.attrs["lang"] = language
        field.empty_value = None  # absent, also when only spaces were typed
    return field
