"""Takes back money that was typed in by mistake: a counter-entry with a reason, and what really came instead."""

from decimal import Decimal

from django.db import transaction

from sccon.models import User
from tickets import mails
from tickets.models import CounterEntry, History, Order, Payment
from tickets.money import receiving


class NotTakenBack(Exception):
    """It was taken back already, or money of it was returned, so it had come."""


@transaction.atomic
def take_back(payment: Payment, *, by: User, reason: str, instead: Decimal | None = None) -> Order:
    """Takes `payment` back as a whole and records `instead`, if something came; returns the order as it is then.

    A paid order that is not covered any more waits for its money again, and its tickets are not valid. Its buyer is told.
    Raises `NotTakenBack` and `Busy`.
    """
    order = receiving.locked(payment.order_id)
    untouched = Payment.objects.filter(pk=payment.pk, refunded=0, taken_back=0)
    if not untouched.update(taken_back=payment.amount):
        raise NotTakenBack
    CounterEntry.objects.create(payment=payment, amount=payment.amount, reason=reason, recorded_by=by)
    line = History.objects.record(order, History.What.TAKEN_BACK, by=by, amount=payment.amount, reason=reason)
    order.taken_back += payment.amount
    if instead:
        Payment.objects.create(
            order=order,
            provider=payment.provider,
            provider_id=f"instead-{payment.pk}",
            amount=instead,
            received_on=payment.received_on,
            recorded_by=by,
            note=payment.note,
        )
        History.objects.record(order, History.What.PAYMENT, by=by, amount=instead, reason=reason)
        order.paid += instead
    told = order.status == Order.Status.PAID  # with the tickets; of others nobody was told
    receiving.weigh(order, by=by)
    if told:
        mails.queue_taken_back(order, line=line.pk)
    return order
