"""Records money that came for an order, by whichever way, and pays the order if it is enough.

The payment is recorded in any case; what follows depends on the order's status.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F, TextChoices
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
) -> Result:
    """Records a payment; marks the order as paid if it covers the total.

    Raises `AlreadyRecorded` for a `provider_id` that was recorded before, and `Busy`.
    """
    # The sum first: the UPDATE locks the order, so that of two half payments at once the second sees the first.
    Order.objects.filter(pk=order.pk).update(paid=F("paid") + amount)
    order = Order.objects.select_related("event", "buyer").get(pk=order.pk)
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
    return Result(_follow_up(order, by=by), order)


def _follow_up(order: Order, *, by: User | None) -> Outcome:
    """What the new sum means for the order, which is locked."""
    covered = order.paid - order.refunded >= order.total
    if order.status == Order.Status.PENDING:
        if not covered:
            confirming.by_money(order)
            return Outcome.PART
        _become_paid(order, History.What.PAID, by=by)
    elif order.status == Order.Status.EXPIRED and covered and _revive(order, by=by):
        return Outcome.REVIVED
    if order.status == Order.Status.PAID:
        if not order.money_to_return:
            return Outcome.PAID
        History.objects.record(order, History.What.OVERPAID, by=by, amount=order.money_to_return)
        return Outcome.OVERPAID
    History.objects.record(order, History.What.TOO_LATE, by=by, amount=order.money_to_return)
    return Outcome.TOO_LATE


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
    _become_paid(order, History.What.REVIVED, by=by)
    reserving.take(reserving.places_of([order.pk]))


def _become_paid(order: Order, what: History.What, *, by: User | None) -> None:
    """PENDING or EXPIRED → PAID: issues the tickets and mails them. Money is worth the click in the mail."""
    order.status, order.confirmed_at = Order.Status.PAID, order.confirmed_at or database_now()
    Order.objects.filter(pk=order.pk).update(status=order.status, confirmed_at=order.confirmed_at)
    History.objects.record(order, what, by=by)
    positions = list(order.positions.filter(cancelled_at=None))
    placing.issue(order, positions, at=database_now())
    mails.queue_tickets(order, positions)
