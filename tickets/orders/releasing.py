"""Staff end all unpaid orders and carts that came from where one order came from: one network, or one mailbox."""

from django.db import transaction
from django.db.models import F, QuerySet

from sccon.models import User
from tickets import mails
from tickets.models import History, Order, Origin
from tickets.orders import reserving


def unpaid_like(order: Order, kind: str) -> QuerySet[Order]:
    """Carts and orders without money that share the order's narrowest network or its mailbox (`Origin.Kind`), itself
    among them. None once the origins are deleted, after a week."""
    keys = Origin.objects.filter(order=order, kind=kind, factor=1).values("key")
    unpaid = Order.objects.filter(status__in=Order.EXPIRING, paid=F("taken_back"))
    return unpaid.filter(pk__in=Origin.objects.filter(key__in=keys, kind=kind).values("order"))


@reserving.told_busy
@transaction.atomic
def release(order: Order, kind: str, *, by: User, reason: str) -> int:
    """PENDING → CANCELLED and CART → EXPIRED for `unpaid_like`: gives their places back; returns how many it ended.

    Who has confirmed the order gets a mail with the reason.
    """
    like = unpaid_like(order, kind).select_related("event", "buyer")
    ended = list(like.order_by("pk").select_for_update(of=("self",)))
    for each in ended:
        each.status = Order.Status.CANCELLED if each.code else Order.Status.EXPIRED
        what = History.What.CANCELLED if each.code else History.What.EXPIRED
        Order.objects.filter(pk=each.pk).update(status=each.status)
        History.objects.record(each, what, by=by, reason=reason)
        if each.confirmed:
            mails.queue_cancelled(each, reason)
    reserving.give_back(reserving.places_of(each.pk for each in ended))
    return len(ended)
