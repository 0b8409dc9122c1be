"""The reminder to pay."""

from datetime import timedelta

from django.db import transaction
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
    """Every morning: reminds the buyer of each unpaid order that is due soon, once."""
    soon = timezone.localdate(database_now()) + REMIND
    waiting = Order.objects.filter(
        status=Order.Status.PENDING, confirmed_at__isnull=False, reminded_at=None, due_on__lte=soon
    )
    for pk in waiting.values_list("pk", flat=True):
        remind(pk)


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
