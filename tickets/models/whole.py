"""An order with all that belongs to it, read in one statement: what nearly every page of a purchase shows."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Self

from sccon.statements import columns, fetch, instance, split

from .buyers import Buyer
from .events import Event
from .orders import Order
from .positions import Position
from .products import Product

# The lock first, by itself: what follows sees what others did before it was ours.
LOCK = "SELECT FROM tickets_order WHERE id = %s FOR UPDATE"
WHOLE = """
    SELECT clock_timestamp(), {order}, {buyer}, {event}, {position}, {product}
    FROM tickets_order AS "order"
    JOIN tickets_event AS event ON event.id = "order".event_id
    LEFT JOIN tickets_buyer AS buyer ON buyer.order_id = "order".id
    LEFT JOIN tickets_position AS position ON position.order_id = "order".id AND position.cancelled_at IS NULL
    LEFT JOIN tickets_product AS product ON product.id = position.product_id
    WHERE {condition}
    ORDER BY position.id
"""
MODELS = (Order, Buyer, Event, Position, Product)


@cache
def _statement(condition: str) -> str:
    return WHOLE.format(
        order=columns(Order, '"order"'),
        buyer=columns(Buyer, "buyer"),
        event=columns(Event, "event"),
        position=columns(Position, "position"),
        product=columns(Product, "product"),
        condition=condition,
    )


@dataclass(frozen=True)
class Whole:
    """An order with its buyer, its event, its live positions with their products, and the instant it was read."""

    order: Order
    positions: list[Position]
    at: datetime

    @classmethod
    def of(cls, pk: int, *, locked: bool = False) -> Self | None:
        """The order `pk`, None without it; `locked` until the transaction ends."""
        if locked:
            fetch(LOCK, [pk])
        return cls._read('"order".id = %(pk)s', {"pk": pk})

    @classmethod
    def by_secret(cls, code: str, secret: str) -> Self | None:
        """The same for whoever has its link."""
        return cls._read('"order".code = %(code)s AND "order".secret = %(secret)s', {"code": code, "secret": secret})

    @classmethod
    def _read(cls, condition: str, parameters: dict) -> Self | None:
        rows = fetch(_statement(condition), parameters)
        if not rows:
            return None
        at, *values = rows[0]
        order_row, buyer_row, event_row, _position, _product = split(values, *MODELS)
        order, positions = instance(Order, order_row), []
        order.event = instance(Event, event_row)
        if order.code:
            order.buyer = instance(Buyer, buyer_row)
        products: dict[int, Product] = {}
        for _at, *values in rows:
            _order, _buyer, _event, position_row, product_row = split(values, *MODELS)
            if position_row[0] is None:
                break  # a cart in which nothing is left
            position = instance(Position, position_row)
            if position.product_id not in products:
                products[position.product_id] = instance(Product, product_row)
            position.order, position.product = order, products[position.product_id]
            positions.append(position)
        return cls(order, positions, at)
