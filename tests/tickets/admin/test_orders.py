"""Orders in the admin, over HTTP."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from sccon.models import Mail
from tests.factories import make_user
from tests.tickets.factories import let_expire, make_cart, make_order, make_shop, pay, taken
from tickets.models import Order, Payment, Refund
from tickets.orders import expiring

pytestmark = pytest.mark.django_db


def act(client: Client, order: Order, action: str, **typed: object):
    """The action's page, sent with what it proposes and `typed`."""
    url = reverse(f"admin:tickets_order_{action}", args=[order.pk])
    form = client.get(url).context["form"]
    proposed = {field.html_name: field.value() or "" for field in form}
    return client.post(url, proposed | typed, follow=True)


def test_an_editor_of_the_news_sees_no_orders():
    client = Client()
    client.force_login(make_user("editor"))
    assert client.get(reverse("admin:tickets_order_changelist")).status_code == 403


def test_the_list_shows_orders_and_no_carts(staff: Client):
    _event, _quota, product = make_shop()
    order = make_order(product)
    make_cart(product)
    response = staff.get(reverse("admin:tickets_order_changelist"))
    assert list(response.context["cl"].queryset) == [order]


def test_orders_are_found_by_code_name_and_attendee(staff: Client):
    _event, _quota, product = make_shop()
    order = make_order(product, number=2)
    for words in (order.code, "Oldenburg", order.buyer.email):
        response = staff.get(reverse("admin:tickets_order_changelist"), {"q": words})
        assert [found.number for found in response.context["cl"].queryset] == [2]


def test_money_to_return_is_a_list(staff: Client):
    _event, _quota, product = make_shop()
    make_order(product)
    over = pay(make_order(product), "200.00").order
    response = staff.get(reverse("admin:tickets_order_changelist"), {"money": "return"})
    assert list(response.context["cl"].queryset) == [over]


@pytest.mark.parametrize("state", ["pending", "paid", "expired", "cancelled", "free"])
def test_the_page_of_an_order_opens_in_every_state_and_says_how_it_stands(staff: Client, state: str):
    _event, _quota, product = make_shop(price="0.00" if state == "free" else "119.00")
    order = make_order(product)
    if state == "paid":
        pay(order)
    elif state == "expired":
        let_expire(order)
        expiring.expire_overdue()
    elif state == "cancelled":
        act(staff, order, "cancel", reason="Auf Wunsch")
    response = staff.get(reverse("admin:tickets_order_change", args=[order.pk]))
    assert response.status_code == 200
    assert response.context["sentence"]
    assert b"<select" not in response.content  # no raw status field


def test_staff_record_a_payment_and_hear_what_came_of_it(staff: Client):
    _event, _quota, product = make_shop()
    order = make_order(product)
    page = act(staff, order, "payment", amount="19.00", note="Teilzahlung")
    assert [str(message) for message in page.context["messages"]] == [
        "Recorded as a part payment; the order still waits for the rest. €100.00 still open."
    ]
    page = act(staff, order, "payment")
    assert [str(message) for message in page.context["messages"]] == [
        "The order is paid; the tickets are on their way to the buyer."
    ]
    order.refresh_from_db()
    assert (order.status, Payment.objects.count(), order.history.last().by is not None) == ("paid", 2, True)


def test_a_payment_sent_twice_is_recorded_once(staff: Client):
    _event, _quota, product = make_shop()
    order = make_order(product)
    for _twice in range(2):
        page = act(staff, order, "payment", amount="10.00", token="a" * 32)
    assert "recorded already" in str(next(iter(page.context["messages"])))
    assert Payment.objects.count() == 1


def test_a_payment_of_nothing_or_of_tomorrow_is_refused_beside_the_field(staff: Client):
    _event, _quota, product = make_shop()
    order = make_order(product)
    response = act(staff, order, "payment", amount="0", received_on="2199-01-01")
    assert set(response.context["form"].errors) == {"amount", "received_on"}
    assert not Payment.objects.exists()


def test_a_late_payment_without_places_is_returned(staff: Client):
    _event, _quota, product = make_shop(size=1)
    order = make_order(product)
    let_expire(order)
    make_cart(product)
    page = act(staff, order, "payment", amount="119.00")
    assert "no place for it any more" in str(next(iter(page.context["messages"])))
    response = act(staff, order, "return", amount="119.01", reason="Zu spät")
    assert "amount" in response.context["form"].errors
    act(staff, order, "return", reason="Zu spät")
    order.refresh_from_db()
    assert (Refund.objects.get().amount, order.money_to_return) == (Decimal("119.00"), 0)


def test_cancelling_needs_a_reason(staff: Client):
    _event, quota, product = make_shop()
    order = make_order(product)
    assert "reason" in act(staff, order, "cancel", reason=" ").context["form"].errors
    act(staff, order, "cancel", reason="Doppelt bestellt")
    order.refresh_from_db()
    assert (order.status, taken(quota)) == ("cancelled", [0])


def test_a_mail_is_sent_again(staff: Client):
    _event, _quota, product = make_shop()
    order = pay(make_order(product)).order
    act(staff, order, "send", reason="Verlegt")
    assert Mail.objects.filter(template="order-paid").count() == 2


def test_whoever_may_only_look_cannot_act():
    from django.contrib.auth.models import Permission

    _event, _quota, product = make_shop()
    order = make_order(product)
    user = make_user()
    user.user_permissions.add(Permission.objects.get(codename="view_order"))
    client = Client()
    client.force_login(user)
    assert client.get(reverse("admin:tickets_order_change", args=[order.pk])).status_code == 200
    for action in ("payment", "return", "cancel", "send"):
        assert client.post(reverse(f"admin:tickets_order_{action}", args=[order.pk])).status_code == 403
