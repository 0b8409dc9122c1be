"""From cart to order to ticket."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from sccon.clock import database_now
from tests.tickets.factories import details, let_expire, make_cart, make_event, make_order, make_shop, place, taken
from tests.tickets.records import mails, story
from tickets.admission import codes
from tickets.catalogue.validity import NotValid
from tickets.models import Order, Position, Product
from tickets.orders import carts, placing
from tickets.orders.placing import Attendee

pytestmark = pytest.mark.django_db


def test_a_placed_order_waits_for_its_transfer():
    event, quota, product = make_shop()
    order = make_order(product, number=2)
    assert (order.status, order.payment_terms, order.total) == ("pending", "prepay", Decimal("238.00"))
    assert order.due_on == timezone.localdate(database_now() + timedelta(days=event.payment_days))
    assert (mails(), story(order), taken(quota)) == (["order-received"], ["placed", "confirmed"], [2])
    assert not Position.objects.exclude(ticket_code=None).exists()


def test_a_free_order_is_complete_with_the_click():
    _event, _quota, product = make_shop(price="0.00")
    order = make_order(product)
    assert (order.status, order.payment_terms, order.due_on, order.expires_at) == ("paid", "free", None, None)
    ticket = order.positions.get()
    assert codes.read(ticket.ticket_code).product == product.pk
    assert ticket.valid
    assert mails() == ["order-received", "order-paid"]


def test_placing_twice_makes_one_order():
    _event, quota, product = make_shop()
    cart = make_cart(product)
    first, second = place(cart), place(cart)
    assert (first.pk, first.code) == (second.pk, second.code)
    assert (Order.objects.count(), taken(quota), mails()) == (1, [1], ["order-received"])


def test_an_expired_cart_is_not_placed():
    _event, _quota, product = make_shop()
    cart = make_cart(product)
    let_expire(cart)
    with pytest.raises(carts.Expired):
        place(cart)
    assert mails() == []


def test_a_cart_changed_behind_the_summary_is_not_placed():
    _event, _quota, product = make_shop()
    cart = make_cart(product)
    seen = [position.pk for position in cart.positions.all()]
    carts.change(cart, {product.pk: 2})
    with pytest.raises(placing.Changed):
        placing.place(cart.pk, lambda _: details(), language="de", seen=Decimal("119.00"), positions=seen)
    cart.refresh_from_db()
    assert cart.status == "cart"


def test_a_declaration_must_be_given():
    _event, _quota, product = make_shop(declaration_de="Ich studiere.", declaration_en="I am a student.")
    cart = make_cart(product)
    with pytest.raises(NotValid, match="Ich studiere"):
        place(cart, declared=())
    assert place(cart, declared=(product.pk,)).positions.get().declaration_de == "Ich studiere."


def test_attendees_are_named_and_the_buyer_comes_where_nobody_is():
    _event, _quota, product = make_shop()
    cart = make_cart(product, number=2)
    second = cart.positions.last()
    order = place(cart, attendees={second.pk: Attendee("Nils Rüter", "Stadt Eberswalde")})
    names = [(position.attendee_name, position.attendee_company) for position in order.positions.all()]
    assert names == [("Henriette Oldenburg", ""), ("Nils Rüter", "Stadt Eberswalde")]


def test_what_is_sold_keeps_its_name_price_and_tax():
    _event, _quota, product = make_shop()
    cart = make_cart(product)
    Product.objects.update(name_de="Teurer", price=Decimal("500.00"), tax_rate=7)
    order = place(cart)
    position = order.positions.get()
    assert (order.total, position.product_name_de, position.tax_rate) == (Decimal("119.00"), "Kongressticket", 19)
    with pytest.raises(IntegrityError, match="keeps what it was sold as"), transaction.atomic():
        Position.objects.update(gross=Decimal("1.00"))


def test_an_order_code_that_is_taken_is_drawn_again(monkeypatch: pytest.MonkeyPatch):
    _event, _quota, product = make_shop()
    drawn = iter(["BCDFGH", "BCDFGH", "BCDFGJ"])
    monkeypatch.setattr(codes, "new_order_code", lambda: next(drawn))
    assert [make_order(product).code, make_order(product).code] == ["BCDFGH", "BCDFGJ"]


def test_grace_counts_working_days():
    event = make_event(grace_days=3)
    thursday = date(2027, 6, 3)
    end = timezone.localtime(placing.end_of_grace(event, thursday))
    assert end == timezone.make_aware(datetime(2027, 6, 9))  # Friday, Monday, Tuesday; until midnight


def test_the_due_date_leaves_the_transfer_time_to_arrive():
    event = make_event(payment_days=10, transfer_days=5)
    assert placing.due_date(event, event.starts_at - timedelta(days=8)) == timezone.localdate(
        event.starts_at - timedelta(days=5)
    )
