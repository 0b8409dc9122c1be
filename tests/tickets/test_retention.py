"""What the shop knows of people ends when its rule says so."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from sccon.clock import database_now
from tests.factories import make_user
from tests.tickets.factories import let_expire, make_cart, make_order, make_product, make_shop, pay
from tickets import retention
from tickets.models import Buyer, Event, History, Order
from tickets.orders import cancelling, expiring, reserving

pytestmark = pytest.mark.django_db


def after_the_event(event: Event, days: int) -> None:
    ends = database_now() - timedelta(days=days)
    Event.objects.filter(pk=event.pk).update(starts_at=ends - timedelta(days=2), ends_at=ends)


def known(order: Order) -> dict[str, Any]:
    order.refresh_from_db()
    names = ("email", *Buyer.BOOKED)
    return {name: value for name in names if (value := getattr(order.buyer, name))}


def test_a_year_after_the_event_whoever_paid_nothing_is_forgotten_and_of_payers_stays_what_was_booked(client: Client):
    event, quota, product = make_shop()
    free = make_order(make_product(event, quota, price="0.00"), company="Amt", buyer_reference="Kst. 4")
    paid = pay(make_order(product), note="Oldenburg, Ticket").order
    cancelled = make_order(product)
    cancelling.cancel(cancelled, by=None, reason="Frau Oldenburg ist krank")
    links = [free.get_absolute_url(), f"/de/tickets/t/{free.positions.get().page_secret}/"]
    assert [client.get(link).status_code for link in links] == [200, 200]

    after_the_event(event, 364)
    retention.forget(timestamp=0)
    assert known(free)["email"] == free.buyer.email

    after_the_event(event, 366)
    retention.forget(timestamp=0)
    assert (known(free), known(cancelled)) == ({}, {})
    assert known(paid) == {
        "name": "Henriette Oldenburg",
        "street": "Am Markt 1",
        "postcode": "16225",
        "city": "Eberswalde",
        "country": "DE",
    }
    assert {order.positions.get().attendee_name for order in (free, paid, cancelled)} == {""}
    assert [client.get(link).status_code for link in links] == [404, 404]
    assert cancelled.history.get(what=History.What.CANCELLED).reason == "–"
    assert paid.payments.get().note == "Oldenburg, Ticket"
    assert reserving.recount() == {}


def test_what_was_booked_is_forgotten_after_eight_full_years():
    event, _quota, product = make_shop()
    order = pay(make_order(product), note="Oldenburg, Ticket").order
    after_the_event(event, 9 * 366)
    year = timezone.localdate(database_now()).year
    for placed_in, still_known in ((year - 8, True), (year - 9, False)):
        Order.objects.filter(pk=order.pk).update(placed_at=datetime(placed_in, 12, 30, tzinfo=UTC))
        retention.forget(timestamp=0)
        assert bool(known(order)) == bool(order.payments.get().note) == still_known
    assert (order.total, order.status) == (order.paid, Order.Status.PAID)


def test_a_line_of_the_history_changes_only_to_forget():
    _event, _quota, product = make_shop()
    order = make_order(product)
    cancelling.cancel(order, by=None, reason="Doppelt")
    with pytest.raises(IntegrityError), transaction.atomic():
        order.history.update(reason="Anders")
    Buyer.objects.filter(pk=order.pk).update(forgotten_at=database_now())
    with pytest.raises(IntegrityError), transaction.atomic():
        order.history.update(reason="–", at=database_now())
    order.history.exclude(reason="").update(reason="–")


def begin(client: Client, product: Any) -> Order:
    client.post("/de/tickets/cart/add/", {f"product-{product.pk}": 1})
    client.post("/de/tickets/checkout/", {"name": "Henriette Oldenburg"})
    return Order.objects.latest("pk")


def test_what_was_typed_goes_an_hour_after_the_end_of_the_cart_however_late_it_was_typed(client: Client):
    _event, _quota, product = make_shop()
    cart = begin(client, product)
    end = cart.expires_at + timedelta(hours=1)
    assert abs(Session.objects.get().expire_date - end) < timedelta(minutes=1)
    client.post("/de/tickets/checkout/", {"name": "Henriette O."})
    assert abs(Session.objects.get().expire_date - end) < timedelta(minutes=1)

    Order.objects.filter(pk=cart.pk).update(created_at=database_now() - timedelta(minutes=80))
    client.post("/de/tickets/cart/extend/")
    cart.refresh_from_db()
    assert abs(Session.objects.get().expire_date - cart.expires_at - timedelta(hours=1)) < timedelta(minutes=1)

    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    retention.forget_carts(timestamp=0)
    assert not Session.objects.exists()


def test_what_staff_typed_for_a_cart_goes_too_and_they_stay_signed_in(client: Client):
    client.force_login(make_user(is_staff=True))
    _event, _quota, product = make_shop()
    cart = begin(client, product)
    retention.forget_carts(timestamp=0)
    key = client.cookies["sessionid"].value
    assert SessionStore(key)["typed"]["name"] == "Henriette Oldenburg"
    let_expire(cart)
    expiring.expire_overdue()
    a_day_ago = database_now() - timedelta(hours=24, minutes=1)
    Order.objects.filter(pk=cart.pk).update(created_at=a_day_ago, expires_at=a_day_ago)
    retention.forget_carts(timestamp=0)
    kept = SessionStore(key)
    assert ("typed" in kept, "cart" in kept, "_auth_user_id" in kept) == (False, False, True)
    assert not Order.objects.exists()


def test_a_cart_that_is_alive_is_not_forgotten():
    _event, _quota, product = make_shop()
    make_cart(product)
    retention.forget_carts(timestamp=0)
    assert Order.objects.count() == 1
