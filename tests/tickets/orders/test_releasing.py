"""Staff release what one network or one mailbox holds, and the desk says when places go fast."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_user
from tests.tickets.factories import make_shop, pay, place, taken
from tests.tickets.records import mails
from tickets.models import Order, Product, Quota
from tickets.orders import carts, confirming, expiring, reserving

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(make_user("tickets"))
    return client


def begin(product: Product, network: str, number: int = 1) -> Order:
    return carts.choose(None, {product.pk: number}, language="de", networks=[network])


def test_one_step_ends_what_a_network_has_not_paid_and_nothing_else(staff: Client):
    _event, quota, product = make_shop(size=100)
    waiting = [place(begin(product, "bad", 10)) for _order in range(3)]
    confirmed = confirming.confirm(place(begin(product, "bad", 10)).pk)
    paid = pay(place(begin(product, "bad"))).order
    cart, other = begin(product, "bad"), place(begin(product, "good"))
    page = reverse("admin:tickets_order_release", args=[waiting[0].pk])
    assert "(5)" in staff.get(page).text
    assert "kind" in staff.post(page, {"reason": "Bots"}).context["form"].errors
    staff.post(page, {"kind": "network", "reason": "Bots"})
    found = dict(Order.objects.values_list("pk", "status"))
    assert [found[each.pk] for each in (*waiting, confirmed, paid, cart, other)] == [
        *["cancelled"] * 4,
        *("paid", "expired", "pending"),
    ]
    assert (taken(quota), reserving.recount()) == ([2], {})
    assert mails().count("order-cancelled") == 1, "only who confirmed is told"


def test_or_what_a_mailbox_has_not_paid(staff: Client):
    _event, quota, product = make_shop(size=100)
    orders = [place(begin(product, f"n{n}"), email=f"ada+{n}@example.org") for n in range(3)]
    other = place(begin(product, "n1"), email="mia@example.org")
    staff.post(reverse("admin:tickets_order_release", args=[orders[0].pk]), {"kind": "mailbox", "reason": "Doppelt"})
    assert set(Order.objects.filter(status="cancelled")) == set(orders)
    assert (Order.objects.get(status="pending"), taken(quota)) == (other, [1])


def test_the_desk_says_when_places_go_fast_and_when_a_quota_is_guarded(staff: Client):
    event, quota, product = make_shop(size=100)
    event.alarm_percent = 20
    event.save()
    for number in range(19):
        begin(product, f"n{number}")
    expiring.expire_orders(timestamp=0)
    assert "Plätze gehen sehr schnell weg" not in staff.get("/admin/").text
    begin(product, "n20")
    expiring.expire_orders(timestamp=0)
    said = staff.get("/admin/").text
    assert "Plätze gehen sehr schnell weg" in said
    assert "mehr als 20 %" in said
    Quota.objects.filter(pk=quota.pk).update(guarded=True)
    assert "Unbekannte Netze" in staff.get("/admin/").text
