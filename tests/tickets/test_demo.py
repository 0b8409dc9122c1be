"""The demo's shop holds together like one that has sold for weeks."""

from collections import Counter

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.databases import empty_tables
from tickets import demo, figures, reserving
from tickets.models import Event, Order, Product

pytestmark = pytest.mark.django_db


def test_the_demo_has_a_shop_with_orders_in_all_states_and_says_that_it_is_invented():
    assert demo.fill() == demo.ORDERS
    assert demo.fill() == 0
    event = Event.objects.get()
    assert (event.dates, Product.objects.count(), reserving.recount()) == ("12.–14. Oktober 2027", 6, {})
    assert set(Order.objects.values_list("status", flat=True)) == {str(status) for status in Order.Status}
    assert Order.objects.with_money_to_return().count() > 3
    page = Client().get("/de/tickets/").content.decode()
    for said in ("sind erfunden", "Ausverkauft", "nur noch 3", "12.–14. Oktober 2027"):
        assert said in page


def test_the_demo_is_the_same_every_time():
    def drawn() -> list[tuple]:
        demo.fill()
        return list(Order.objects.placed().order_by("pk").values_list("code", "name", "status", "total"))

    first = drawn()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    empty_tables()
    assert drawn() == first


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
