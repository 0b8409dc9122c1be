"""The shop, and choosing in it."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from sccon.clock import database_now
from tests.tickets.buyers import choose, text
from tests.tickets.factories import let_expire, make_cart, make_product, make_shop, taken
from tickets.models import Order
from tickets.orders import reserving

pytestmark = pytest.mark.django_db


def test_the_shop_knows_nobody(client: Client):
    _event, _quota, product = make_shop()
    response = client.get("/de/tickets/")
    assert response.status_code == 200
    assert not response.cookies
    assert "csrf" not in response.content.decode()
    assert "119,00 € inkl. 19 % MwSt." in text(response)
    assert product.name_de in text(response)


def test_the_shop_speaks_english(client: Client):
    make_shop()
    response = client.get("/en/tickets/")
    assert "€119.00 incl. 19% VAT" in text(response)
    assert "Congress ticket" in text(response)


def test_few_places_are_counted_and_none_are_said(client: Client):
    _event, _quota, product = make_shop(size=3)
    assert "nur noch 3" in text(client.get("/de/tickets/"))
    make_cart(product, number=3)
    page = client.get("/de/tickets/")
    assert "Ausverkauft" in text(page)
    assert f'name="product-{product.pk}"' not in page.content.decode()


def test_overdue_carts_count_as_free_in_the_shop(client: Client):
    _event, _quota, product = make_shop(size=3)
    let_expire(make_cart(product, number=3))
    assert "nur noch 3" in text(client.get("/de/tickets/"))


def test_a_product_says_when_its_sale_begins(client: Client):
    make_shop(available_from=database_now() + timedelta(days=3))
    assert "Im Verkauf ab" in text(client.get("/de/tickets/"))


def test_the_other_language_takes_the_choice_along_also_without_javascript(client: Client):
    _event, _quota, product = make_shop()
    page = client.get("/de/tickets/").content.decode()
    assert re.search(r'<button form="choice" name="to" value="en"', page)
    typed = {f"product-{product.pk}": "2", "src": "issue-12", "to": "en"}
    response = client.post("/de/tickets/cart/add/", typed)
    assert response["Location"] == f"/en/tickets/?choice={product.pk}x2&src=issue-12"
    assert not response.cookies
    assert not Order.objects.exists()
    page = client.get(response["Location"]).content.decode()
    assert re.search(r"<option[^>]* selected>2</option>", page)
    assert 'name="src" value="issue-12"' in page
    assert client.get("/en/tickets/").content.decode().count(" selected>2<") == 0  # kept nowhere


@pytest.mark.parametrize("choice", ["", "x", "1x", "9" * 400 + "x1", "1x" + "9" * 400, "١x٢", "0x0.-1x-1", "\0"])
def test_a_choice_that_nobody_made_is_none(client: Client, choice: str):
    make_shop()
    response = client.get("/en/tickets/", {"choice": choice})
    assert response.status_code == 200
    assert "error" not in response.content.decode()


def test_choosing_begins_the_session_and_leads_to_the_details(client: Client):
    _event, quota, product = make_shop()
    response = choose(client, product, 2)
    assert response.status_code == 302
    assert "sessionid" in response.cookies
    assert client.get(response["Location"])["Location"] == "/de/tickets/checkout/"
    assert taken(quota) == [2]


def test_choosing_from_a_foreign_page_is_refused(client: Client):
    _event, quota, product = make_shop()
    response = client.post(
        "/de/tickets/cart/add/", {f"product-{product.pk}": 1}, headers={"sec-fetch-site": "cross-site"}
    )
    assert (response.status_code, taken(quota)) == (403, [0])


def test_choosing_nothing_says_so(client: Client):
    _event, _quota, product = make_shop()
    response = choose(client, product, 0)
    assert response.status_code == 409
    assert "Bitte wählen Sie mindestens ein Ticket aus." in text(response)
    anchor = re.search(r'<li><a href="#(product-[0-9]+)">Bitte wählen Sie mindestens', response.content.decode())
    assert anchor and f'id="{anchor[1]}"' in response.content.decode()


def test_when_three_of_five_are_left_nothing_is_added_and_the_choice_stays(client: Client):
    _event, quota, product = make_shop(size=3)
    response = choose(client, product, 5)
    assert (response.status_code, taken(quota)) == (409, [0])
    assert "Noch 3 vorhanden." in text(response)
    assert "<option selected>5</option>" in response.content.decode()


@pytest.mark.parametrize("value", ["-1", "x", "99999999999999999999", "", "1.5", "²"])
def test_nonsense_for_a_number_is_no_error(client: Client, value: str):
    _event, quota, product = make_shop()
    assert client.post("/de/tickets/cart/add/", {f"product-{product.pk}": value}).status_code == 409
    assert client.post("/de/tickets/cart/add/", {"product-²": "1", "product-99999999": "1"}).status_code == 409
    assert taken(quota) == [0]


def test_a_busy_quota_is_told_kindly_and_loses_nothing(client: Client, monkeypatch: pytest.MonkeyPatch):
    _event, _quota, product = make_shop()

    def busy(*_args: object, **_kwargs: object) -> None:
        raise reserving.Busy

    monkeypatch.setattr(reserving, "begin", busy)
    response = choose(client, product, 2)
    assert response.status_code == 409
    assert "gerade sehr gefragt" in text(response)
    assert f'name="product-{product.pk}" value="2"' in response.content.decode()


def test_free_and_paid_products_share_a_cart(client: Client):
    event, quota, product = make_shop()
    free = make_product(event, quota, price="0.00", name_de="Begleitperson", name_en="Companion")
    client.post("/de/tickets/cart/add/", {f"product-{product.pk}": 1, f"product-{free.pk}": 1})
    assert Order.objects.get().positions.count() == 2
