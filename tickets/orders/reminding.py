"""The reminder to pay."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from sccon.clock import database_now
from sccon.jobs import app
from tickets import mails
from tickets.models import History, Order

# How long before the due date a buyer who has not paid is reminded.
REMIND = timedelta(days=3)


@app.periodic(cron="23 8 * * *")
@app.task(
    name="tickets.remind_buyers",
    aliases=["tickets.ordering.remind_buyers"],
    queue="normal",
    queueing_lock="tickets.remind_buyers",
    pass_context=False,
)
def remind_buyers(timestamp: int) -> None:
    """Every morning: reminds the buyer of each unpaid order that is due soon, once.

    Not before half of the time to pay is over, nor on the day on which it began.
    """
    now = database_now()
    today = timezone.localdate(now)
    waiting = Order.objects.filter(
        status=Order.Status.PENDING, confirmed_at__isnull=False, reminded_at=None, due_on__lte=today + REMIND
    )
    # It began with the order, or anew when its money was taken back.
    anew = Max("history__at", filter=Q(history__what=History.What.UNPAID))
    order: Any
    for order in waiting.annotate(anew=anew):
        since, due_on = order.anew or order.placed_at, order.due_on
        if since is None or due_on is None:  # no placed order that costs something is without them
            continue
        end = timezone.make_aware(datetime.combine(due_on + timedelta(days=1), time()))
        if timezone.localdate(since) < today and now >= since + (end - since) / 2:
            remind(order.pk)


@transaction.atomic
def remind(order_id: int) -> bool:
    """Mails the reminder unless the order was paid, ended or reminded of meanwhile; returns whether it did."""
    unpaid = Order.objects.filter(pk=order_id, status=Order.Status.PENDING, reminded_at=None)
    if not unpaid.update(reminded_at=database_now()):
        return False
    order = Order.objects.select_related("event", "buyer").get(pk=order_id)
    History.objects.record(order, History.What.REMINDED)
    mails.queue_reminder(order)
    return True
