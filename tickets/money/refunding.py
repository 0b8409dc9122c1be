"""Records money that was returned to the buyer."""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from sccon.models import User
from tickets.models import History, Order, Payment, Refund


class NothingToReturn(Exception):
    """More than the order's `money_to_return`."""


@transaction.atomic
def return_money(order: Order, *, amount: Decimal, returned_on: date, by: User, reason: str) -> None:
    """Records a refund, distributed over the payments, newest first. Raises `NothingToReturn`."""
    order = Order.objects.select_for_update().get(pk=order.pk)
    if not 0 < amount <= order.money_to_return:
        raise NothingToReturn
    Order.objects.filter(pk=order.pk).update(refunded=F("refunded") + amount)
    left = amount
    for payment in order.payments.order_by("-received_on", "-pk").select_for_update():
        part = min(left, payment.amount - payment.refunded - payment.taken_back)
        if part <= 0:
            continue
        Payment.objects.filter(pk=payment.pk).update(refunded=F("refunded") + part)
        Refund.objects.create(payment=payment, amount=part, returned_on=returned_on, reason=reason, recorded_by=by)
        left -= part
    History.objects.record(order, History.What.REFUND, by=by, reason=reason, amount=amount)
