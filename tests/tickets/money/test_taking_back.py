"""Money that was typed in and never came."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from sccon.clock import database_now
from tests.factories import make_user
from tests.tickets.buyers import text
from tests.tickets.commits import committed
from tests.tickets.factories import agrees, let_expire, make_order, make_shop, pay, taken
from tests.tickets.records import mails, story
from tickets.models import Buyer, CounterEntry, Order, Payment, Refund
from tickets.money import refunding, taking_back
from tickets.orders import cancelling, expiring
from tickets.reports import figures

pytestmark = pytest.mark.django_db


def take_back(order: Order, instead: str | None = None) -> Order:
    payment = order.payments.filter(taken_back=0).last()
    assert payment
    amount = Decimal(instead) if instead else None
    return taking_back.take_back(payment, by=make_user("tickets"), reason="Vertippt", instead=amount)


def test_a_paid_order_without_its_money_waits_for_it_and_its_tickets_open_no_door(client: Client):
    event, quota, product = make_shop()
    order = pay(make_order(product)).order
    ticket = order.positions.get()
    order = take_back(order)
    assert (order.status, order.open_amount, order.balance) == ("pending", Decimal("119.00"), 0)
    assert order.reserved_until > database_now()
    assert order.due_on
    assert not order.positions.get().valid
    assert (taken(quota), agrees()) == ([1], True)
    assert story(order)[-2:] == ["taken_back", "unpaid"]
    assert mails()[-1] == "order-taken-back"
    assert "noch nicht bezahlt" in text(client.get(f"/de/tickets/t/{ticket.page_secret}/"))
    assert "gelten Ihre Tickets nicht" in text(client.get(order.get_absolute_url()))
    assert figures.money(event).received == 0
    assert figures.money(event).open == Decimal("119.00")
    assert figures.received_by_week(event) == []


def test_when_the_money_comes_the_same_tickets_are_valid_and_mailed_again():
    _event, _quota, product = make_shop()
    order = pay(make_order(product)).order
    before = order.positions.get()
    order = pay(take_back(order)).order
    after = order.positions.get()
    assert (order.status, after.valid, after.ticket_code) == ("paid", True, before.ticket_code)
    assert after.page_secret == before.page_secret
    assert mails().count("order-paid") == 2


def test_an_order_whose_money_was_taken_back_ends_like_any_unpaid_one():
    _event, quota, product = make_shop()
    order = take_back(pay(make_order(product)).order)
    let_expire(order)
    expiring.expire_overdue()
    order.refresh_from_db()
    assert (order.status, order.money_to_return, taken(quota), agrees()) == ("expired", 0, [0], True)
    other = take_back(pay(make_order(product)).order)
    cancelling.cancel(other, by=make_user(), reason="Zahlt nicht")
    other.refresh_from_db()
    assert (other.status, other.money_to_return, agrees()) == ("cancelled", 0, True)


def test_what_came_in_truth_is_recorded_in_the_same_step_and_the_order_stays_paid():
    event, _quota, product = make_shop(price="60.00")
    order = pay(make_order(product), "6000.00").order
    order = take_back(order, "60.00")
    assert (order.status, order.money_to_return, order.balance) == ("paid", 0, Decimal("60.00"))
    assert "unpaid" not in story(order)
    assert figures.money(event).received == Decimal("60.00")
    assert figures.money(event).to_return == 0
    assert mails()[-2:] == ["order-paid", "order-taken-back"]


@pytest.mark.parametrize(
    ("recorded", "instead", "status", "open_amount"),
    [("100.00", None, "pending", "119.00"), ("11.90", "119.00", "paid", "0"), ("19.00", "91.00", "pending", "28.00")],
)
def test_a_part_payment_is_corrected_and_nobody_is_mailed_but_the_tickets(recorded, instead, status, open_amount):
    _event, _quota, product = make_shop()
    order = take_back(pay(make_order(product), recorded).order, instead)
    assert (order.status, order.open_amount) == (status, Decimal(open_amount))
    assert mails() == ["order-received", *(["order-paid"] if status == "paid" else [])]


def test_money_of_an_ended_order_that_never_came_need_not_be_returned():
    _event, _quota, product = make_shop()
    order = make_order(product)
    cancelling.cancel(order, by=make_user(), reason="Auf Wunsch")
    order = take_back(pay(order).order)
    assert (order.status, order.money_to_return) == ("cancelled", 0)
    assert not Order.objects.with_money_to_return().exists()
    assert mails()[-1] == "order-cancelled"


def test_nothing_is_taken_back_twice_or_after_it_was_returned():
    _event, _quota, product = make_shop()
    user = make_user("tickets")
    order = pay(make_order(product), "150.00").order
    payment = order.payments.get()
    refunding.return_money(order, amount=Decimal("31.00"), returned_on=database_now().date(), by=user, reason="Zu viel")
    with pytest.raises(taking_back.NotTakenBack):
        taking_back.take_back(payment, by=user, reason="x")
    other = pay(make_order(product)).order
    first = other.payments.get()
    taking_back.take_back(first, by=user, reason="x")
    with pytest.raises(taking_back.NotTakenBack):
        taking_back.take_back(first, by=user, reason="x")
    assert CounterEntry.objects.count() == 1


def test_the_database_keeps_the_sums_whatever_the_code_does():
    _event, _quota, product = make_shop()
    paid = pay(make_order(product)).order
    waiting = pay(make_order(product), "19.00").order
    for change in (
        lambda: Order.objects.filter(pk=paid.pk).update(taken_back=Decimal(1)),  # paid, and not covered
        lambda: Order.objects.filter(pk=paid.pk).update(status="pending", expires_at=database_now()),  # covered
        lambda: Order.objects.filter(pk=waiting.pk).update(paid=Decimal(119)),  # covered, and waits
        lambda: Order.objects.filter(pk=waiting.pk).update(taken_back=Decimal("19.01")),
        lambda: Order.objects.filter(pk=waiting.pk).update(refunded=Decimal("19.01")),
        lambda: Payment.objects.filter(order=paid).update(taken_back=Decimal("119.01")),
        lambda: Payment.objects.filter(order=paid).update(refunded=Decimal("119.01")),
        lambda: CounterEntry.objects.create(payment=paid.payments.get(), amount=Decimal(1), reason=""),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_no_entry_is_changed_or_deleted_until_its_buyer_is_forgotten():
    _event, _quota, product = make_shop()
    user, today = make_user("tickets"), database_now().date()
    order = pay(make_order(product), "150.00").order
    refunding.return_money(order, amount=Decimal("31.00"), returned_on=today, by=user, reason="Zu viel")
    taking_back.take_back(pay(order, "10.00").order.payments.last(), by=user, reason="Vertippt")
    kinds = (Payment, Refund, CounterEntry)
    changes: list[dict[str, object]] = [
        {"amount": Decimal(1)},
        {"recorded_by": make_user()},
        {"recorded_at": database_now()},
    ]
    for kind in kinds:
        others: dict[str, object] = {"note": "x"} if kind is Payment else {"reason": "x"}
        own = {Payment: {"received_on": "2026-01-01"}, Refund: {"returned_on": "2026-01-01"}, CounterEntry: {}}[kind]
        for change in (*changes, others, *([own] if own else [])):
            with pytest.raises(DatabaseError), transaction.atomic():
                kind.objects.update(**change)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {kind._meta.db_table}")
    Buyer.objects.update(email="", forgotten_at=database_now())
    Payment.objects.update(note="")
    for kind in (Refund, CounterEntry):
        kind.objects.update(reason="…")
        with pytest.raises(DatabaseError), transaction.atomic():
            kind.objects.update(reason="…", amount=Decimal(1))
    for kind in kinds:
        with pytest.raises(DatabaseError), transaction.atomic():
            kind.objects.update(amount=Decimal(1))


def test_the_sums_are_those_of_the_entries():
    """Asked at the end of the transaction, whoever wrote."""
    _event, _quota, product = make_shop()
    user = make_user("tickets")
    order = pay(make_order(product), "150.00").order
    payment = order.payments.get()
    entry = {"amount": Decimal(5), "recorded_by": user, "reason": "x"}
    day = database_now().date()
    for change in (
        lambda: Order.objects.filter(pk=order.pk).update(paid=Decimal(151)),
        lambda: Order.objects.filter(pk=order.pk).update(refunded=Decimal(1)),
        lambda: Order.objects.filter(pk=order.pk).update(taken_back=Decimal(1)),
        lambda: Payment.objects.filter(pk=payment.pk).update(refunded=Decimal(1)),
        lambda: Payment.objects.filter(pk=payment.pk).update(taken_back=Decimal(1)),
        lambda: Payment.objects.create(order=order, provider_id="x", amount=Decimal(5), received_on=day),
        lambda: Refund.objects.create(payment=payment, returned_on=day, **entry),
        lambda: CounterEntry.objects.create(payment=payment, **entry),
    ):
        with pytest.raises(DatabaseError), committed():
            change()
    with committed():
        pay(order, "5.00")
