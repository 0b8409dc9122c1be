"""Places an order: CART → PENDING. It holds its places for an hour, until somebody clicks the link in the mail."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone

from sccon.statements import fetch, names
from tickets import mails
from tickets.admission import codes
from tickets.catalogue.validity import judge, last_for_transfers
from tickets.models import Buyer, Event, History, Order, Position, Whole
from tickets.orders import origins
from tickets.orders.carts import Expired, in_cart

CODE_ATTEMPTS = 5

# How long an order holds its places without the click (see `tickets.orders.confirming`).
CONFIRM_WITHIN = timedelta(hours=1)


# Order, buyer, attendees and history in one statement: one round trip to the database.
PLACED = ("status", "payment_terms", "code", "secret", "language", "total", "placed_at", "due_on", "expires_at")
BOUGHT = names(Buyer)
PLACE = f"""
    WITH placed AS (
        UPDATE tickets_order SET {", ".join(f"{column} = %({column})s" for column in PLACED)} WHERE id = %(id)s
    ), bought AS (
        INSERT INTO tickets_buyer ({", ".join(BOUGHT)}) VALUES ({", ".join(f"%({column})s" for column in BOUGHT)})
    ), named AS (
        UPDATE tickets_position AS position
        SET attendee_name = attendee.name, attendee_company = attendee.company
        FROM unnest(%(positions)s::bigint[], %(names)s::text[], %(companies)s::text[]) AS attendee (id, name, company)
        WHERE position.id = attendee.id
    )
    INSERT INTO tickets_history (order_id, what, status, amount, reason)
    VALUES (%(id)s, '{History.What.PLACED.value}', %(status)s, %(total)s, '')
"""  # noqa: S608 – our own names


class Changed(Exception):
    """The cart is not what the buyer saw on the summary."""


@dataclass(frozen=True)
class Attendee:
    """Who comes with one of the tickets."""

    name: str
    company: str = ""


@dataclass(frozen=True)
class Details:
    """What was typed before ordering: who buys, who comes, and what was declared."""

    buyer: Buyer
    attendees: dict[int, Attendee] = field(default_factory=dict)  # by position
    declared: tuple[int, ...] = ()  # products whose declaration was given


def place(
    cart_id: int,
    details_for: Callable[[list[Position]], Details],
    *,
    language: str,
    seen: Decimal,
    positions: list[int],
) -> Order:
    """Orders what is in the cart. A second call returns the order that the first one made.

    `details_for` reads what was typed about the positions; what it raises is passed on. `seen` and `positions` are
    total and positions as the summary showed them. Raises `Expired`, `Changed`, `NotValid`, or `Refused` when mailbox or
    mail domain have their fill; then the cart is as it was.
    """
    attempt = partial(_place, cart_id, details_for, language=language, seen=seen, shown=positions)
    for _attempt in range(CODE_ATTEMPTS - 1):
        with suppress(IntegrityError):  # the code was taken: 24 ** 6 are many, but not endless
            return attempt()
    return attempt()


@transaction.atomic
def _place(
    cart_id: int, details_for: Callable[[list[Position]], Details], *, language: str, seen: Decimal, shown: list[int]
) -> Order:
    found = Whole.of(cart_id, locked=True)
    if found is None:
        raise Expired
    order, positions, now = found.order, found.positions, found.at
    if order.code:
        return order
    if order.status != Order.Status.CART or order.reserved_until <= now:
        raise Expired
    order.total = sum((position.gross for position in positions), Decimal(0))
    if order.total != seen or [position.pk for position in positions] != shown:
        raise Changed
    details = details_for(positions)
    judge(order.event, in_cart(positions), at=now, declared=details.declared)
    origins.allow_buyer(order, details.buyer.email, len(positions))
    _fill_in(order, positions, details, language=language, now=now)
    _write(order, positions)
    if not mails.queue_received(order, positions):
        raise origins.Refused(origins.Why.MAILS)
    return order


def _fill_in(order: Order, positions: Sequence[Position], details: Details, *, language: str, now: datetime) -> None:
    """Fills in what makes the cart an order."""
    free = not order.total
    order.status = Order.Status.PENDING
    order.payment_terms = Order.Terms.FREE if free else Order.Terms.PREPAY
    order.code, order.secret = codes.new_order_code(), codes.new_secret()
    order.language, order.placed_at = language, now
    order.due_on = None if free else due_date(order.event, now)
    order.expires_at = now + CONFIRM_WITHIN
    order.buyer = details.buyer
    for position in positions:
        attendee = details.attendees.get(position.pk) or Attendee(details.buyer.name, details.buyer.company)
        position.attendee_name, position.attendee_company = attendee.name, attendee.company


def _write(order: Order, positions: Sequence[Position]) -> None:
    """Writes the order, its buyer, its attendees and a line of the history."""
    values = {column: getattr(order, column) for column in PLACED}
    values |= {column: getattr(order.buyer, column) for column in BOUGHT}
    values |= {"id": order.pk, "positions": [position.pk for position in positions]}
    values["names"] = [position.attendee_name for position in positions]
    values["companies"] = [position.attendee_company for position in positions]
    fetch(PLACE, values)


def due_date(event: Event, ordered_at: datetime) -> date:
    """The due date: `payment_days` after the order, at the latest when a transfer still arrives before the event."""
    latest = min(ordered_at + timedelta(days=event.payment_days), last_for_transfers(event))
    return timezone.localdate(max(latest, ordered_at))


def end_of_grace(event: Event, due_on: date) -> datetime:
    """When an unpaid order expires: `grace_days` working days after the due date, for banks are a day or two behind."""
    day, left = due_on, event.grace_days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def issue(order: Order, positions: list[Position], *, at: datetime) -> None:
    """Issues the tickets: a code and a page per position; those of an order that was paid before are valid again.

    The caller has marked the order as paid.
    """
    positions = [position for position in positions if position.issued_at is None]
    for position in positions:
        position.ticket_code = codes.new_ticket_code(event=order.event_id, product=position.product_id)
        position.page_secret = codes.new_secret()
        position.issued_at = at
    Position.objects.bulk_update(positions, ["ticket_code", "page_secret", "issued_at"])
