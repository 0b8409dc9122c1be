"""Tax from the gross sum of the document, in every mix."""

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tickets.amounts import euros, percent, taxes
from tickets.models import Position


def positions(*lines: tuple[str, str]) -> list[Position]:
    return [Position(gross=Decimal(gross), tax_rate=Decimal(rate)) for gross, rate in lines]


def test_two_hundred_tickets_are_taxed_as_one_sum_not_line_by_line():
    [tax] = taxes(positions(*[("15.00", "19.00")] * 200))
    assert (tax.gross, tax.net, tax.tax) == (Decimal("3000.00"), Decimal("2521.01"), Decimal("478.99"))


def test_rates_stand_apart_and_what_bears_no_tax_is_left_out():
    lines = positions(("119.00", "19.00"), ("107.00", "7.00"), ("50.00", "0.00"), ("0.00", "19.00"))
    assert [(tax.rate, tax.tax) for tax in taxes(lines)] == [
        (Decimal(19), Decimal("19.00")),
        (Decimal(7), Decimal("7.00")),
    ]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 99999), st.sampled_from(["0.00", "7.00", "19.00"])), min_size=1, max_size=200))
def test_net_and_tax_are_always_the_gross_sum(drawn: list[tuple[int, str]]):
    lines = [Position(gross=Decimal(cents) / 100, tax_rate=Decimal(rate)) for cents, rate in drawn]
    taxed = sum((line.gross for line in lines if line.tax_rate), Decimal(0))
    assert sum(tax.net + tax.tax for tax in taxes(lines)) == taxed


@pytest.mark.parametrize(
    ("language", "amount", "rate"),
    [("de", "1.490,00\N{NO-BREAK SPACE}€", "5,5\N{NO-BREAK SPACE}%"), ("en", "€1,490.00", "5.5%")],
)
def test_amounts_and_rates_are_written_as_readers_do(language: str, amount: str, rate: str):
    with translation.override(language):
        assert (euros(Decimal("1490")), percent(Decimal("5.50"))) == (amount, rate)
