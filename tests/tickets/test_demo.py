"""The demo's shop holds together like one that has sold for weeks."""

import pytest
from django.test import Client

from tests.databases import empty_tables
from tests.tickets.commits import ask_now
from tickets import demo
from tickets.models import Event, Order, Product
from tickets.orders import reserving

pytestmark = pytest.mark.django_db


def test_the_demo_has_a_shop_with_orders_in_all_states_and_says_that_it_is_invented():
    assert demo.fill() == demo.ORDERS
    assert demo.fill() == 0
    event = Event.objects.get()
    assert (event.dates, Product.objects.count(), reserving.recount()) == (
        "12.–14.\N{NO-BREAK SPACE}Oktober 2027",
        6,
        {},
    )
    assert set(Order.objects.values_list("status", flat=True)) == {str(status) for status in Order.Status}
    assert Order.objects.with_money_to_return().count() > 3
    page = Client().get("/de/tickets/").content.decode()
    for said in ("sind erfunden", "Ausverkauft", "nur noch 3", "12.–14.\N{NO-BREAK SPACE}Oktober 2027"):
        assert said in page


def test_the_demo_is_the_same_every_time():
    def drawn() -> list[tuple]:
        demo.fill()
        return list(Order.objects.placed().order_by("pk").values_list("code", "buyer__name", "status", "total"))

    first = drawn()
    ask_now()  # a table with pending checks cannot be emptied
    empty_tables()
    assert drawn() == first
