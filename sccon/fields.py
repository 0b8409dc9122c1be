"""The form fields of the house: what people type or paste is cleaned in one way, whoever they are.

A form names them; a field of a model gets them by itself, in every admin of ours and where a form has `formfield` as
its `formfield_callback`. A test looks at every field of every form.
"""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.fields import BLANK_CHOICE_LABEL
from django.utils import formats
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


class AmountField(forms.DecimalField):
    """An amount of money, as people and our own pages write it in German and in English: 1.490,00 €, €1,490.00, 60,00."""

    def __init__(self, **options: Any):
        attributes = {"type": "text", "inputmode": "decimal", "class": "vTextField"}
        options.setdefault("widget", forms.TextInput(attributes))
        if "min_value" not in options:  # Django's own sentence has a bare 0.01 in it, also in German.
            options.setdefault("error_messages", {"min_value": _("Please write an amount above 0.")})
        super().__init__(**{"min_value": Decimal("0.01"), "max_digits": 8, "decimal_places": 2, **options})

    def to_python(self, value: Any) -> Any:
        return super().to_python(plain_amount(value) if isinstance(value, str) else value)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            return formats.number_format(value, 2, use_l10n=True, force_grouping=True)
        return value


def plain_amount(typed: str) -> str:
    """The number in `typed` with a dot before the cents, whichever of dot and comma it has there.

    Raises `ValidationError` where the two ways to read it differ (1.490): that is asked, never guessed.
    """
    if not typed.strip():
        return ""
    text = re.sub(r"[\s'’€]|EUR", "", one_line(typed), flags=re.IGNORECASE).replace("−", "-")
    sign, number = ("-", text[1:]) if text.startswith("-") else ("", text)
    if re.fullmatch(r"\d{1,3}[.,]\d{3}", number):
        whole, cents = re.sub("[.,]", "", number), re.sub("[.,]", ",", number)[:-1]
        raise ValidationError(
            _("%(typed)s can be read in two ways. Please write %(whole)s or %(cents)s."),
            params={"typed": number, "whole": f"{whole},00", "cents": cents},
            code="ambiguous",
        )
    match = re.fullmatch(r"(\d+|\d{1,3}(?:([.,])\d{3})(?:\2\d{3})*)(?:([.,])(\d{1,2}|(?=$)))?", number)
    if not match or (match[2] and match[2] == match[3]):
        raise ValidationError(
            _("Please write an amount, such as %(example)s."), params={"example": "1.490,00"}, code="invalid"
        )
    return f"{sign}{re.sub('[.,]', '', match[1])}.{match[4] or '00'}"


class NumberField(forms.FloatField):
    """A number with decimals, shown as the page's language writes it, and read with a comma and with a point."""

    def __init__(self, **options: Any):
        options.setdefault("widget", forms.TextInput({"type": "text", "inputmode": "decimal", "class": "vTextField"}))
        super().__init__(**options)

    def to_python(self, value: Any) -> Any:
        return super().to_python(one_line(value).replace(",", ".") if isinstance(value, str) else value)

    def prepare_value(self, value: Any) -> Any:
        # Not by `number_format`, which rounds: what nobody touched must come back as it was.
        if isinstance(value, float):
            return str(value).replace(".", formats.get_format("DECIMAL_SEPARATOR"))
        return value


class StaffAddressField(AddressField):
    """An e-mail address in the admin: somebody else's, so the browser does not suggest one's own."""

    def __init__(self, **options: Any):
        options["widget"] = forms.TextInput({"class": "vTextField", "inputmode": "email", "autocapitalize": "none"})
        super().__init__(**{"error_messages": {}, **options})


def formfield(db_field: models.Field, **options: Any) -> Any:
    """The form field of `db_field`, ours where it takes plain text."""
    return with_empty_words(db_field.formfield(**with_class(db_field, options)))


def with_empty_words(field: Any, words: Any = None) -> Any:
    """`field`, whose list says with `words` what it means to choose nothing.

    Django's "- Select an option -" demands a choice where none is needed.
    """
    if not isinstance(field, forms.ChoiceField | forms.ModelChoiceField) or field.required:
        return field
    words = words or _("not specified")
    if isinstance(field, forms.ModelChoiceField):
        field.empty_label = words if field.empty_label == BLANK_CHOICE_LABEL else field.empty_label
    else:
        choices: Any = field.choices
        field.choices = [(value, words if label == BLANK_CHOICE_LABEL else label) for value, label in choices]
    return field


def with_class(db_field: models.Field, options: dict[str, Any]) -> dict[str, Any]:
    """`options` for the form field of `db_field`, with the class that the house has for it.

    What takes no line break on a page is one line, however long; where a model's text has several, its form says so.
    Numbers have the decimal sign of the page's language, whatever a browser's own number field would show.
    """
    ours: type[forms.Field] | None = None
    match db_field:
        case models.SlugField() | models.URLField():
            pass
        case models.EmailField():
            ours = StaffAddressField
        case models.CharField() | models.TextField():
            ours = LineField
        case models.FloatField():
            ours = NumberField
        case models.DecimalField():
            ours, options = AmountField, {"min_value": Decimal(0), **options}
    return {"form_class": ours, **options} if ours and db_field.choices is None else options
