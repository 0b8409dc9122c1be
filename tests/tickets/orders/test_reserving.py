"""Places are never sold twice, and come back by themselves."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from sccon.clock import database_now
from sccon.models import Mail
from tests.tickets.factories import (
    let_expire,
    make_cart,
    make_event,
    make_order,
    make_product,
    make_quota,
    make_shop,
    taken,
)
from tickets.models import Event, History, Order, Position, Product, ProductQuota, Quota
from tickets.orders import carts, expiring, reserving

pytestmark = pytest.mark.django_db


def agrees() -> bool:
    return reserving.recount() == {}


def test_a_cart_takes_its_places():
    _event, quota, product = make_shop(size=3)
    make_cart(product, number=2)
    assert taken(quota) == [2]
    assert agrees()


def test_a_product_in_two_quotas_needs_room_in_both_and_leaves_the_first_unchanged():
    event = make_event()
    hall, workshop = make_quota(event, 10), make_quota(event, 1)
    product = make_product(event, hall, workshop)
    make_cart(product)
    with pytest.raises(reserving.SoldOut):
        make_cart(product)
    assert taken(hall, workshop) == [1, 1]
    assert Position.objects.count() == 1
    assert agrees()


def test_three_left_of_five_adds_nothing():
    _event, quota, product = make_shop(size=3)
    with pytest.raises(reserving.SoldOut):
        make_cart(product, number=5)
    assert taken(quota) == [0]
    assert not Order.objects.exists()


def test_a_quota_without_size_sells_on():
    _event, quota, product = make_shop(size=None)
    make_cart(product, number=10)
    make_cart(product, number=10)
    assert taken(quota) == [20]


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
    assert Mail.objects.get(template="order-expired").recipient == old.email
    assert [line.what for line in old.history.all()] == [History.What.PLACED, History.What.EXPIRED]


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


def test_the_database_refuses_to_oversell_whoever_writes():
    _event, quota, product = make_shop(size=1)
    make_cart(product)
    with pytest.raises(IntegrityError), transaction.atomic():
        Quota.objects.filter(pk=quota.pk).update(taken=2)


def test_a_sold_product_that_joins_a_quota_brings_its_places_along_and_takes_them_when_it_leaves():
    event, quota, product = make_shop()
    make_cart(product, number=3)
    late = make_quota(event, 5)
    link = ProductQuota.objects.create(product=product, quota=late)
    assert taken(quota, late) == [3, 3]
    link.delete()
    assert taken(quota, late) == [3, 0]
    assert agrees()


def test_a_sold_product_cannot_join_a_quota_that_is_too_small():
    event, _quota, product = make_shop()
    make_cart(product, number=3)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProductQuota.objects.create(product=product, quota=make_quota(event, 2))


def test_fewer_in_the_cart_gives_places_back():
    _event, quota, product = make_shop()
    cart = make_cart(product, number=3)
    carts.change(cart, {product.pk: 1})
    assert (taken(quota), cart.positions.count()) == ([1], 1)
    carts.change(cart, {product.pk: 4})
    assert (taken(quota), cart.positions.count()) == ([4], 4)
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
    Order.objects.filter(pk=cart.pk).update(reserved_at=started, expires_at=database_now() + timedelta(minutes=1))
    assert carts.extend(cart) == started + timedelta(minutes=event.cart_minutes_most)


def test_an_expired_reservation_is_not_extended():
    _event, _quota, product = make_shop()
    cart = make_cart(product)
    let_expire(cart)
    with pytest.raises(carts.Expired):
        carts.extend(cart)


def test_a_cart_that_nobody_placed_is_forgotten_an_hour_after_its_end():
    _event, _quota, product = make_shop()
    old, recent = make_cart(product), make_cart(product)
    let_expire(old, recent)
    expiring.expire_overdue()
    Order.objects.filter(pk=old.pk).update(expires_at=database_now() - timedelta(minutes=61))
    assert carts.forget() == 1
    assert list(Order.objects.all()) == [recent]


def test_check_quotas_agrees_and_notices_a_wrong_counter():
    _event, quota, product = make_shop()
    make_cart(product)
    call_command("check_quotas", stdout=StringIO())
    Quota.objects.filter(pk=quota.pk).update(taken=4)
    with pytest.raises(CommandError, match="the counter says 4, the positions are 1"):
        call_command("check_quotas")


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
        carts.add(cart, {new.pk: 1}, language="de")
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
