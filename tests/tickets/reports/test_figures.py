"""Figures for staff."""

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tickets import demo
from tickets.models import Event, Order
from tickets.reports import figures

pytestmark = pytest.mark.django_db


def test_the_figures_agree_with_the_orders():
    demo.fill()
    event = Event.objects.get()
    sold = figures.sold(event)
    by_status = Counter(Order.objects.values_list("status", flat=True))
    assert sum(line.in_carts for line in sold) == by_status["cart"]
    money = figures.money(event)
    assert money.received == sum(order.paid for order in Order.objects.all())
    assert money.open == sum(order.open_amount for order in Order.objects.all())
    assert money.to_return == sum(order.money_to_return for order in Order.objects.all())
    assert sum(amount for _week, amount in figures.received_by_week(event)) == money.received


def test_figures_ask_few_questions():
    demo.fill()
    event = Event.objects.get()
    with CaptureQueriesContext(connection) as asked:
        figures.sold(event)
        figures.money(event)
        figures.received_by_week(event)
    assert len(asked) == 5
