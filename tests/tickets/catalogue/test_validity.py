"""One judge for adding, extending, placing."""

from datetime import timedelta

import pytest

from sccon.clock import database_now
from tests.tickets.factories import make_cart, make_order, make_product, make_shop, place
from tickets.catalogue.validity import NotValid
from tickets.models import Product
from tickets.orders import carts

pytestmark = pytest.mark.django_db


def test_sales_begin_and_end():
    event, _quota, product = make_shop()
    cart = make_cart(product)
    type(event).objects.update(sales_end=database_now() - timedelta(seconds=1))
    for act in (lambda: make_cart(product), lambda: carts.extend(cart), lambda: place(cart)):
        with pytest.raises(NotValid):
            act()


def test_least_and_most_per_order_count_what_is_in_the_cart():
    _event, _quota, product = make_shop(min_per_order=2, max_per_order=3)
    with pytest.raises(NotValid):
        make_cart(product, number=1)
    cart = make_cart(product, number=2)
    make_cart(product, number=3, cart=cart)
    for wrong in (1, 4):
        with pytest.raises(NotValid):
            make_cart(product, number=wrong, cart=cart)


def test_a_product_taken_off_sale_is_not_placed():
    _event, _quota, product = make_shop()
    cart = make_cart(product)
    Product.objects.update(active=False)
    with pytest.raises(NotValid):
        place(cart)


def test_a_transfer_that_cannot_arrive_is_not_offered_but_free_tickets_are():
    event, quota, product = make_shop()
    free = make_product(event, quota, price="0.00")
    type(event).objects.update(starts_at=database_now() + timedelta(days=2))
    with pytest.raises(NotValid):
        make_cart(product)
    assert make_order(free).status == "paid"
