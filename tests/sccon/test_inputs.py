"""Our inputs are Django's, byte for byte."""

from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from sccon.inputs import INPUTS, Renderer

WIDGETS = [
    forms.CheckboxInput,
    forms.DateInput,
    forms.DateTimeInput,
    forms.EmailInput,
    forms.HiddenInput,
    forms.NumberInput,
    forms.PasswordInput,
    forms.TelInput,
    forms.TextInput,
    forms.URLInput,
]
VALUES = [None, "", "O'Neill & <Söhne>", mark_safe("<b>"), 0, 1234.5, True, False, _("optional")]
ATTRIBUTES: list[dict[str, Any]] = [
    {},
    {"id": "id_a", "maxlength": "10", "required": True, "disabled": False, "title": 'a "b" & <c>', "data-x": None},
]


def test_every_input_is_compared():
    assert {widget.template_name for widget in WIDGETS} == INPUTS


@pytest.mark.parametrize("widget", WIDGETS)
@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("attributes", ATTRIBUTES)
def test_an_input_is_djangos_byte_for_byte(widget: type[forms.Widget], value: Any, attributes: dict[str, Any]):
    ours, djangos = (
        widget(attrs={"class": "wide"}).render("na-me", value, attributes, renderer)
        for renderer in (Renderer(), DjangoTemplates())
    )
    assert ours == djangos
