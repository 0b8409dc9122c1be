"""Mails to buyers who were told already."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sccon.clock import database_now
from sccon.models import Mail
from tests.tickets.factories import make_order, make_product, make_shop, pay
from tickets.models import Order
from tickets.orders import reminding

pytestmark = pytest.mark.django_db


def test_a_reminder_goes_out_once_and_never_for_paid_or_free_orders():
    event, quota, product = make_shop()
    free = make_product(event, quota, price="0.00")
    waiting, paid = make_order(product), pay(make_order(product)).order
    make_order(free)
    Order.objects.filter(status="pending").update(due_on=timezone.localdate(database_now()) + timedelta(days=2))
    for _twice in range(2):
        reminding.remind_buyers(0)
    assert [mail.occasion for mail in Mail.objects.filter(template="order-reminder")] == [
        f"order-reminder:{waiting.pk}"
    ]
    assert reminding.remind(paid.pk) is False
