"""Amounts (Decimal, EUR, gross) and their taxes, computed per rate from the document's gross sum (EN 16931)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils import formats, translation

from tickets.models import Position

CENT = Decimal("0.01")
NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Tax:
    """The tax of a document at one rate."""

    rate: Decimal
    gross: Decimal
    tax: Decimal

    @property
    def net(self) -> Decimal:
        return self.gross - self.tax


def taxes(positions: Iterable[Position]) -> list[Tax]:
    """The taxes of a document with these positions, highest rate first, without untaxed ones."""
    sums: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    for position in positions:
        sums[position.tax_rate] += position.gross
    return [
        Tax(rate, gross, tax_in(gross, rate)) for rate, gross in sorted(sums.items(), reverse=True) if rate and gross
    ]


def tax_in(gross: Decimal, rate: Decimal) -> Decimal:
    """The tax contained in `gross`."""
    return (gross * rate / (100 + rate)).quantize(CENT, ROUND_HALF_UP)


def euros(amount: Decimal) -> str:
    """An amount in the active language: 1.490,00 € or €1,490.00."""
    number = formats.number_format(amount.quantize(CENT), 2, use_l10n=True, force_grouping=True)
    return f"€{number}" if translation.get_language() == "en" else f"{number}{NBSP}€"


def percent(rate: Decimal) -> str:
    """A tax rate in the active language: 19 %, 5,5 % or 5.5%."""
    number = formats.number_format(rate.normalize(), use_l10n=True) if rate % 1 else str(int(rate))
    return f"{number}{NBSP}%" if translation.get_language() == "de" else f"{number}%"
