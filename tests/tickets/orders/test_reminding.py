"""Mails to buyers who were told already."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sccon.clock import database_now
from sccon.models import Mail
from tests.factories import make_user
from tests.tickets.factories import make_order, make_product, make_shop, pay
from tickets.models import Event, Order
from tickets.money import taking_back
from tickets.orders import reminding

pytestmark = pytest.mark.django_db


def test_a_reminder_goes_out_once_and_never_for_paid_or_free_orders():
    event, quota, product = make_shop()
    free = make_product(event, quota, price="0.00")
    waiting, paid = make_order(product), pay(make_order(product)).order
    make_order(free)
    Order.objects.filter(status="pending").update(placed_at=database_now() - timedelta(days=8))
    Order.objects.filter(status="pending").update(due_on=timezone.localdate(database_now()) + timedelta(days=2))
    for _twice in range(2):
        reminding.remind_buyers(0)
    assert [mail.occasion for mail in Mail.objects.filter(template="order-reminder")] == [
        f"order-reminder:{waiting.pk}"
    ]
    assert reminding.remind(paid.pk) is False


@pytest.mark.parametrize(
    ("ordered", "due", "reminded"),
    [
        (timedelta(0), 0, False),
        (timedelta(0), 2, False),
        (timedelta(days=1), 3, False),
        (timedelta(days=1), 2, False),
        (timedelta(days=2), 3, False),
        (timedelta(days=2), 0, True),
        (timedelta(days=5), 3, True),
        (timedelta(days=7), 3, True),
        (timedelta(days=7), 4, False),
    ],
)
def test_no_reminder_before_half_of_the_time_to_pay_is_over(ordered: timedelta, due: int, reminded: bool):
    """Before, it came seconds after the order's own mail wherever the due date was near."""
    _event, _quota, product = make_shop()
    order = make_order(product)
    today = timezone.localdate(database_now())
    Order.objects.update(placed_at=database_now() - ordered, due_on=today + timedelta(days=due))
    reminding.remind_buyers(0)
    order.refresh_from_db()
    assert (order.reminded_at is not None) == reminded


@pytest.mark.parametrize("payment_days", [0, 1, 2, 3])
def test_none_on_the_day_of_the_order_however_short_the_time_is(payment_days: int):
    event, _quota, product = make_shop()
    Event.objects.filter(pk=event.pk).update(payment_days=payment_days)
    make_order(product)
    reminding.remind_buyers(0)
    assert not Mail.objects.filter(template="order-reminder").exists()


def test_an_order_whose_money_was_taken_back_is_not_reminded_the_same_day():
    _event, _quota, product = make_shop()
    order = pay(make_order(product)).order
    taking_back.take_back(order.payments.get(), by=make_user(), reason="Vertippt")
    today = timezone.localdate(database_now())
    Order.objects.update(placed_at=database_now() - timedelta(days=20), due_on=today + timedelta(days=1))
    reminding.remind_buyers(0)
    assert not Mail.objects.filter(template="order-reminder").exists()
