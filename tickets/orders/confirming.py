"""The click in an order's first mail, which says that the mailbox is the buyer's: then the order holds its places.

Without it they go back after an hour, for whoever orders can type any address.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from sccon.clock import database_now
from tickets import mails
from tickets.catalogue.validity import NotValid, Problem, judge
from tickets.models import History, Order, Whole
from tickets.orders import origins, placing, reserving
from tickets.orders.carts import in_cart
from tickets.orders.expiring import makes_room


@reserving.told_busy
@makes_room
@transaction.atomic
def confirm(order_id: int) -> Order:
    """PENDING stays so until its due date; what costs nothing becomes PAID, with its tickets. A second click changes nothing.

    After the hour (EXPIRED) the places are taken again. Raises `SoldOut` if they are gone, `NotValid` if they are no longer
    sold, or for another price, `Refused` if mailbox or domain have their fill, `Busy`, and `Order.DoesNotExist`.
    """
    found = Whole.of(order_id, locked=True)
    if found is None or not found.order.code:
        raise Order.DoesNotExist
    order, positions, now = found.order, found.positions, found.at
    if order.confirmed or order.status == Order.Status.CANCELLED:
        return order
    swept = order.status == Order.Status.EXPIRED  # else it holds its places, also when the hour is over
    if swept:
        judge(order.event, in_cart(positions), at=now)
        if any(position.gross != position.product.price for position in positions):
            raise NotValid([Problem(_("The price has changed since you ordered."))])
        origins.allow_late_click(order, order.buyer.email, len(positions))
        order.due_on = placing.due_date(order.event, now) if order.total else None
    order.confirmed_at = now
    order.status = Order.Status.PENDING if order.total else Order.Status.PAID
    order.expires_at = placing.end_of_grace(order.event, order.due_on) if order.due_on else None
    order.save(update_fields=["status", "confirmed_at", "due_on", "expires_at"])
    History.objects.record(order, History.What.CONFIRMED)
    if order.status == Order.Status.PAID:
        placing.issue(order, positions, at=now)
        mails.queue_tickets(order, positions)
    if swept:
        reserving.take(reserving.places_of([order.pk]))
    return order


def by_money(order: Order) -> None:
    """A part of the money came for an order that waits: that is worth the click."""
    if order.confirmed or order.due_on is None:
        return
    order.confirmed_at, order.expires_at = database_now(), placing.end_of_grace(order.event, order.due_on)
    order.save(update_fields=["confirmed_at", "expires_at"])
