"""Money that comes, in time or late, too little or too much."""

from decimal import Decimal

import pytest

from tests.factories import make_user
from tests.tickets.factories import let_expire, make_cart, make_order, make_shop, pay, taken
from tests.tickets.records import mails, story
from tickets.models import Order, Payment, Position
from tickets.money import receiving
from tickets.money.receiving import Outcome
from tickets.orders import cancelling, expiring, reserving

pytestmark = pytest.mark.django_db


def test_a_transfer_pays_the_order_and_mails_the_tickets():
    _event, _quota, product = make_shop()
    order = make_order(product)
    result = pay(order)
    assert (result.outcome, result.order.status, result.order.paid) == (Outcome.PAID, "paid", Decimal("119.00"))
    assert mails() == ["order-received", "order-paid"]
    assert order.positions.get().ticket_code


def test_part_payments_add_up():
    _event, _quota, product = make_shop()
    order = make_order(product)
    first = pay(order, "100.00")
    assert (first.outcome, first.order.status, first.order.open_amount) == (Outcome.PART, "pending", Decimal("19.00"))
    assert pay(order, "19.00").outcome == Outcome.PAID


def test_the_same_payment_is_recorded_once():
    _event, _quota, product = make_shop()
    order = make_order(product)
    pay(order, "10.00", provider_id="bank-1")
    with pytest.raises(receiving.AlreadyRecorded):
        pay(order, "10.00", provider_id="bank-1")
    order.refresh_from_db()
    assert (order.paid, Payment.objects.count()) == (Decimal("10.00"), 1)


def test_money_for_an_expired_order_revives_it_while_places_are_free():
    _event, quota, product = make_shop(size=1)
    order = make_order(product)
    let_expire(order)
    expiring.expire_overdue()
    assert taken(quota) == [0]
    result = pay(order)
    assert (result.outcome, result.order.status, taken(quota)) == (Outcome.REVIVED, "paid", [1])
    assert story(order) == ["placed", "confirmed", "expired", "payment", "revived"]
    assert mails()[-1] == "order-paid"
    assert reserving.recount() == {}


def test_money_for_an_expired_order_without_places_is_to_be_returned():
    _event, quota, product = make_shop(size=1)
    order = make_order(product)
    let_expire(order)
    make_cart(product)
    result = pay(order)
    assert (result.outcome, result.order.status, taken(quota)) == (Outcome.TOO_LATE, "expired", [1])
    assert list(Order.objects.with_money_to_return()) == [order]
    assert Position.objects.exclude(ticket_code=None).count() == 0
    assert mails()[-1] == "order-expired"


def test_too_little_money_for_an_expired_order_revives_nothing():
    _event, _quota, product = make_shop()
    order = make_order(product)
    let_expire(order)
    expiring.expire_overdue()
    assert pay(order, "50.00").outcome == Outcome.TOO_LATE


def test_money_for_an_order_past_its_time_that_nobody_swept_still_pays_it():
    _event, _quota, product = make_shop()
    order = make_order(product)
    let_expire(order)
    assert pay(order).outcome == Outcome.PAID


def test_money_for_a_cancelled_order_mails_no_ticket():
    _event, _quota, product = make_shop()
    order = make_order(product)
    cancelling.cancel(order, by=make_user(), reason="Auf Wunsch")
    result = pay(order)
    assert (result.outcome, result.order.status) == (Outcome.TOO_LATE, "cancelled")
    assert "order-paid" not in mails()
