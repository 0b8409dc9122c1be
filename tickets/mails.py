"""Mails to buyers: their templates, and what they may say. Queued in the transaction that causes them.

Whoever orders types any address, so a mail carries nothing typed before its mailbox has confirmed itself: products, sums,
payee and links, no names. Confirmed is whose order's link was clicked, or for whose order money came.
"""

from collections.abc import Sequence

from django.utils import formats, timezone, translation

from sccon import mail, tokens
from sccon.models import Mail
from tickets.amounts import euros, percent, taxes
from tickets.models import History, Order, Position

CONFIRM = "tickets.confirm"  # what the link in an order's first mail is for


def queue_received(order: Order, positions: Sequence[Position]) -> bool:
    """The order was received: the link that confirms it; how, how much and until when to pay. False if the mailbox has
    had too many mails."""
    return _queue("order-received", order, positions, public=True)


def queue_tickets(order: Order, positions: Sequence[Position], *, again: int | None = None) -> None:
    """The order is complete: here are the tickets. `again`: it was complete before, the line of the history that says so now."""
    _queue("order-paid", order, positions, again=again)


def queue_taken_back(order: Order, *, line: int) -> None:
    """Money that was recorded by mistake was taken back (`line`: where the history says so): whether the tickets are
    still valid, and what is to be paid."""
    _queue("order-taken-back", order, again=line)


def queue_reminder(order: Order) -> None:
    """The order is still not paid, and soon due."""
    _queue("order-reminder", order, awaited=False)


def queue_expired(order: Order) -> None:
    """The order was not paid in time; its places went back."""
    _queue("order-expired", order, awaited=False)


def queue_cancelled(order: Order, reason: str) -> None:
    """Staff cancelled the order, and why."""
    _queue("order-cancelled", order, reason=reason)


def queue_state(order: Order, *, again: int) -> bool:
    """What there is to say to the buyer as things stand, once more: the tickets, how to pay, that it ended."""
    reason, template = "", "order-received"
    if order.status == Order.Status.PAID:
        template = "order-paid"
    elif order.status == Order.Status.CANCELLED:
        template = "order-cancelled"
        reason = order.history.filter(what=History.What.CANCELLED).values_list("reason", flat=True).last() or ""
    elif order.ended and order.confirmed:
        template = "order-expired"
    return _queue(template, order, again=again, reason=reason)


def _queue(
    template: str,
    order: Order,
    positions: Sequence[Position] | None = None,
    *,
    again: int | None = None,
    reason: str = "",
    awaited: bool = True,
    public: bool = False,
) -> bool:
    """Queues a mail once per order, or once per sending again (`again`: the id of its line in the history)."""
    if order.buyer.forgotten_at:
        return False  # retention has erased the address
    if positions is None:
        positions = list(order.positions.filter(cancelled_at=None))
    return mail.queue(
        template,
        to=order.buyer.email,
        language=order.language,
        occasion=f"{order.pk}:{again}" if again else str(order.pk),
        context=context(order, positions) | {"reason": reason},
        awaited=awaited,
        public=public,
    )


def on_its_way(order: Order) -> bool:
    """Whether a mail to the buyer did not get through so far and is tried again."""
    again = History.objects.filter(order=order.pk).values_list("pk", flat=True)
    occasions = [str(order.pk), *(f"{order.pk}:{line}" for line in again)]
    those = [f"{template}:{occasion}" for template in ("order-received", "order-paid") for occasion in occasions]
    waiting = Mail.objects.filter(occasion__in=those, recipient=order.buyer.email, status=Mail.Status.QUEUED)
    return waiting.exclude(error="").exists()


def context(order: Order, positions: Sequence[Position]) -> dict[str, object]:
    """The template context: texts in the buyer's language. No names before the mailbox is confirmed."""
    event, language, named = order.event, order.language, order.confirmed
    with translation.override(language):
        return {
            "test": order.test,  # the mail's frame says so, see `sccon.mail`
            "order": {
                "code": order.code,
                "url": order.url,
                "name": order.buyer.name if named else "",
                "free": order.payment_terms == Order.Terms.FREE,
                "total": euros(order.total),
                "open": euros(order.open_amount) if order.open_amount else "",
                "payable": euros(order.open_amount or order.total),
                "received": euros(order.balance) if order.balance > 0 else "",
                **confirmation(order),
                "due_on": formats.date_format(order.due_on, "DATE_FORMAT") if order.due_on else "",
                "to_return": euros(order.money_to_return) if order.money_to_return else "",
                "test": order.test,
            },
            "event": {
                "name": event.name,
                "dates": event.dates,
                "venue": event.venue,
                "seller": event.seller_name,
                "seller_address": event.seller_address,
                "email": event.seller_email,
                "phone": event.seller_phone,
                "tax_number": event.tax_number,
                "iban": "" if order.test else event.iban_in_fours,
                "bic": "" if order.test else event.bic,
            },
            "tickets": [
                {
                    "product": position.product_name,
                    "attendee": position.attendee_name if named else "",
                    "price": euros(position.gross),
                    "url": ticket_url(order, position),
                }
                for position in positions
            ],
            "taxes": [{"rate": percent(tax.rate), "tax": euros(tax.tax)} for tax in taxes(positions)],
        }


def confirmation(order: Order) -> dict[str, str]:
    """The link that confirms the order and until when its places wait for it, '' when they went back; nothing once it is
    confirmed.

    Only mails hold the link: neither the order's page nor its address tells it.
    """
    if order.confirmed or order.status not in (Order.Status.PENDING, Order.Status.EXPIRED):
        return {}
    token = tokens.make(CONFIRM, order.pk)
    return {
        "confirm_url": mail.address("tickets:confirm", token, language=order.language),
        "confirm_until": formats.time_format(timezone.localtime(order.reserved_until), "TIME_FORMAT")
        if order.status == Order.Status.PENDING
        else "",
    }


def ticket_url(order: Order, position: Position) -> str:
    """The address of the ticket's page, in the buyer's language; '' before it is issued."""
    if not position.page_secret:
        return ""
    return mail.address("tickets:ticket", position.page_secret, language=order.language)
