"""Many at once, with real transactions. Each race has a twin without its guard, which shows that the test can fail."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from sccon.clock import database_now
from tests.at_once import at_once, kinds
from tests.factories import make_user
from tests.processes import DEADLINE
from tests.tickets.factories import (
    let_expire,
    make_cart,
    make_event,
    make_order,
    make_product,
    make_quota,
    pay,
    place,
    taken,
)
from tickets.models import History, Order, Payment, Position, ProductQuota, Quota
from tickets.money import taking_back
from tickets.orders import cancelling, carts, expiring, reserving

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("crowds")]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine: who waits for a quota gets it."""
    monkeypatch.setattr(reserving, "PATIENCE", "120s")


@contextmanager
def without_check() -> Iterator[None]:
    """Lets the database accept what it must never accept."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_quota DROP CONSTRAINT quota_never_oversold")
    try:
        yield
    finally:
        Quota.objects.update(taken=0, size=None)
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE tickets_quota ADD CONSTRAINT quota_never_oversold"
                " CHECK (taken >= 0 AND (size IS NULL OR taken <= size))"
            )


RESERVING = Path(reserving.__file__).with_suffix(".sql")
GUARDED = """        UPDATE tickets_quota SET taken = taken + places.number
        WHERE id = places.quota AND (places.number <= 0 OR size IS NULL OR taken + places.number <= size);
"""
NAIVE = """        PERFORM FROM tickets_quota WHERE id = places.quota AND taken + places.number <= size;
        IF FOUND THEN
            PERFORM pg_sleep(1);  -- long enough for the others to read as well, also on a busy machine
            UPDATE tickets_quota SET taken = taken + places.number WHERE id = places.quota;
        END IF;
"""


@contextmanager
def without_guard() -> Iterator[None]:
    """Lets `tickets_take` read first and write afterwards, without its condition."""
    guarded = RESERVING.read_text()
    assert GUARDED in guarded
    with connection.cursor() as cursor:
        cursor.execute(guarded.replace(GUARDED, NAIVE))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(guarded)


def shop(size: int, **fields: Any):
    event = make_event()
    quota = make_quota(event, size)
    return quota, make_product(event, quota, **fields)


def test_two_hundred_buyers_fifty_tickets_sells_exactly_fifty():
    quota, product = shop(50)
    results = at_once(*[lambda: make_cart(product)] * 200)
    assert kinds(results) == {"Order": 50, "SoldOut": 150}
    assert (taken(quota), Position.objects.count(), reserving.recount()) == ([50], 50, {})


def test_the_same_with_read_then_write_oversells():
    _quota, product = shop(1)
    with without_guard(), without_check():
        assert kinds(at_once(*[lambda: make_cart(product)] * 4))["Order"] > 1


def test_products_over_several_quotas_in_any_order_neither_deadlock_nor_drift():
    event = make_event()
    quotas = [make_quota(event, 30) for _ in range(4)]
    products = [
        make_product(event, quotas[0], quotas[3]),
        make_product(event, quotas[3], quotas[1]),
        make_product(event, quotas[2], quotas[0]),
        make_product(event, quotas[1], quotas[2]),
    ]
    acts = [lambda a=a, b=b: make_cart(products[a], products[b]) for a in range(4) for b in range(4) if a != b] * 6
    results = at_once(*acts)
    assert set(kinds(results)) <= {"Order", "SoldOut"}
    assert reserving.recount() == {}
    assert all(number <= 30 for number in taken(*quotas))


def test_overdue_carts_give_way_to_many_buyers_at_once():
    quota, product = shop(40)
    let_expire(*[make_cart(product) for _ in range(40)])
    results = at_once(*[lambda: make_cart(product)] * 80)
    assert kinds(results) == {"Order": 40, "SoldOut": 40}
    assert (taken(quota), reserving.recount()) == ([40], {})


def test_placing_and_expiring_at_once_is_never_both_and_never_neither():
    quota, product = shop(100)
    for _round in range(15):
        cart = make_cart(product)
        let_expire(cart)
        placed, _swept = at_once(lambda cart=cart: place(cart), expiring.expire_overdue)
        expiring.expire_overdue()  # the first may have left alone what was just being looked at
        cart.refresh_from_db()
        assert (type(placed).__name__, cart.status) == ("Expired", "expired")
    for _round in range(15):
        cart = make_cart(product)
        placed, _swept = at_once(lambda cart=cart: place(cart), expiring.expire_overdue)
        assert (type(placed).__name__, Order.objects.get(pk=cart.pk).status) == ("Order", "pending")
    assert (taken(quota), reserving.recount()) == ([15], {})


def test_paying_and_expiring_at_once_ends_paid_and_recorded():
    quota, product = shop(100)
    orders = [make_order(product) for _ in range(15)]
    let_expire(*orders)
    results = at_once(*[lambda order=order: pay(order) for order in orders], *[expiring.expire_overdue] * 15)
    assert {result.outcome.value for result in results[:15]} <= {"paid", "revived"}
    assert set(Order.objects.values_list("status", flat=True)) == {"paid"}
    assert (Payment.objects.count(), taken(quota), reserving.recount()) == (15, [15], {})


def test_two_expired_orders_paid_at_once_share_one_place_as_one_ticket_and_one_return():
    quota, product = shop(2)
    first, second = make_order(product), make_order(product)
    let_expire(first, second)
    expiring.expire_overdue()
    make_cart(product)
    results = at_once(lambda: pay(first), lambda: pay(second))
    assert sorted(result.outcome.value for result in results) == ["revived", "too_late"]
    assert (taken(quota), reserving.recount()) == ([2], {})


def test_two_half_payments_at_once_make_a_paid_order():
    _quota, product = shop(20)
    for _round in range(10):
        order = make_order(product)
        results = at_once(lambda order=order: pay(order, "59.50"), lambda order=order: pay(order, "59.50"))
        assert sorted(result.outcome.value for result in results) == ["paid", "part"]


def test_whoever_reads_the_sum_before_adding_to_it_is_refused():
    """The twin: it misses the other half, and the database sees that the sum is not that of the payments."""
    _quota, product = shop(20)
    order = make_order(product)
    both_have_read = threading.Barrier(2)

    def naive(name: str) -> None:
        with transaction.atomic():
            found = Order.objects.get(pk=order.pk)
            both_have_read.wait(DEADLINE)
            half = {"amount": Decimal("59.50"), "received_on": database_now().date()}
            Payment.objects.create(order=order, provider_id=name, **half)
            paid = found.paid + Decimal("59.50")
            status = "paid" if paid >= found.total else found.status
            Order.objects.filter(pk=order.pk).update(paid=paid, status=status)

    results = at_once(lambda: naive("one"), lambda: naive("other"))
    assert sorted(type(result).__name__ for result in results) == ["IntegrityError", "NoneType"]
    order.refresh_from_db()
    assert (order.status, order.paid) == ("pending", Decimal("59.50"))
    assert order.payments.count() == 1


def test_twenty_clicks_on_order_make_one_order():
    quota, product = shop(5)
    cart = make_cart(product)
    results = at_once(*[lambda: place(cart)] * 20)
    assert {result.code for result in results} == {Order.objects.get().code}
    assert (taken(quota), History.objects.filter(what="placed").count()) == ([1], 1)


def test_taking_back_paying_and_cancelling_at_once_leave_sums_places_and_status_that_agree():
    """The database asks for the sums at each commit; nobody meets a deadlock."""
    quota, product = shop(50)
    user = make_user("tickets")
    orders = [pay(make_order(product)).order for _number in range(8)]
    acts: list[Any] = []
    for order in orders:
        payment = order.payments.get()
        acts += [
            lambda payment=payment: taking_back.take_back(payment, by=user, reason="Vertippt"),
            lambda payment=payment: taking_back.take_back(payment, by=user, reason="Vertippt", instead=Decimal(9)),
            lambda order=order: pay(order, "119.00"),
            lambda order=order: cancelling.cancel(order, by=user, reason="Auf Wunsch"),
        ]
    found = kinds(at_once(*acts))
    assert (found["Order"], found["NotTakenBack"], found["Result"]) == (8, 8, 8)
    assert set(found) <= {"Order", "NotTakenBack", "Result", "NoneType"}
    assert {order.status for order in Order.objects.all()} == {"cancelled"}
    assert Order.objects.with_money_to_return().count() == 8  # what came once more, and perhaps the 9
    assert (taken(quota), reserving.recount()) == ([0], {})


def test_two_members_of_staff_cancel_once():
    quota, product = shop(5)
    order = make_order(product)
    results = at_once(*[lambda: cancelling.cancel(order, by=None, reason="Doppelt")] * 4)
    assert kinds(results) == {"NoneType": 1, "NotCancellable": 3}
    assert (taken(quota), reserving.recount()) == ([0], {})


def test_a_product_joins_a_quota_while_it_is_sold():
    event = make_event()
    hall, late = make_quota(event, 1000), make_quota(event, 1000)
    product = make_product(event, hall)

    def rearrange() -> None:
        for _time in range(5):
            ProductQuota.objects.create(product=product, quota=late).delete()
        ProductQuota.objects.create(product=product, quota=late)

    def come_and_go() -> None:
        cart = make_cart(product, number=2)
        carts.change(cart, {product.pk: 1})

    results = at_once(rearrange, *[come_and_go] * 40)
    assert set(kinds(results)) <= {"NoneType", "Busy"}
    assert reserving.recount() == {}
    assert taken(hall) == taken(late)


def test_whoever_waits_too_long_for_a_quota_is_told_that_it_is_busy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reserving, "PATIENCE", "100ms")
    quota, product = shop(5)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Quota.objects.select_for_update().get(pk=quota.pk)
            held.set()
            done.wait(10)

    def buy() -> Any:
        held.wait(10)
        try:
            return make_cart(product)
        finally:
            done.set()

    assert kinds(at_once(hold, buy)) == {"NoneType": 1, "Busy": 1}
    assert taken(quota) == [0]
