"""From cart to order to tickets, and how an order ends: one function a transition."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone

from sccon.clock import database_now
from sccon.jobs import app
from sccon.models import User
from sccon.statements import fetch
from tickets import codes, mails, reserving
from tickets.carts import Expired, in_cart
from tickets.models import Event, History, Order, Position
from tickets.validity import judge, last_for_transfers

# So long before the due date a buyer who has not paid is reminded.
REMIND = timedelta(days=3)

CODE_ATTEMPTS = 5


# What placing changes of an order, and all that it writes about it, in one statement.
PLACED = (
    *("status", "payment_terms", "code", "secret", "language", "total", "placed_at", "due_on", "expires_at"),
    *("email", "name", "company", "street", "postcode", "city", "country", "buyer_reference"),
)
PLACE = f"""
    WITH placed AS (
        UPDATE tickets_order SET {", ".join(f"{column} = %({column})s" for column in PLACED)} WHERE id = %(id)s
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


class NotCancellable(Exception):
    """The order has ended already, or someone else was first."""


@dataclass(frozen=True)
class Attendee:
    """Who comes with one of the tickets."""

    name: str
    company: str = ""


@dataclass(frozen=True)
class Details:
    """What the buyer typed. Kept in the session until the order is placed."""

    email: str
    name: str
    company: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    buyer_reference: str = ""
    attendees: dict[int, Attendee] = field(default_factory=dict)  # by position
    declared: tuple[int, ...] = ()  # products whose declaration was given

    def columns(self) -> dict[str, str]:
        """The fields that stand on the order."""
        names = ("email", "name", "company", "street", "postcode", "city", "country", "buyer_reference")
        return {name: getattr(self, name) for name in names}


def place(
    cart_id: int,
    details_for: Callable[[list[Position]], Details],
    *,
    language: str,
    seen: Decimal,
    positions: list[int],
) -> Order:
    """Orders what is in the cart, bindingly. A second call returns the order that the first one made.

    `details_for` reads what was typed about the positions; what it raises is passed on. `seen` and `positions` are
    total and positions as the summary showed them. Raises `Expired`, `Changed` or `NotValid`; then the cart is as
    it was.
    """
    for attempt in range(CODE_ATTEMPTS):
        try:
            return _place(cart_id, details_for, language=language, seen=seen, shown=positions)
        except IntegrityError:  # the code was taken: 24 ** 6 are many, but not endless
            if attempt == CODE_ATTEMPTS - 1:
                raise
    raise AssertionError


@transaction.atomic
def _place(
    cart_id: int, details_for: Callable[[list[Position]], Details], *, language: str, seen: Decimal, shown: list[int]
) -> Order:
    found = Order.objects.whole(cart_id, locked=True)
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
    _fill_in(order, positions, details, language=language, now=now)
    _write(order, positions)
    if order.status == Order.Status.PAID:
        issue(order, positions, at=now)
        mails.queue_tickets(order, positions)
    else:
        mails.queue_received(order, positions)
    return order


def _fill_in(order: Order, positions: Sequence[Position], details: Details, *, language: str, now: datetime) -> None:
    """What makes the cart an order: paid if it costs nothing, else waiting for a transfer."""
    free = not order.total
    order.status = Order.Status.PAID if free else Order.Status.PENDING
    order.payment_terms = Order.Terms.FREE if free else Order.Terms.PREPAY
    order.code, order.secret = codes.new_order_code(), codes.new_secret()
    order.language, order.placed_at = language, now
    order.due_on = None if free else due_date(order.event, now)
    order.expires_at = None if order.due_on is None else end_of_grace(order.event, order.due_on)
    for name, value in details.columns().items():
        setattr(order, name, value)
    for position in positions:
        attendee = details.attendees.get(position.pk) or Attendee(details.name, details.company)
        position.attendee_name, position.attendee_company = attendee.name, attendee.company


def _write(order: Order, positions: Sequence[Position]) -> None:
    """The order, who comes, and the line of the history."""
    values = {column: getattr(order, column) for column in PLACED}
    values |= {"id": order.pk, "positions": [position.pk for position in positions]}
    values["names"] = [position.attendee_name for position in positions]
    values["companies"] = [position.attendee_company for position in positions]
    fetch(PLACE, values)


def due_date(event: Event, ordered_at: datetime) -> date:
    """Until when a transfer shall be there: some days after the order, at the latest when it still arrives in time."""
    latest = min(ordered_at + timedelta(days=event.payment_days), last_for_transfers(event))
    return timezone.localdate(max(latest, ordered_at))


def end_of_grace(event: Event, due_on: date) -> datetime:
    """When an unpaid order expires: at the end of the last working day of grace, for banks are a day or two behind."""
    day, left = due_on, event.grace_days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def issue(order: Order, positions: list[Position], *, at: datetime) -> None:
    """Gives every position its ticket. The caller has marked the order as paid."""
    for position in positions:
        position.ticket_code = codes.new_ticket_code(event=order.event_id, product=position.product_id)
        position.page_secret = codes.new_secret()
        position.issued_at = at
    Position.objects.bulk_update(positions, ["ticket_code", "page_secret", "issued_at"])


@reserving.told_busy
@transaction.atomic
def cancel(order: Order, *, by: User, reason: str) -> None:
    """pending or paid → cancelled: frees the places, once, and tells the buyer. Raises `NotCancellable`."""
    endable = Order.objects.filter(pk=order.pk, status__in=[Order.Status.PENDING, Order.Status.PAID])
    if not endable.update(status=Order.Status.CANCELLED):
        raise NotCancellable(order.code)
    order.refresh_from_db()  # under the lock: money may have come since it was read
    History.objects.record(order, History.What.CANCELLED, by=by, reason=reason)
    mails.queue_cancelled(order, reason)
    reserving.give_back(reserving.places_of([order.pk]))


@transaction.atomic
def send_again(order: Order, *, by: User, reason: str) -> None:
    """Mails the buyer once more what the order's state calls for: the tickets, or how to pay."""
    order.refresh_from_db()
    line = History.objects.record(order, History.What.SENT_AGAIN, by=by, reason=reason)
    positions = list(order.positions.filter(cancelled_at=None))
    if order.status == Order.Status.PAID:
        mails.queue_tickets(order, positions, again=line.pk)
    elif order.status == Order.Status.PENDING:
        mails.queue_received(order, positions, again=line.pk)


@app.periodic(cron="23 8 * * *")
@app.task(
    name="tickets.remind_buyers",
    aliases=["tickets.ordering.remind_buyers"],
    queue="normal",
    queueing_lock="tickets.remind_buyers",
    pass_context=False,
)
def remind_buyers(timestamp: int) -> None:
    """Reminds once of every unpaid order that is due soon. Every morning."""
    soon = timezone.localdate(database_now()) + REMIND
    waiting = Order.objects.filter(status=Order.Status.PENDING, reminded_at=None, due_on__lte=soon)
    for pk in waiting.values_list("pk", flat=True):
        remind(pk)


@transaction.atomic
def remind(order_id: int) -> bool:
    """Mails the reminder, unless the order was paid, ended or reminded of meanwhile; says whether it did."""
    unpaid = Order.objects.filter(pk=order_id, status=Order.Status.PENDING, reminded_at=None)
    if not unpaid.update(reminded_at=database_now()):
        return False
    order = Order.objects.select_related("event").get(pk=order_id)
    History.objects.record(order, History.What.REMINDED)
    mails.queue_reminder(order)
    return True
