"""Positions and the tickets they become."""

import pytest

from sccon.clock import database_now
from tests.factories import make_user
from tests.tickets.factories import let_expire, make_cart, make_order, make_shop, pay
from tickets.models import Position
from tickets.orders import cancelling, expiring

pytestmark = pytest.mark.django_db


def test_one_ticket_and_the_list_of_tickets_agree_on_what_is_valid_in_every_state():
    _event, _quota, product = make_shop()
    let_expire(make_order(product))
    expiring.expire_overdue()
    cancelling.cancel(pay(make_order(product)).order, by=make_user(), reason="Auf Wunsch")
    make_order(product)
    make_cart(product)
    paid = pay(make_order(product, number=2)).order
    cancelled, valid = paid.positions.all()
    Position.objects.filter(pk=cancelled.pk).update(cancelled_at=database_now())
    assert list(Position.objects.valid()) == [valid]
    assert [position for position in Position.objects.select_related("order") if position.valid] == [valid]
