"""The shop's offers: per product, whether it can be bought now and how many are left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from tickets.catalogue.validity import NotValid, judge, last_for_transfers
from tickets.models import Event, Product

# With so many places left or fewer, the shop shows the number.
FEW = 10


@dataclass(frozen=True)
class Offer:
    """A product as the shop shows it."""

    product: Product
    left: int | None  # None: as many as are asked for
    closed: str  # why it cannot be bought now; '' when it can
    chosen: int = 0
    error: str = ""

    @property
    def sold_out(self) -> bool:
        return self.left is not None and self.left < self.product.min_per_order

    @property
    def few(self) -> bool:
        """Whether the shop shows the number left."""
        return self.left is not None and not self.sold_out and self.left <= FEW

    @property
    def buyable(self) -> bool:
        return not self.closed and not self.sold_out

    @property
    def numbers(self) -> list[int]:
        """The numbers to choose from, including what was chosen."""
        most = self.product.max_per_order if self.left is None else min(self.product.max_per_order, self.left)
        return sorted({0, self.chosen, *range(self.product.min_per_order, most + 1)})


@dataclass(frozen=True)
class Catalogue:
    """The current event with its products in the shop's order, as they stood at one instant."""

    event: Event
    products: Sequence[Product]
    at: datetime


def catalogue() -> Catalogue | None:
    """The current event's catalogue; None without a current event."""
    products = list(Product.objects.for_sale().with_left().read_now())
    if products:
        return Catalogue(products[0].event, products, products[0].read_at)
    event = Event.objects.current().read_now().first()
    return Catalogue(event, [], event.read_at) if event else None


def next_change(at: datetime) -> datetime | None:
    """For the page cache: the next instant after `at` when an event or a sale begins or ends."""
    event = Event.objects.current().first()
    if event is None:
        return None
    moments = [event.starts_at, event.ends_at, event.sales_start, event.sales_end, last_for_transfers(event)]
    for product in Product.objects.filter(event=event, active=True):
        moments += filter(None, [product.available_from, product.available_until])
    return min((moment for moment in moments if moment > at), default=None)


def offers(
    catalogue: Catalogue, *, chosen: Mapping[int, int] | None = None, errors: Mapping[int, str] | None = None
) -> list[Offer]:
    """An offer per product of the catalogue."""
    return [
        Offer(
            product,
            product.left,
            _closed(catalogue.event, product, catalogue.at),
            (chosen or {}).get(product.pk, 0),
            (errors or {}).get(product.pk, ""),
        )
        for product in catalogue.products
    ]


def shortages(
    catalogue: Catalogue, wanted: Mapping[int, int], *, held: Mapping[int, int] | None = None
) -> dict[int, str]:
    """A sentence per wanted product id of which not enough are left, with those that the visitor holds already."""
    own = held or {}
    left = {
        product.pk: product.left + own.get(product.pk, 0) for product in catalogue.products if product.left is not None
    }
    return {
        pk: _("%d left. Please choose again.") % number if number else _("Sold out.")
        for pk, number in left.items()
        if number < wanted.get(pk, 0)
    }


def price_from(event: Event, at: datetime) -> Decimal | None:
    """The lowest price on sale at `at`, without free tickets; None if nothing is on sale."""
    paid = Product.objects.filter(event=event, active=True, price__gt=0, section=Product.Section.ADMISSION)
    return min((product.price for product in paid if not _closed(event, product, at)), default=None)


def _closed(event: Event, product: Product, at: datetime) -> str:
    try:
        judge(event, {product: product.min_per_order}, at=at)
    except NotValid as refused:
        return refused.problems[0].sentence
    return ""
