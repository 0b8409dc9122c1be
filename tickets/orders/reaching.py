"""Whether the buyer's mails arrive: a refused address is noted at the order, corrected by staff, and mailed again."""

from django.db import transaction

from sccon import mail
from sccon.clock import database_now
from sccon.models import Mail, User
from tickets import mails
from tickets.models import Buyer, History, Order
from tickets.orders import placing


class NothingSent(Exception):
    """No mail was queued: the buyer's address was erased, or there is nothing to say to them."""


def mail_changed(sent: Mail) -> None:
    """A mail to a buyer was given up, or staff send it again; see `sccon.mail.on_change`."""
    order_id = int(sent.occasion.split(":")[1])
    buyers = Buyer.objects.filter(order=order_id, email=sent.recipient)
    if sent.status != Mail.Status.FAILED:
        buyers.update(unreachable_since=None)
    elif buyers.filter(unreachable_since=None).update(unreachable_since=database_now()):
        History.objects.record(Order.objects.get(pk=order_id), History.What.UNREACHABLE)


@transaction.atomic
def send_again(order: Order, *, by: User, reason: str) -> None:
    """Mails the buyer what the order's state has to say: the tickets, how to pay, that it ended. Raises `NothingSent`."""
    order = Order.objects.select_for_update(of=("self",)).select_related("event", "buyer").get(pk=order.pk)
    _send(order, History.objects.record(order, History.What.SENT_AGAIN, by=by, reason=reason))


@transaction.atomic
def correct_address(order: Order, *, email: str, by: User, reason: str) -> None:
    """Writes the buyer's address anew and mails there what the old one did not get. Raises `NothingSent`."""
    order = Order.objects.select_for_update(of=("self",)).select_related("event", "buyer").get(pk=order.pk)
    unsent = Mail.objects.filter(recipient=order.buyer.email, occasion__regex=rf"^order-[a-z-]+:{order.pk}(:|$)")
    mail.settle(unsent)
    before, order.buyer.email = order.buyer.address, email
    why = f"{before} → {order.buyer.address}: {reason}"
    line = History.objects.record(order, History.What.ADDRESS, by=by, reason=why)
    if order.status == Order.Status.PENDING and not order.confirmed:  # the hour could not begin before
        order.expires_at = database_now() + placing.CONFIRM_WITHIN
        Order.objects.filter(pk=order.pk).update(expires_at=order.expires_at)
    _send(order, line)


def _send(order: Order, line: History) -> None:
    Buyer.objects.filter(pk=order.pk).update(email=order.buyer.email, unreachable_since=None)
    if not mails.queue_state(order, again=line.pk):
        raise NothingSent
