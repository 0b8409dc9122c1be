"""The form fields of the house: what people type or paste is cleaned in one way, whoever they are.

A form names them; a field of a model gets them by itself, in every admin of ours and where a form has `formfield` as
its `formfield_callback`. A test looks at every field of every form.
"""

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from sccon.addresses import clean_address
from sccon.characters import lines, one_line


class _Cleaned(forms.CharField):
    """Cleans what is typed; what was stored uncleaned, by an import say, is no change of its own."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.to_python(initial), data)


class LineField(_Cleaned):
    """Plain text in one line: see `one_line`. A longer one may have a textarea, and stays one line."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(None if value in self.empty_values else one_line(str(value)))


class LinesField(_Cleaned):
    """Plain text in several lines."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        return super().to_python(None if value in self.empty_values else lines(str(value)))


class AddressField(LineField):
    """An e-mail address. Not `type="email"`: browsers refuse international domains there."""

    def __init__(self, **options: Any):
        widget = forms.TextInput(
            attrs={"type": "text", "inputmode": "email", "autocomplete": "email", "autocapitalize": "none"}
        )
        errors = {"required": _("Please enter your e-mail address.")}
        super().__init__(**{"label": _("E-mail address"), "widget": widget, "error_messages": errors, **options})

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        return clean_address(typed) if typed else typed


class StaffAddressField(AddressField):
    """An e-mail address in the admin: somebody else's, so the browser does not suggest one's own."""

    def __init__(self, **options: Any):
        options["widget"] = forms.TextInput({"class": "vTextField", "inputmode": "email", "autocapitalize": "none"})
        super().__init__(**{"error_messages": {}, **options})


def formfield(db_field: models.Field, **options: Any) -> Any:
    """The form field of `db_field`, ours where it takes plain text."""
    return db_field.formfield(**with_class(db_field, options))


def with_class(db_field: models.Field, options: dict[str, Any]) -> dict[str, Any]:
    """`options` for the form field of `db_field`, with the class that the house has for it.

    What takes no line break on a page is one line, however long; where a model's text has several, its form says so.
    """
    ours: type[forms.Field] | None = None
    match db_field:
        case models.SlugField() | models.URLField():
            pass
        case models.EmailField():
            ours = StaffAddressField
        case models.CharField() | models.TextField():
            ours = LineField
    return {"form_class": ours, **options} if ours and db_field.choices is None else options
