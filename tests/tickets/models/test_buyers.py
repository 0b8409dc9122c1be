"""Who ordered: a cart is nobody's, and a placed order is always somebody's."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from sccon.clock import database_now
from tests.tickets.commits import ask_now, committed
from tests.tickets.factories import make_cart, make_order, make_shop, pay
from tickets.models import Buyer, Order

pytestmark = pytest.mark.django_db

FIELDS = ("email", *Buyer.BOOKED)


def test_a_cart_holds_nothing_personal():
    _event, _quota, product = make_shop()
    cart = make_cart(product)
    assert not Buyer.objects.exists()
    with pytest.raises(IntegrityError, match="a cart has none"), committed():
        Buyer.objects.create(order=cart, email="a@example.org", name="A")


def test_a_placed_order_has_its_buyer_and_keeps_it():
    _event, _quota, product = make_shop()
    order, cart = make_order(product), make_cart(product)
    ask_now()
    placed = {
        "code": "BCDFGH",
        "secret": "s",
        "placed_at": database_now(),
        "status": "pending",
        "payment_terms": "free",
    }
    emptied = dict.fromkeys(["code", "secret", "placed_at", "payment_terms", "confirmed_at"])
    for change in (
        lambda: Buyer.objects.filter(order=order).delete(),
        lambda: Buyer.objects.filter(order=order).update(order=cart),
        lambda: Order.objects.filter(pk=cart.pk).update(**placed),
        lambda: Order.objects.filter(pk=order.pk).update(status="expired", **emptied),
    ):
        with pytest.raises(IntegrityError, match="A placed order has a buyer"), committed():
            change()


def test_a_buyer_can_be_reached_until_forgotten():
    _event, _quota, product = make_shop()
    buyer = Buyer.objects.filter(order=make_order(product))
    for unknown in ({"email": ""}, {"name": ""}):
        with pytest.raises(IntegrityError, match="buyer_can_be_reached"), transaction.atomic():
            buyer.update(**unknown)
    buyer.update(email="", name="", forgotten_at=database_now())


def test_the_migration_moves_every_buyer_and_brings_them_back():
    _event, _quota, product = make_shop()
    waiting, paid = make_order(product, company="Amt", buyer_reference="Kst. 4"), pay(make_order(product)).order
    Buyer.objects.filter(order=paid).update(email="", forgotten_at=database_now())
    cart = make_cart(product)
    moved = ("order_id", *FIELDS, "forgotten_at")
    before = list(Buyer.objects.order_by("pk").values(*moved))
    ask_now()

    executor = MigrationExecutor(connection)
    executor.migrate(list(executor.loader.get_migration("tickets", "0003_buyer").dependencies))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {', '.join(FIELDS)}, forgotten_at FROM tickets_order ORDER BY id")
        rows = cursor.fetchall()
    assert rows == [
        *[(row["order_id"], *(row[field] for field in FIELDS), row["forgotten_at"]) for row in before],
        (cart.pk, *[""] * len(FIELDS), None),
    ]

    executor = MigrationExecutor(connection)
    executor.migrate([("tickets", "0003_buyer")])
    assert list(Buyer.objects.order_by("pk").values(*moved)) == before
    assert [row["order_id"] for row in before] == [waiting.pk, paid.pk]
