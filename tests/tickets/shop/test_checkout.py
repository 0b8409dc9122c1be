"""From the cart to the order, over HTTP."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sccon.clock import database_now
from tests.tickets.buyers import ADDRESS, BUYER, buy, choose, order, text
from tests.tickets.factories import let_expire, make_shop, taken
from tickets.models import Order, Position
from tickets.orders import expiring

pytestmark = pytest.mark.django_db


@contextmanager
def counted() -> Iterator[list[str]]:
    queries: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield queries
    # What begins and ends a transaction asks for nothing.
    queries += [sql for query in captured if not (sql := query["sql"]).startswith(("SAVEPOINT", "RELEASE"))]


@pytest.mark.parametrize("value", ["", "\0", "x" * 100_000, "😀" * 300, "%00", "{{ 7 }}", "1e999", "-1", "NaN"])
def test_nothing_that_is_typed_breaks_a_page(client: Client, value: str):
    _event, _quota, product = make_shop()
    choose(client, product, 2)
    names = (
        "name",
        "email",
        "company",
        "street",
        "postcode",
        "city",
        "country",
        "buyer_reference",
        "total",
        "positions",
    )
    typed = dict.fromkeys((*names, f"attendee-{product.pk}-1-name", f"product-{product.pk}", "product-", "back"), value)
    for path in ("cart/add/", "cart/change/", "cart/extend/", "cart/again/", "checkout/", "checkout/place/"):
        assert client.post(f"/de/tickets/{path}", typed).status_code < 500, path
    for path in ("", "cart/", "checkout/", "checkout/summary/", "checkout/?incomplete=1"):
        assert client.get(f"/de/tickets/{path}", {"x": value}).status_code < 500, path
    secret = quote(value[:200]) or "-"
    for path in (f"orders/{secret}/{secret}/", f"t/{secret}/", f"t/{secret}/calendar.ics"):
        assert client.get(f"/de/tickets/{path}").status_code == 404, path


def test_a_buyer_orders_and_is_told_how_to_pay(client: Client):
    _event, _quota, product = make_shop()
    page = buy(client, product, 2)
    order = Order.objects.get()
    assert page.redirect_chain[-1][0] == order.get_absolute_url()
    for said in ("238,00", order.code, "DE02 1203 0000 0000 2020 51", "Veranstalter GmbH", "henriette@example.org"):
        assert said in text(page)
    assert [position.attendee_name for position in order.positions.all()] == ["Henriette Oldenburg", "Gast 2"]


def test_a_free_order_asks_for_no_address_and_shows_no_payment(client: Client):
    _event, _quota, product = make_shop(price="0.00")
    choose(client, product)
    assert "Rechnungsadresse" not in text(client.get("/de/tickets/checkout/"))
    summary = client.post("/de/tickets/checkout/", BUYER, follow=True)
    assert "Kostenlos registrieren" in text(summary)
    assert "Zahlungspflichtig bestellen" not in text(summary)
    page = buy(Client(), product)
    assert "Ihre Tickets sind da" in text(page)
    assert "IBAN" not in text(page)


def test_the_button_of_the_summary_says_that_it_costs_and_stands_below_what_is_ordered(client: Client):
    _event, _quota, product = make_shop()
    choose(client, product)
    html = client.post("/de/tickets/checkout/", BUYER | ADDRESS, follow=True).content.decode()
    between = html[html.index("</table>") : html.index("Zahlungspflichtig bestellen")]
    assert re.sub(r"<[^>]+>|\s", "", between) == ""
    assert "§ 312g" in html


def test_an_error_stands_beside_its_field_and_nothing_typed_is_lost(client: Client):
    _event, _quota, product = make_shop()
    choose(client, product)
    response = client.post("/de/tickets/checkout/", BUYER | ADDRESS | {"email": "henriette@", "city": ""})
    html = response.content.decode()
    assert response.status_code == 400
    assert 'value="henriette@"' in html
    assert 'value="Henriette Oldenburg"' in html
    assert 'aria-describedby="id_email_helptext id_email_error"' in html
    assert 'id="id_city_error"' in html


@pytest.mark.parametrize("odd", ["\0", "x" * 5_000, "\u202eadlO\u202c", "😀" * 20, "\ufffe", "' OR 1=1 --", "<b>"])
def test_odd_and_huge_input_is_answered_beside_its_field_or_taken_as_it_is(client: Client, odd: str):
    _event, _quota, product = make_shop()
    choose(client, product)
    typed = dict.fromkeys([*BUYER, *ADDRESS, "company", f"attendee-{product.pk}-1-name"], odd)
    page = client.post("/de/tickets/checkout/", typed)
    assert (page.status_code, 'id="id_email_error"' in page.text) == (400, True)
    page = client.post("/de/tickets/checkout/", typed | BUYER | ADDRESS, follow=True)
    refused = len(odd) > 160
    assert page.status_code == (400 if refused else 200)
    assert ('id="id_company_error"' in page.text) == refused
    assert (f'id="id_attendee-{product.pk}-1-name_error"' in page.text) == refused
    forged = {"total": odd, "positions": odd}
    assert client.post("/de/tickets/checkout/place/", forged).status_code == 302
    assert Order.objects.get().status == "cart"


def test_no_name_carries_an_address_into_our_mails(client: Client):
    _event, _quota, product = make_shop()
    choose(client, product)
    for name in ("Sie haben gewonnen! https://evil.example", "evil.com", "evil\u200b.com", "post@evil.example"):
        for field in ("name", f"attendee-{product.pk}-1-name"):
            page = client.post("/de/tickets/checkout/", BUYER | ADDRESS | {field: name})
            assert (page.status_code, f'id="id_{field}_error"' in page.text) == (400, True), (field, name)


def test_going_back_loses_nothing(client: Client):
    _event, _quota, product = make_shop()
    choose(client, product, 2)
    client.post("/de/tickets/checkout/", BUYER | {f"attendee-{product.pk}-2-name": "Nils Rüter"})
    client.post("/de/tickets/cart/change/", {f"product-{product.pk}": 1})
    client.post("/de/tickets/cart/change/", {f"product-{product.pk}": 2})
    html = client.get("/de/tickets/checkout/").content.decode()
    assert 'value="Nils Rüter"' in html
    assert 'value="henriette@example.org"' in html


def test_an_expired_cart_keeps_what_was_typed_and_can_be_had_again(client: Client):
    _event, quota, product = make_shop()
    choose(client, product)
    client.post("/de/tickets/checkout/", BUYER | ADDRESS)
    let_expire(Order.objects.get())
    expiring.expire_overdue()
    page = client.get("/de/tickets/checkout/summary/")
    assert "Die Reservierung ist abgelaufen" in text(page)
    assert "Zahlungspflichtig bestellen" not in text(page)
    page = client.post("/de/tickets/cart/again/", follow=True)
    assert 'value="Henriette Oldenburg"' in page.content.decode()
    assert taken(quota) == [1]


def test_the_end_of_the_reservation_is_shown_and_extended_by_one_click(client: Client):
    _event, _quota, product = make_shop()
    choose(client, product)
    order = Order.objects.get()
    Order.objects.update(expires_at=database_now() + timedelta(minutes=2))
    assert "Für Sie reserviert bis" in text(client.get("/de/tickets/checkout/"))
    response = client.post("/de/tickets/cart/extend/", {"back": "details"})
    assert response["Location"] == "/de/tickets/checkout/"
    order.refresh_from_db()
    assert order.expires_at > database_now() + timedelta(minutes=25)


def test_a_double_click_makes_one_order(client: Client):
    _event, _quota, product = make_shop()
    first = buy(client, product)
    again = client.post("/de/tickets/checkout/place/", {"total": "119.00", "positions": "1"}, follow=True)
    assert Order.objects.count() == 1
    assert again.redirect_chain[-1] == first.redirect_chain[-1]


def test_what_was_typed_leaves_the_session_with_the_order(client: Client):
    _event, _quota, product = make_shop()
    buy(client, product)
    assert "typed" not in client.session


def test_a_declaration_is_asked_for(client: Client):
    _event, _quota, product = make_shop(
        price="0.00", declaration_de="Ich bin im öffentlichen Dienst.", declaration_en="I work for a public body."
    )
    choose(client, product)
    page = client.post("/de/tickets/checkout/", BUYER)
    assert "Bitte bestätigen Sie das" in text(page)
    buy(Client(), product)
    ticket = client.get(f"/de/tickets/t/{Position.objects.last().page_secret}/")
    assert "Ich bin im öffentlichen Dienst." in text(ticket)


def test_the_checkout_without_a_cart_is_friendly(client: Client):
    make_shop()
    for path in ("cart/", "checkout/", "checkout/summary/"):
        response = client.get(f"/de/tickets/{path}")
        assert (response.status_code, "Ihr Warenkorb ist leer" in text(response)) == (200, True)


def test_a_new_choice_after_an_order_begins_a_new_cart(client: Client):
    _event, quota, product = make_shop()
    buy(client, product)
    choose(client, product)
    assert [order.status for order in Order.objects.order_by("pk")] == ["pending", "cart"]
    assert taken(quota) == [2]


@pytest.mark.parametrize("price", ["0.00", "119.00"])
def test_a_whole_purchase_asks_the_database_at_most_33_times(client: Client, price: str):
    _event, _quota, product = make_shop(price=price)
    with counted() as queries:
        client.get("/de/tickets/")
        order(client, product, 2)
        client.get("/de/tickets/cart/")
    assert len(queries) <= 33


def test_the_session_keeps_the_forms_own_fields_and_no_others(client: Client):
    _event, _quota, product = make_shop()
    choose(client, product)
    for number in range(3):
        invented = {f"invented-{number}-{name}": "x" * 400 for name in range(100)}
        client.post("/de/tickets/checkout/", BUYER | ADDRESS | invented | {"attendee-999-1-name": "Niemand"})
    typed = client.session["typed"]
    assert set(typed) <= {
        *BUYER,
        *ADDRESS,
        "company",
        f"attendee-{product.pk}-1-name",
        f"attendee-{product.pk}-1-company",
    }
    assert typed["email"] == BUYER["email"]
    assert len(Session.objects.get(pk=client.session.session_key).session_data) < 5000


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ada@ｅｘample.ORG", "ada@example.org"),
        ("ada@exam\u00adple.org", "ada@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ('"ada"@example.org', None),
        ('"a\\da"@example.org', None),
        ("ada@[127.0.0.1]", None),
    ],
)
def test_an_address_has_one_spelling_so_that_its_mailbox_has_one_limit(client: Client, typed: str, kept: str | None):
    """Before, letters of full width, soft hyphens and quotation marks made of one mailbox as many as somebody liked."""
    _event, _quota, product = make_shop(price="0.00")
    order(client, product, email=typed)
    assert [placed.buyer.email for placed in Order.objects.placed()] == ([kept] if kept else [])
