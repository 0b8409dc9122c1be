"""What buyers change in a cart before they order."""

from datetime import timedelta

import pytest

from sccon.clock import database_now
from tests.tickets.factories import (
    agrees,
    let_expire,
    make_cart,
    make_event,
    make_product,
    make_quota,
    make_shop,
    taken,
)
from tickets.models import Event, Order, Product
from tickets.orders import carts, expiring, reserving

pytestmark = pytest.mark.django_db


def live(cart: Order) -> int:
    return cart.positions.filter(cancelled_at=None).count()


def test_fewer_in_the_cart_gives_places_back():
    _event, quota, product = make_shop()
    cart = make_cart(product, number=3)
    carts.change(cart, {product.pk: 1})
    assert (taken(quota), live(cart)) == ([1], 1)
    carts.change(cart, {product.pk: 4})
    assert (taken(quota), live(cart)) == ([4], 4)
    assert agrees()


def test_more_than_there_is_leaves_the_cart_as_it_was():
    _event, quota, product = make_shop(size=3)
    cart = make_cart(product, number=2)
    with pytest.raises(reserving.SoldOut):
        carts.change(cart, {product.pk: 4})
    assert (taken(quota), cart.positions.count()) == ([2], 2)


def test_an_expired_cart_can_be_had_again_while_there_are_places():
    _event, quota, product = make_shop(size=2)
    cart = make_cart(product, number=2)
    let_expire(cart)
    expiring.expire_overdue()
    assert taken(quota) == [0]
    carts.reserve_again(cart)
    cart.refresh_from_db()
    assert (cart.status, taken(quota)) == (Order.Status.CART, [2])
    assert cart.expires_at > database_now()


def test_an_overdue_cart_that_nobody_swept_can_be_had_again():
    _event, quota, product = make_shop(size=2)
    cart = make_cart(product, number=2)
    let_expire(cart)
    carts.reserve_again(cart)
    cart.refresh_from_db()
    assert (cart.status, cart.expires_at > database_now(), taken(quota)) == (Order.Status.CART, True, [2])


def test_an_expired_cart_stays_expired_when_others_have_its_places():
    _event, quota, product = make_shop(size=2)
    cart = make_cart(product, number=2)
    let_expire(cart)
    make_cart(product)
    with pytest.raises(reserving.SoldOut):
        carts.reserve_again(cart)
    cart.refresh_from_db()
    assert (cart.status, taken(quota), cart.positions.count()) == (Order.Status.EXPIRED, [1], 2)


def test_a_reservation_is_extended_up_to_the_most():
    event, _quota, product = make_shop()
    cart = make_cart(product)
    started = database_now() - timedelta(minutes=event.cart_minutes_most - 10)
    Order.objects.filter(pk=cart.pk).update(created_at=started, expires_at=database_now() + timedelta(minutes=1))
    assert carts.extend(cart) == started + timedelta(minutes=event.cart_minutes_most)


def test_an_expired_reservation_is_not_extended():
    _event, _quota, product = make_shop()
    cart = make_cart(product)
    let_expire(cart)
    with pytest.raises(carts.Expired):
        carts.extend(cart)


def test_a_cart_that_nobody_placed_is_forgotten_a_day_after_it_began():
    _event, _quota, product = make_shop()
    old, recent = make_cart(product), make_cart(product)
    let_expire(old, recent)
    expiring.expire_overdue()
    a_day_ago = database_now() - timedelta(hours=24, minutes=1)
    Order.objects.filter(pk=old.pk).update(created_at=a_day_ago, expires_at=a_day_ago + timedelta(minutes=30))
    assert carts.forget() == 1
    assert list(Order.objects.all()) == [recent]


def test_more_of_what_another_event_sells_takes_none_of_its_places():
    _event, quota, product = make_shop()
    cart = make_cart(product)
    other = make_event(current=False)
    elsewhere = make_quota(other, 10)
    foreign = make_product(other, elsewhere)
    carts.change(cart, {foreign.pk: 5})
    assert (taken(quota, elsewhere), cart.positions.count()) == ([1, 0], 1)
    assert agrees()


def test_a_cart_of_an_event_that_is_over_takes_nothing_of_the_next():
    event, _quota, product = make_shop()
    cart = make_cart(product)
    Event.objects.filter(pk=event.pk).update(current=False)
    after = make_event()
    new = make_product(after, make_quota(after, 10))
    with pytest.raises(carts.Expired):
        carts.choose(cart, {new.pk: 1}, language="de")
    assert agrees()


def test_a_cart_comes_in_the_order_of_the_shop_at_the_prices_of_the_moment():
    event, quota, last = make_shop(position=9)
    first = make_product(event, quota, position=1, price="0.00")
    Product.objects.filter(pk=first.pk).update(price="10.00")
    cart = make_cart(last, first, number=2)
    assert [(each.product_id, str(each.gross)) for each in cart.positions.all()] == [
        *[(first.pk, "10.00")] * 2,
        *[(last.pk, "119.00")] * 2,
    ]
