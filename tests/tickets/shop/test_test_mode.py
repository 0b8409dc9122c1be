"""A shop that is being tried out says so on every page and in every mail, and nobody is asked for money."""

from collections.abc import Iterator

import pytest
from django.test import Client

from sccon import mail
from sccon.models import Mail
from tests.factories import make_user
from tests.tickets.buyers import ADDRESS, BUYER, choose, confirm_address, text
from tests.tickets.factories import let_expire, make_cart, make_event, make_order, make_product, make_quota, pay, place
from tickets.models import Event, Order, Product
from tickets.money import taking_back
from tickets.orders import cancelling, expiring, reminding

pytestmark = pytest.mark.django_db

SAYS = {"de": "Test Der Shop wird ausprobiert", "en": "Test The shop is being tried out"}
# What asks for money, in a page or mail.
ASKS = ("überweisen sie", "überweisung", "bezahlen sie", "transfer", "please pay")
ACCOUNT = ("DE02", "BYLADEM", "GiroCode")


@pytest.fixture
def product() -> Product:
    event = make_event(test_mode=True)
    return make_product(event, make_quota(event, 50))


def orders(product: Product) -> Iterator[Order]:
    """One in every state."""
    yield place(make_cart(product))
    yield make_order(product)
    yield pay(make_order(product), "19.00").order
    yield pay(make_order(product)).order
    reopened = pay(make_order(product)).order
    yield taking_back.take_back(reopened.payments.get(), by=make_user(), reason="Vertippt")
    gone = make_order(product)
    cancelling.cancel(gone, by=make_user(), reason="Auf Wunsch")
    yield gone
    late = make_order(product)
    let_expire(late)
    expiring.expire_overdue()
    yield late


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_page_of_the_way_says_test(client: Client, product: Product, language: str):
    pages = {path: client.get(f"/{language}/tickets/{path}") for path in ("", "cart/", "checkout/")}
    choose(client, product)
    client.post("/de/tickets/checkout/", BUYER | ADDRESS)
    for path in ("cart/", "checkout/", "checkout/summary/"):
        pages[f"with a cart: {path}"] = client.get(f"/{language}/tickets/{path}")
    for path, page in pages.items():
        assert SAYS[language] in text(page), path
        assert not [said for said in ACCOUNT if said in text(page)], path
        assert not [said for said in ASKS if said in text(page).lower()], path


def test_every_page_of_an_order_says_test_and_shows_no_account(client: Client, product: Product):
    made = list(orders(product))
    Event.objects.update(test_mode=False)  # meanwhile it is real: these orders are not
    for order in made:
        paths = [order.get_absolute_url()]
        paths += [f"/de/tickets/t/{each.page_secret}/" for each in order.positions.all() if each.page_secret]
        for path in paths:
            page = client.get(path)
            assert SAYS["de"] in text(page), path
            assert not [said for said in ACCOUNT if said in page.text], path
            assert not [said for said in ASKS if said in text(page).lower()], path
    confirm = text(client.get(confirm_address(made[0])))
    assert SAYS["de"] in confirm
    assert not [said for said in ASKS if said in confirm.lower()]
    secret = made[3].positions.get().page_secret
    assert b"SUMMARY:Test: " in client.get(f"/de/tickets/t/{secret}/calendar.ics").content


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_mail_says_test_and_names_no_account(product: Product, language: str):
    for order in orders(product):
        if order.status == "pending":
            reminding.remind(order.pk)
    Mail.objects.update(language=language)
    found = {each.template: mail.render(each) for each in Mail.objects.all()}
    assert len(found) == 6
    for template, rendered in found.items():
        assert rendered.subject.startswith("Test: "), template
        for part in (rendered.text, rendered.html):
            assert {"de": "der Shop wird ausprobiert", "en": "the shop is being tried out"}[language] in part, template
            assert not [said for said in ("DE02", "BYLADEM") if said in part], template
            assert not [said for said in ASKS if said in (rendered.subject + part).lower()], template


def test_nothing_else_says_test(client: Client):
    event = make_event()
    order = make_order(make_product(event, make_quota(event, 5)))
    for path in ("/de/tickets/", "/de/tickets/cart/", order.get_absolute_url()):
        assert SAYS["de"] not in text(client.get(path)), path
    assert "DE02 1203" in text(client.get(order.get_absolute_url()))
    rendered = mail.render(Mail.objects.get())
    assert "Test" not in rendered.subject
    assert "ausprobiert" not in rendered.text
