"""What is overdue gives way, and its places come back."""

import pytest

from sccon.models import Mail
from tests.tickets.factories import (
    agrees,
    let_expire,
    make_cart,
    make_event,
    make_order,
    make_product,
    make_quota,
    make_shop,
    taken,
)
from tickets.models import Order
from tickets.orders import expiring, reserving

pytestmark = pytest.mark.django_db


def test_a_cart_that_expired_a_second_ago_is_no_obstacle_without_a_worker():
    _event, quota, product = make_shop(size=1)
    old = make_cart(product)
    let_expire(old)
    make_cart(product)
    old.refresh_from_db()
    assert (old.status, taken(quota)) == (Order.Status.EXPIRED, [1])
    assert agrees()


def test_an_unpaid_order_past_its_time_gives_way_and_its_buyer_is_told():
    _event, quota, product = make_shop(size=1)
    old = make_order(product)
    let_expire(old)
    make_cart(product)
    assert taken(quota) == [1]
    assert Mail.objects.get(template="order-expired").recipient == old.buyer.email
    assert [line.what for line in old.history.all()] == ["placed", "confirmed", "expired"]


def test_overdue_carts_of_other_quotas_are_left_alone():
    event = make_event()
    full, other = make_quota(event, 1), make_quota(event, 1)
    elsewhere = make_cart(make_product(event, other))
    let_expire(elsewhere)
    product = make_product(event, full)
    make_cart(product)
    with pytest.raises(reserving.SoldOut):
        make_cart(product)
    elsewhere.refresh_from_db()
    assert elsewhere.status == Order.Status.CART


def test_the_sweep_ends_what_is_overdue_once():
    _event, quota, product = make_shop()
    let_expire(make_cart(product, number=2), make_order(product))
    make_cart(product)
    assert (expiring.expire_overdue(), expiring.expire_overdue()) == (2, 0)
    assert taken(quota) == [1]
    assert agrees()
