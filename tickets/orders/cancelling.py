"""Cancels an order: staff end it, and its places are free again."""

from django.db import transaction

from sccon.models import User
from tickets import mails
from tickets.models import History, Order
from tickets.orders import reserving


class NotCancellable(Exception):
    """The order has ended already, or someone else was first."""


@reserving.told_busy
@transaction.atomic
def cancel(order: Order, *, by: User, reason: str) -> None:
    """PENDING or PAID → CANCELLED: gives the places back once and mails the buyer. Raises `NotCancellable`."""
    endable = Order.objects.filter(pk=order.pk, status__in=[Order.Status.PENDING, Order.Status.PAID])
    if not endable.update(status=Order.Status.CANCELLED):
        raise NotCancellable(order.code)
    order.refresh_from_db()  # under the lock: money may have come since it was read
    History.objects.record(order, History.What.CANCELLED, by=by, reason=reason)
    mails.queue_cancelled(order, reason)
    reserving.give_back(reserving.places_of([order.pk]))
