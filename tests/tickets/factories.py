"""The smallest valid shop: each function makes one thing and saves it."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from sccon.clock import database_now
from tickets.models import Buyer, Event, Order, Payment, Product, ProductQuota, Quota
from tickets.money import receiving
from tickets.orders import carts, confirming, placing, reserving

numbers = count(1)


def make_event(**fields: Any) -> Event:
    """The current event, on sale, in two months."""
    now = database_now()
    values = {
        "name_de": "Kongress", "name_en": "Congress", "venue_de": "Halle 25", "venue_en": "Hall 25",
        "starts_at": now + timedelta(days=60), "ends_at": now + timedelta(days=62),
        "sales_start": now - timedelta(days=1), "sales_end": now + timedelta(days=60),
        "current": True, "seller_name": "Veranstalter GmbH", "seller_address": "Musterstraße 1, 10115 Berlin",
        "seller_email": "tickets@example.org", "iban": "DE02120300000000202051", "bic": "BYLADEM1001",
    }  # fmt: skip
    return Event.objects.create(**(values | fields))


def make_quota(event: Event, size: int | None = 10, **fields: Any) -> Quota:
    return Quota.objects.create(**{"event": event, "size": size, "name": f"Plätze {next(numbers)}", **fields})


def make_product(event: Event, *quotas: Quota, price: str = "119.00", **fields: Any) -> Product:
    """A product that takes its places from `quotas`."""
    values = {"name_de": "Kongressticket", "name_en": "Congress ticket", "price": Decimal(price), "tax_rate": 19}
    product = Product.objects.create(event=event, **(values | fields))
    for quota in quotas:
        ProductQuota.objects.create(product=product, quota=quota)
    return product


def make_shop(size: int | None = 10, **fields: Any) -> tuple[Event, Quota, Product]:
    """An event with one quota and one product."""
    event = make_event()
    quota = make_quota(event, size)
    return event, quota, make_product(event, quota, **fields)


def make_cart(*products: Product, number: int = 1, cart: Order | None = None) -> Order:
    """A cart with so many of each product."""
    return carts.choose(cart, {product.pk: number for product in products}, language="de")


def details(*, attendees: dict | None = None, declared: tuple[int, ...] = (), **fields: Any) -> placing.Details:
    values = {"email": f"henriette-{next(numbers)}@example.org", "name": "Henriette Oldenburg"}
    address = {"street": "Am Markt 1", "postcode": "16225", "city": "Eberswalde", "country": "DE"}
    return placing.Details(Buyer(**(values | address | fields)), attendees or {}, declared)


def place(cart: Order, **fields: Any) -> Order:
    """Orders what is in the cart, as a buyer does who saw it. Nobody has clicked the link in the mail yet."""
    positions = list(cart.positions.filter(cancelled_at=None))
    fields.setdefault("declared", tuple({position.product_id for position in positions}))
    return placing.place(
        cart.pk,
        lambda _positions: details(**fields),
        language="de",
        seen=sum((position.gross for position in positions), Decimal(0)),
        positions=[position.pk for position in positions],
    )


def make_order(*products: Product, number: int = 1, **fields: Any) -> Order:
    """An order whose buyer clicked the link in the mail: paid if it is free, else waiting for the transfer."""
    return confirming.confirm(place(make_cart(*products, number=number), **fields).pk)


def pay(order: Order, amount: str | Decimal | None = None, **fields: Any) -> receiving.Result:
    """Records a transfer: of the whole amount, unless told otherwise."""
    values = {"provider": Payment.Provider.TRANSFER, "provider_id": f"test-{next(numbers)}"}
    values |= {"received_on": date(2027, 1, 4), "by": None}
    return receiving.record(order, amount=Decimal(amount or order.total), **(values | fields))


def let_expire(*orders: Order) -> None:
    """Their time is over since a second."""
    Order.objects.filter(pk__in=[order.pk for order in orders]).update(expires_at=database_now() - timedelta(seconds=1))


def taken(*quotas: Quota) -> list[int]:
    return [Quota.objects.get(pk=quota.pk).taken for quota in quotas]


def agrees() -> bool:
    return reserving.recount() == {}
