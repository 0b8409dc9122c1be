"""Places are never sold twice."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from tests.tickets.factories import agrees, make_cart, make_event, make_product, make_quota, make_shop, taken
from tickets.models import Order, Position, ProductQuota, Quota
from tickets.orders import reserving

pytestmark = pytest.mark.django_db


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


def test_check_quotas_agrees_and_notices_a_wrong_counter():
    _event, quota, product = make_shop()
    make_cart(product)
    call_command("check_quotas", stdout=StringIO())
    Quota.objects.filter(pk=quota.pk).update(taken=4)
    with pytest.raises(CommandError, match="the counter says 4, the positions are 1"):
        call_command("check_quotas")
