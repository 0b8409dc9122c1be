"""How staff end an order."""

from decimal import Decimal

import pytest

from sccon.models import Mail
from tests.factories import make_user
from tests.tickets.factories import make_order, make_shop, pay, taken
from tickets.models import Position
from tickets.orders import cancelling

pytestmark = pytest.mark.django_db


def test_cancelling_frees_the_places_once_and_tells_the_buyer():
    _event, quota, product = make_shop()
    order = pay(make_order(product, number=2)).order
    user = make_user("tickets")
    cancelling.cancel(order, by=user, reason="Doppelt bestellt")
    assert (taken(quota), order.status, order.money_to_return) == ([0], "cancelled", Decimal("238.00"))
    assert not Position.objects.valid().exists()
    with pytest.raises(cancelling.NotCancellable):
        cancelling.cancel(order, by=user, reason="Noch einmal")
    assert taken(quota) == [0]
    mail = Mail.objects.get(template="order-cancelled")
    assert (mail.context["reason"], mail.context["order"]["to_return"]) == (
        "Doppelt bestellt",
        "238,00\N{NO-BREAK SPACE}€",
    )
