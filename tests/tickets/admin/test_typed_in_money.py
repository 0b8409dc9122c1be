"""What staff type about money, slips among it, over HTTP."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sccon.clock import database_now
from tests.factories import make_user
from tests.tickets.admin.test_orders import act
from tests.tickets.buyers import text
from tests.tickets.factories import let_expire, make_order, make_shop, pay
from tickets.models import CounterEntry, Order, Payment
from tickets.orders import cancelling, expiring

pytestmark = pytest.mark.django_db


def today() -> date:
    return timezone.localdate(database_now())


def asked(page: object) -> dict[str, str]:
    """The questions of the page: key and sentence."""
    return dict(page.context["form"].fields["sure"].choices) if "form" in page.context else {}


def states(product: object) -> dict[str, Order]:
    made = {name: make_order(product) for name in ("pending", "part", "expired", "cancelled", "paid")}
    pay(made["part"], "100.00")
    pay(made["paid"])
    cancelling.cancel(made["cancelled"], by=make_user(), reason="x")
    let_expire(made["expired"])
    expiring.expire_overdue()
    return made


@pytest.mark.parametrize(
    ("state", "amount", "question"),
    [
        ("pending", "119.01", "Only €119.00 is open."),
        ("pending", "11,900.00", "Only €119.00 is open."),
        ("part", "119.00", "Only €19.00 is open."),
        ("expired", "1,190.00", "Only €119.00 is open."),
        ("cancelled", "119.00", "Nothing is open."),
        ("paid", "1.00", "Nothing is open."),
        ("pending", "119.00", ""),
        ("pending", "60.00", ""),
        ("part", "19.00", ""),
        ("expired", "119.00", ""),
    ],
)
def test_more_than_is_open_is_asked_about_first(staff: Client, state: str, amount: str, question: str):
    _event, _quota, product = make_shop(size=20)
    order = states(product)[state]
    before = order.payments.count()
    questions = asked(act(staff, order, "payment", amount=amount))
    assert (order.payments.count() - before, bool(questions)) == ((0, True) if question else (1, False))
    assert question in " ".join(questions.values())
    if question:
        (key,) = questions
        other = act(staff, order, "payment", amount="77777.00", sure=[key])
        assert asked(other), "whoever ticks it and types another amount is asked again"
        act(staff, order, "payment", amount=amount, sure=[key])
        assert order.payments.count() == before + 1


def test_the_same_transfer_is_asked_about_and_can_have_come_twice(staff: Client):
    _event, _quota, product = make_shop(price="120.00")
    order = make_order(product)
    act(staff, order, "payment", amount="60.00")
    questions = asked(act(staff, order, "payment", amount="60.00"))
    (sentence,) = questions.values()
    assert "€60.00 of the same day was recorded 1 minute ago by" in sentence
    assert order.payments.count() == 1
    act(staff, order, "payment", amount="60.00", received_on=today() - timedelta(days=0), sure=list(questions))
    assert order.payments.count() == 2


@pytest.mark.parametrize("other", [{"amount": "60.01"}, {"received_on": "yesterday"}])
def test_another_amount_or_day_is_another_transfer(staff: Client, other: dict[str, str]):
    _event, _quota, product = make_shop(price="180.00")
    order = make_order(product)
    Order.objects.update(placed_at=database_now() - timedelta(days=3))
    act(staff, order, "payment", amount="60.00")
    typed = {"amount": "60.00"} | other
    if "received_on" in typed:
        typed["received_on"] = (today() - timedelta(days=1)).isoformat()
    assert not asked(act(staff, order, "payment", **typed))
    assert order.payments.count() == 2


def test_of_two_clerks_with_open_forms_the_second_is_asked(staff: Client):
    _event, _quota, product = make_shop(price="120.00")
    order = make_order(product)
    url = reverse("admin:tickets_order_payment", args=[order.pk])
    forms = [staff.get(url).context["form"] for _clerk in range(2)]
    for form in forms:
        typed = {field.html_name: field.value() or "" for field in form} | {"amount": "60,00"}
        page = staff.post(url, typed, follow=True)
    assert "came once more" in text(page)
    assert order.payments.count() == 1


def test_a_payment_taken_back_may_be_recorded_anew_without_a_question(staff: Client):
    _event, _quota, product = make_shop()
    order = pay(make_order(product), received_on=today()).order
    url = reverse("admin:tickets_order_take_back", args=[order.pk, order.payments.get().pk])
    assert "reason" in staff.post(url, {"reason": " "}).context["form"].errors
    page = staff.post(url, {"reason": "Falsche Bestellung"}, follow=True)
    assert "is taken back" in text(page)
    assert "Falsche Bestellung" in text(page)
    assert not asked(act(staff, order, "payment"))
    order.refresh_from_db()
    assert (order.status, order.payments.count(), CounterEntry.objects.count()) == ("paid", 2, 1)


@pytest.mark.parametrize(
    ("day", "refused"),
    [
        ("0026-11-28", True),
        ("0001-01-01", True),
        ("1026-11-28", True),
        ("2016-11-28", True),
        ("2199-01-01", True),
        ("a day before", False),
        ("a month before", False),
    ],
)
def test_a_day_before_the_order_is_refused_or_asked_about(staff: Client, day: str, refused: bool):
    _event, _quota, product = make_shop()
    order = make_order(product)
    before = {"a day before": 1, "a month before": 30}.get(day)
    typed = (today() - timedelta(days=before)).isoformat() if before else day
    page = act(staff, order, "payment", received_on=typed)
    assert ("received_on" in page.context["form"].errors) == refused
    assert bool(asked(page)) != refused
    assert not Payment.objects.exists()
    if not refused:
        act(staff, order, "payment", received_on=typed, sure=list(asked(page)))
        assert Payment.objects.exists()


@pytest.mark.parametrize("day", ["0026-11-28", "1026-11-28", "2016-11-28", "a day before"])
def test_money_cannot_go_back_before_it_came(staff: Client, day: str):
    _event, _quota, product = make_shop()
    order = pay(make_order(product), "200.00", received_on=today()).order
    typed = (today() - timedelta(days=1)).isoformat() if day == "a day before" else day
    page = act(staff, order, "return", returned_on=typed, reason="Zu viel")
    assert set(page.context["form"].errors) == {"returned_on"}


@pytest.mark.parametrize("language", ["de", "en"])
def test_an_amount_is_proposed_as_our_pages_write_it_and_taken_like_that(language: str):
    _event, _quota, product = make_shop(price="1490.00")
    order = make_order(product)
    client = Client()
    client.force_login(make_user("tickets", language=language))
    url = reverse("admin:tickets_order_payment", args=[order.pk])
    page = client.get(url)
    written = {"de": "1.490,00", "en": "1,490.00"}[language]
    assert f'value="{written}"' in page.text
    typed = {field.html_name: field.value() or "" for field in page.context["form"]}
    client.post(url, typed | {"amount": written})
    assert Payment.objects.get().amount == Decimal("1490.00")
