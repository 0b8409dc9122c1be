"""From cart to order to ticket, and how an order ends."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from sccon.clock import database_now
from sccon.models import Mail
from tests.factories import make_user
from tests.tickets.factories import (
    details,
    let_expire,
    make_cart,
    make_event,
    make_order,
    make_product,
    make_quota,
    make_shop,
    pay,
    place,
    taken,
)
from tickets.admission import codes
from tickets.catalogue.validity import NotValid
from tickets.models import History, Order, Payment, Position, Product, Refund
from tickets.money import receiving, refunding
from tickets.money.receiving import Outcome
from tickets.orders import cancelling, carts, expiring, placing, reminding, reserving
from tickets.orders.placing import Attendee

pytestmark = pytest.mark.django_db


def story(order: Order) -> list[str]:
    return [line.what for line in order.history.all()]


def mails() -> list[str]:
    return [mail.template for mail in Mail.objects.order_by("pk")]


# --- Placing -----------------------------------------------------------------------------------


def test_a_placed_order_waits_for_its_transfer():
    event, quota, product = make_shop()
    order = make_order(product, number=2)
    assert (order.status, order.payment_terms, order.total) == ("pending", "prepay", Decimal("238.00"))
    assert order.due_on == timezone.localdate(database_now() + timedelta(days=event.payment_days))
    assert (mails(), story(order), taken(quota)) == (["order-received"], ["placed"], [2])
    assert not Position.objects.exclude(ticket_code=None).exists()


def test_a_free_order_is_complete_at_once():
    _event, _quota, product = make_shop(price="0.00")
    order = make_order(product)
    assert (order.status, order.payment_terms, order.due_on, order.expires_at) == ("paid", "free", None, None)
    ticket = order.positions.get()
    assert codes.read(ticket.ticket_code).product == product.pk
    assert ticket.valid
    assert mails() == ["order-paid"]


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


# --- One judge for adding, extending, placing --------------------------------------------------


def test_sales_begin_and_end():
    event, _quota, product = make_shop()
    cart = make_cart(product)
    type(event).objects.update(sales_end=database_now() - timedelta(seconds=1))
    for act in (lambda: make_cart(product), lambda: carts.extend(cart), lambda: place(cart)):
        with pytest.raises(NotValid):
            act()


def test_least_and_most_per_order_count_what_is_in_the_cart():
    _event, _quota, product = make_shop(min_per_order=2, max_per_order=3)
    with pytest.raises(NotValid):
        make_cart(product, number=1)
    cart = make_cart(product, number=2)
    make_cart(product, number=1, cart=cart)
    with pytest.raises(NotValid):
        make_cart(product, number=1, cart=cart)


def test_a_product_taken_off_sale_is_not_placed():
    _event, _quota, product = make_shop()
    cart = make_cart(product)
    Product.objects.update(active=False)
    with pytest.raises(NotValid):
        place(cart)


def test_a_transfer_that_cannot_arrive_is_not_offered_but_free_tickets_are():
    event, quota, product = make_shop()
    free = make_product(event, quota, price="0.00")
    type(event).objects.update(starts_at=database_now() + timedelta(days=2))
    with pytest.raises(NotValid):
        make_cart(product)
    assert make_order(free).status == "paid"


# --- Money -------------------------------------------------------------------------------------


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
    assert story(order) == ["placed", "expired", "payment", "revived"]
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


# --- Ends --------------------------------------------------------------------------------------


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


def test_a_reminder_goes_out_once_and_never_for_paid_or_free_orders():
    event, quota, product = make_shop()
    free = make_product(event, quota, price="0.00")
    waiting, paid = make_order(product), pay(make_order(product)).order
    make_order(free)
    Order.objects.filter(status="pending").update(due_on=timezone.localdate(database_now()) + timedelta(days=2))
    for _twice in range(2):
        reminding.remind_buyers(0)
    assert [mail.occasion for mail in Mail.objects.filter(template="order-reminder")] == [
        f"order-reminder:{waiting.pk}"
    ]
    assert reminding.remind(paid.pk) is False


def test_tickets_are_sent_again():
    _event, _quota, product = make_shop()
    order = pay(make_order(product)).order
    reminding.send_again(order, by=make_user(), reason="Verlegt")
    assert mails() == ["order-received", "order-paid", "order-paid"]


# --- What the database refuses -----------------------------------------------------------------


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


def test_a_cart_holds_nothing_personal():
    _event, _quota, product = make_shop()
    cart = make_cart(product)
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=cart.pk).update(email="a@example.org")


def test_test_orders_can_be_removed():
    event, quota, product = make_shop()
    type(event).objects.update(test_mode=True)
    order = make_order(product)
    assert order.test
    cancelling.cancel(order, by=make_user(), reason="Test")
    order.delete()
    assert (Order.objects.count(), taken(quota)) == (0, [0])
    assert make_quota(event)
