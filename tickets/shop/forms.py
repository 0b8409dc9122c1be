"""The buyer's forms: choice, details, confirmation."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from babel import Locale
from django import forms
from django.forms.boundfield import BoundField
from django.forms.utils import flatatt
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from sccon.fields import AddressField, LineField
from sccon.names import plain_name
from tickets.models import Buyer, Position
from tickets.orders.placing import Attendee, Details

MOST_PER_PRODUCT = 100


def chosen_in(data: Mapping[str, str]) -> dict[int, int]:
    """The chosen number per product id; what is not a number counts as 0."""
    numbers = {}
    for name, value in data.items():
        product = name.removeprefix("product-")
        if name != product and product.isdecimal() and len(product) < 10:
            numbers[int(product)] = min(int(value), MOST_PER_PRODUCT) if value.isdecimal() and len(value) < 6 else 0
    return numbers


def choice_as_text(numbers: Mapping[int, int]) -> str:
    """The chosen numbers as one parameter of an address, for `chosen_in_text`."""
    return ".".join(f"{pk}x{number}" for pk, number in numbers.items())


def chosen_in_text(text: str) -> dict[int, int]:
    """As `chosen_in`, from what `choice_as_text` wrote; anything else is nothing."""
    return chosen_in({f"product-{pk}": number for pk, number in re.findall(r"\b([0-9]+)x([0-9]+)\b", text)})


def countries() -> list[tuple[str, str]]:
    """ISO codes and names in the active language, the German-speaking countries first."""
    return _countries(translation.get_language() or "de")


@cache
def _countries(language: str) -> list[tuple[str, str]]:
    territories = Locale.parse(language).territories
    named = {
        code: name
        for code, name in territories.items()
        if len(code) == 2 and code not in {"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"}
    }
    first = [(code, named.pop(code)) for code in ("DE", "AT", "CH")]
    return [*first, *sorted(named.items(), key=lambda pair: _sortable(pair[1]))]


@cache
def _country_names(language: str) -> dict[str, str]:
    return dict(_countries(language))


@cache
def _country_options(language: str, chosen: str) -> SafeString:
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((code, mark_safe(" selected") if code == chosen else "", name) for code, name in _countries(language)),
    )


# Letters are delivered there without one; what somebody types nevertheless is kept.
WITHOUT_POSTCODE = (
    "AE AG AO AW BF BI BJ BO BQ BS BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GH GM GQ GY HK JM KI KM KN KP LY ML MO"
    " MR MW NR NU PA QA RW SB SC SL SO SR ST SX SY TD TG TK TL TO TT TV UG VU WS YE ZW"
)


class CountryField(forms.ChoiceField):
    """Looks the code up in a dict: Django would compare all 250, longer than the rest of the form takes."""

    def valid_value(self, value: Any) -> bool:
        return value in _country_names(translation.get_language() or "de")


class CountrySelect(forms.Select):
    """Renders 250 options as one cached string: Django renders a template per option, longer than the rest takes."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        language = translation.get_language() or "de"
        options = _country_options(language, value if value in _country_names(language) else "")
        return format_html(
            '<select name="{}"{}>{}</select>', name, flatatt(self.build_attrs(self.attrs, attrs)), options
        )


def _sortable(name: str) -> str:
    return name.lower().translate(str.maketrans("äöüåÅ", "aouaa"))


@dataclass(frozen=True)
class AttendeeFields:
    """The two fields of an attendee."""

    position: Position
    number: int
    name: BoundField
    company: BoundField


class DetailsForm(forms.Form):
    """Buyer, attendees, declarations and, if anything costs money, the invoice address."""

    name = LineField(
        label=_("First and last name"),
        max_length=120,
        validators=[plain_name],
        error_messages={"required": _("Please enter your name.")},
    )
    email = AddressField(help_text=_("Your order and your tickets are sent here."))
    company = LineField(label=_("Organisation"), max_length=160, required=False)
    street = LineField(
        label=_("Street and number"), max_length=160, error_messages={"required": _("Please enter street and number.")}
    )
    postcode = LineField(
        label=_("Postcode"), max_length=12, error_messages={"required": _("Please enter the postcode.")}
    )
    city = LineField(label=_("Town"), max_length=120, error_messages={"required": _("Please enter the town.")})
    country = CountryField(label=_("Country"), choices=countries, initial="DE", widget=CountrySelect)
    buyer_reference = LineField(
        label=_("Your reference"),
        max_length=60,
        required=False,
        help_text=_("Such as a cost centre or an order number."),
    )

    AUTOCOMPLETE = {
        "name": "name",
        "company": "organization",
        "street": "address-line1",
        "postcode": "postal-code",
        "city": "address-level2",
        "country": "country",
    }

    def __init__(self, positions: Sequence[Position], *args: Any, **kwargs: Any):
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.positions = positions
        self.costs = any(position.gross for position in positions)
        if not self.costs:
            for name in Buyer.ADDRESS:
                del self.fields[name]
        else:
            self.fields["postcode"].required = self["country"].value() not in WITHOUT_POSTCODE.split()
        self._add_attendees()
        self._add_declarations()
        for name, field in self.fields.items():
            if name in self.AUTOCOMPLETE:
                field.widget.attrs["autocomplete"] = self.AUTOCOMPLETE[name]

    def _add_attendees(self) -> None:
        """Adds fields named by product and number, so that what was typed survives a change of the cart."""
        self._names: dict[int, str] = {}
        counted: dict[int, int] = {}
        for position in self.positions:
            counted[position.product_id] = number = counted.get(position.product_id, 0) + 1
            key = self._names[position.pk] = f"attendee-{position.product_id}-{number}"
            first = position is self.positions[0]
            self.fields[f"{key}-name"] = LineField(
                label=_("First and last name"),
                max_length=120,
                validators=[plain_name],
                required=not first,
                error_messages={"required": _("Please name who comes with ticket %d.") % (len(self._names))},
                help_text=_("Empty: you come yourself.") if first else "",
            )
            self.fields[f"{key}-company"] = LineField(label=_("Organisation"), max_length=160, required=False)

    def _add_declarations(self) -> None:
        self._declared: dict[str, int] = {}
        for position in self.positions:
            name = f"declared-{position.product_id}"
            if position.declaration and name not in self.fields:
                self._declared[name] = position.product_id
                self.fields[name] = forms.BooleanField(
                    label=position.declaration,
                    error_messages={
                        "required": _("Please confirm this for “%s”, or choose another ticket.") % position.product_name
                    },
                )

    def buyer_fields(self) -> list[BoundField]:
        return [self[name] for name in ("name", "email", "company")]

    def address_fields(self) -> list[BoundField]:
        return [self[name] for name in Buyer.ADDRESS] if self.costs else []

    def attendees(self) -> list[AttendeeFields]:
        return [
            AttendeeFields(position, number, self[f"{key}-name"], self[f"{key}-company"])
            for number, (position, key) in enumerate(
                ((position, self._names[position.pk]) for position in self.positions), start=1
            )
        ]

    def declarations(self) -> list[BoundField]:
        return [self[name] for name in self._declared]

    def country_name(self) -> str:
        """The chosen country's name; '' without an address."""
        names = _country_names(translation.get_language() or "de")
        return names.get(self.cleaned_data.get("country", ""), "")

    def details(self) -> Details:
        """The valid form's data."""
        typed = self.cleaned_data
        buyer = Buyer(**{name: typed[name] for name in ("email", *Buyer.BOOKED) if name in typed})
        attendees = {
            pk: Attendee(typed[f"{key}-name"] or typed["name"], typed[f"{key}-company"] or typed["company"])
            for pk, key in self._names.items()
        }
        declared = tuple(product for name, product in self._declared.items() if typed[name])
        return Details(buyer, attendees=attendees, declared=declared)


class SeenForm(forms.Form):
    """Total and positions as the summary showed them when the buyer pressed the button."""

    total = forms.DecimalField(min_value=Decimal(0), max_digits=10, decimal_places=2)
    positions = forms.RegexField(r"^\d{1,18}(,\d{1,18}){0,999}$")

    def clean_positions(self) -> list[int]:
        return [int(pk) for pk in self.cleaned_data["positions"].split(",")]


def seen(positions: Sequence[Position]) -> dict[str, str]:
    """Values for the hidden fields of `SeenForm`."""
    total = sum((position.gross for position in positions), Decimal(0))
    return {"total": f"{total:.2f}", "positions": ",".join(str(position.pk) for position in positions)}
