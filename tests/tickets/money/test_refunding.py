"""Money that goes back."""

from datetime import date
from decimal import Decimal

import pytest

from tests.factories import make_user
from tests.tickets.factories import make_order, make_shop, pay
from tickets.models import Order, Payment, Refund
from tickets.money import refunding
from tickets.money.receiving import Outcome

pytestmark = pytest.mark.django_db


def test_too_much_is_said_and_can_be_returned():
    _event, _quota, product = make_shop()
    user = make_user("tickets")
    result = pay(make_order(product), "150.00")
    assert (result.outcome, result.order.money_to_return) == (Outcome.OVERPAID, Decimal("31.00"))
    assert list(Order.objects.with_money_to_return()) == [result.order]
    refunding.return_money(
        result.order, amount=Decimal("31.00"), returned_on=date(2027, 1, 5), by=user, reason="Zu viel"
    )
    assert not Order.objects.with_money_to_return().exists()
    assert (Refund.objects.get().amount, Payment.objects.get().refunded) == (Decimal("31.00"), Decimal("31.00"))


def test_no_more_goes_back_than_there_is_to_return():
    _event, _quota, product = make_shop()
    order = pay(make_order(product), "150.00").order
    with pytest.raises(refunding.NothingToReturn):
        refunding.return_money(order, amount=Decimal("31.01"), returned_on=date(2027, 1, 5), by=make_user(), reason="x")
