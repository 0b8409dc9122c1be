"""Records money that came for an order, by whichever way, and pays the order if it is enough.

The payment is recorded in any case; what follows depends on the order's status.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sccon.clock import database_now
from sccon.models import User
from tickets import mails
from tickets.models import History, Order, Payment
from tickets.orders import confirming, placing, reserving
from tickets.orders.expiring import makes_room


class Outcome(TextChoices):
    """What a payment led to."""

    PAID = "paid", _("The order is paid; the tickets are on their way to the buyer.")
    OVERPAID = "overpaid", _("The order is paid, with more than was asked. The rest is to be returned.")
    PART = "part", _("Recorded as a part payment; the order still waits for the rest.")
    REVIVED = "revived", _("The order had expired, but places were free: it is paid, the tickets are on their way.")
    TOO_LATE = "too_late", _("The order had ended, and there is no place for it any more: the money is to be returned.")


class AlreadyRecorded(Exception):
    """The same payment was recorded before."""


class SameTransfer(Exception):
    """The same amount of the same day was recorded for the order, and nobody said that it came once more."""


@dataclass(frozen=True)
class Result:
    """The outcome, and the order as it is afterwards."""

    outcome: Outcome
    order: Order


@transaction.atomic
def record(
    order: Order,
    *,
    provider: Payment.Provider,
    provider_id: str,
    amount: Decimal,
    received_on: date,
    by: User | None,
    note: str = "",
    known: Collection[int] | None = None,
) -> Result:
    """Records a payment; marks the order as paid if it covers the total.

    Raises `AlreadyRecorded` for a `provider_id` that was recorded before, and `Busy`. With `known`, the ids of payments
    that look the same and are none the less others, raises `SameTransfer` for any other of them.
    """
    order = locked(order.pk)  # so that of two half payments at once the second sees the first
    same = Payment.objects.filter(provider=provider, provider_id=provider_id)
    if known is not None and not same.exists() and not set(alike(order, amount, received_on)) <= set(known):
        raise SameTransfer
    try:
        with transaction.atomic():
            Payment.objects.create(
                order=order,
                provider=provider,
                provider_id=provider_id,
                amount=amount,
                received_on=received_on,
                recorded_by=by,
                note=note,
            )
    except IntegrityError as error:
        raise AlreadyRecorded(provider_id) from error
    History.objects.record(order, History.What.PAYMENT, by=by, amount=amount, reason=note)
    order.paid += amount
    return Result(weigh(order, by=by), order)


def locked(pk: int) -> Order:
    """The order with its event and buyer, locked until the transaction ends."""
    orders = Order.objects.select_related("event", "buyer")
    return orders.select_for_update(of=("self",), no_key=True).get(pk=pk)


def alike(order: Order, amount: Decimal, received_on: date) -> list[int]:
    """Payments of the order with the same amount and day that nobody took back."""
    there = Payment.objects.filter(order=order, amount=amount, received_on=received_on, taken_back=0)
    return list(there.values_list("pk", flat=True))


def weigh(order: Order, *, by: User | None) -> Outcome:
    """Writes the sums of `order`, which is locked, and the status that follows: paid is what its money covers.

    The one place where money changes a status; in one UPDATE, for the database refuses either half alone.
    """
    before, covered = order.status, order.balance >= order.total
    if before == Order.Status.PENDING and covered:
        order.status, order.confirmed_at = Order.Status.PAID, order.confirmed_at or database_now()
    elif before == Order.Status.PAID and not covered:
        _wait_again(order)
    order.save(update_fields=["paid", "taken_back", "status", "confirmed_at", "due_on", "expires_at", "reminded_at"])
    if before == Order.Status.PENDING:
        if not covered:
            confirming.by_money(order)
            return Outcome.PART
        _issue(order, History.What.PAID, by=by)
    elif before == Order.Status.EXPIRED and covered and _revive(order, by=by):
        return Outcome.REVIVED
    if order.status == Order.Status.PENDING:
        History.objects.record(order, History.What.UNPAID, by=by)
        return Outcome.PART
    if order.status == Order.Status.PAID:
        if not order.money_to_return:
            return Outcome.PAID
        History.objects.record(order, History.What.OVERPAID, by=by, amount=order.money_to_return)
        return Outcome.OVERPAID
    if order.money_to_return:
        History.objects.record(order, History.What.TOO_LATE, by=by, amount=order.money_to_return)
    return Outcome.TOO_LATE


def _wait_again(order: Order) -> None:
    """PAID → PENDING: the buyer has anew the time that there is to pay. Its places stay, its tickets are not valid."""
    order.status, order.reminded_at = Order.Status.PENDING, None
    due_on = placing.due_date(order.event, database_now())
    order.due_on = max(order.due_on or due_on, due_on)
    order.expires_at = placing.end_of_grace(order.event, order.due_on)


def _revive(order: Order, *, by: User | None) -> bool:
    """EXPIRED → PAID if the order's places are still free; returns whether they were."""
    try:
        _live_again(order, by=by)
    except reserving.SoldOut:
        order.status = Order.Status.EXPIRED
        return False
    return True


@reserving.told_busy
@makes_room
@transaction.atomic
def _live_again(order: Order, *, by: User | None) -> None:
    order.status, order.confirmed_at = Order.Status.PAID, order.confirmed_at or database_now()
    Order.objects.filter(pk=order.pk).update(status=order.status, confirmed_at=order.confirmed_at)
    _issue(order, History.What.REVIVED, by=by)
    reserving.take(reserving.places_of([order.pk]))


def _issue(order: Order, what: History.What, *, by: User | None) -> None:
    """Issues the tickets of an order that has become paid, and mails them. Money is worth the click in the mail."""
    line = History.objects.record(order, what, by=by)
    positions = list(order.positions.filter(cancelled_at=None))
    before = any(position.issued_at for position in positions)
    placing.issue(order, positions, at=database_now())
    mails.queue_tickets(order, positions, again=line.pk if before else None)
