"""Amounts of money, as people write them."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from sccon.fields import AmountField

RIGHT = {
    "1.490,00": "1490.00",
    "1,490.00": "1490.00",
    "6.900,00": "6900.00",
    "60,00 €": "60.00",
    "60,00\u00a0€": "60.00",
    "€60.00": "60.00",
    "€ 60": "60.00",
    "60 EUR": "60.00",
    "6 000,00": "6000.00",
    "6\u202f000,00": "6000.00",
    "6’000.00": "6000.00",
    "60,00": "60.00",
    "60.00": "60.00",
    "60,5": "60.50",
    "60": "60.00",
    "1490": "1490.00",
    "1490,00": "1490.00",
    "123.456,78": "123456.78",
    "60,": "60.00",
    "\u200b60,00\n": "60.00",
}
ASKED = ("1.490", "1,490", "6.000", "60,000")
REFUSED = ("-60,00", "−60,00", "0", "0,00", "0,001", "60,0000", "1.49.00", "1,490,00", "1.4900,00", "12e3", "NaN", "sechzig", "€")  # fmt: skip


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("typed", RIGHT)
def test_an_amount_is_read_as_it_is_meant_whatever_the_language(language: str, typed: str):
    with translation.override(language):
        assert AmountField().clean(typed) == Decimal(RIGHT[typed])


@pytest.mark.parametrize("typed", ASKED)
def test_what_can_be_read_in_two_ways_is_asked(typed: str):
    with translation.override("de"), pytest.raises(ValidationError) as refused:
        AmountField().clean(typed)
    whole = typed.replace(".", "").replace(",", "")
    assert f"{whole},00 oder" in refused.value.messages[0]


@pytest.mark.parametrize("typed", REFUSED)
def test_what_is_no_amount_is_refused_and_no_sentence_has_a_foreign_point_in_it(typed: str):
    with translation.override("de"), pytest.raises(ValidationError) as refused:
        AmountField().clean(typed)
    assert "0.0" not in " ".join(refused.value.messages)
