"""What the database refuses, whoever asks."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from tests.factories import make_user
from tests.tickets.commits import ask_now
from tests.tickets.factories import make_order, make_quota, make_shop, pay, taken
from tickets.models import History, Order
from tickets.orders import cancelling

pytestmark = pytest.mark.django_db


def test_the_database_refuses_what_no_transition_does():
    _event, _quota, product = make_shop()
    order = pay(make_order(product)).order
    for change in (
        lambda: Order.objects.filter(pk=order.pk).update(status="pending"),
        lambda: Order.objects.filter(pk=order.pk).update(refunded=Decimal("119.00")),
        lambda: Order.objects.filter(pk=order.pk).update(code=None),
        lambda: Order.objects.filter(pk=order.pk).delete(),
        lambda: History.objects.update(reason="anders"),
        lambda: History.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_test_orders_can_be_removed():
    event, quota, product = make_shop()
    type(event).objects.update(test_mode=True)
    order = make_order(product)
    assert order.test
    cancelling.cancel(order, by=make_user(), reason="Test")
    ask_now()
    order.delete()
    ask_now()
    assert (Order.objects.count(), taken(quota)) == (0, [0])
    assert make_quota(event)
