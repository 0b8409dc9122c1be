"""Expires carts and unpaid orders whose time is over, and gives their places back."""

from collections.abc import Callable
from functools import wraps

from django.db import transaction
from django.db.models import Exists, OuterRef

from sccon.jobs import app
from tickets import mails
from tickets.models import History, Order, Position
from tickets.orders import reserving, watching

# How many overdue carts and orders one transaction expires.
EXPIRE_AT_ONCE = 50


@transaction.atomic
def expire_overdue(*, quotas: list[int] | None = None) -> int:
    """CART or PENDING → EXPIRED for what is overdue, `EXPIRE_AT_ONCE` at most; returns how many.

    `quotas`: only orders with places in these quotas. Skips rows that are locked: an order placed or paid in the same
    instant is no longer overdue afterwards.
    """
    overdue = Order.objects.due()
    if quotas is not None:
        held = Position.objects.filter(order=OuterRef("pk"), product__product_quotas__quota__in=quotas)
        overdue = overdue.filter(Exists(held))
    ended = list(
        overdue.select_related("event", "buyer")
        .order_by("expires_at")
        .select_for_update(of=("self",), skip_locked=True)[:EXPIRE_AT_ONCE]
    )
    if not ended:
        return 0
    for order in ended:
        order.status = Order.Status.EXPIRED
    Order.objects.filter(pk__in=[order.pk for order in ended]).update(status=Order.Status.EXPIRED)
    History.objects.bulk_create(History(order=order, what=History.What.EXPIRED, status=order.status) for order in ended)
    for order in ended:
        if order.confirmed:  # what nobody confirmed is nobody's: no further mail to a stranger
            mails.queue_expired(order)
    # The retry in `makes_room` takes `quotas` in id order: lock all that either needs in one go.
    reserving.give_back(reserving.places_of(order.pk for order in ended), also=quotas or ())
    return len(ended)


@app.periodic(cron="* * * * *")
@app.task(
    name="tickets.expire_orders",
    aliases=["tickets.reserving.expire_orders"],
    queue="urgent",
    priority=10,
    queueing_lock="tickets.expire_orders",
    pass_context=False,
)
def expire_orders(timestamp: int) -> None:
    """Every minute: expires what is overdue, and looks how fast places go. No buyer waits for it."""
    while expire_overdue() == EXPIRE_AT_ONCE:
        pass
    watching.watch()


def makes_room[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Decorator: on `SoldOut`, ends what is overdue in those quotas and calls the function once more.

    So selling out needs no worker. The function is a transaction that ends in `reserving.take`, or calls
    `reserving.begin`. When it raises `SoldOut` in the end, nothing has changed but what was overdue.
    """

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except reserving.SoldOut as sold_out:
            if not expire_overdue(quotas=sold_out.quotas):
                raise
        return function(*args, **kwargs)

    return wrapper
