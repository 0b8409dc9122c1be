"""The shop over HTTP, as a browser without JavaScript uses it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from urllib.parse import quote

import pytest
import zxingcpp
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar
from PIL import Image as Picture

from sccon.clock import database_now
from tests.tickets.factories import let_expire, make_cart, make_order, make_product, make_shop, pay, taken
from tickets.admission import codes, qr
from tickets.models import Event, Order, Position, Product
from tickets.orders import expiring, reserving
from tickets.shop.views import checkout, shop

pytestmark = pytest.mark.django_db

BUYER = {"name": "Henriette Oldenburg", "email": "henriette@example.org"}
ADDRESS = {"street": "Am Markt 1", "postcode": "16225", "city": "Eberswalde", "country": "DE"}


def text(response: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def choose(client: Client, product: Product, number: int = 1) -> HttpResponse:
    return client.post("/de/tickets/cart/add/", {f"product-{product.pk}": number})


def buy(client: Client, product: Product, number: int = 1, **typed: str) -> HttpResponse:
    """The whole way to the order page."""
    choose(client, product, number)
    client.get("/de/tickets/checkout/")
    names = {f"attendee-{product.pk}-{n}-name": f"Gast {n}" for n in range(2, number + 1)}
    declared = {f"declared-{product.pk}": "on"} if product.declaration else {}
    response = client.post("/de/tickets/checkout/", BUYER | ADDRESS | names | declared | typed, follow=True)
    seen = dict(re.findall(r'name="(total|positions)" value="([^"]+)"', response.content.decode()))
    return client.post("/de/tickets/checkout/place/", seen, follow=True)


@contextmanager
def counted() -> Iterator[list[str]]:
    queries: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield queries
    # What begins and ends a transaction asks for nothing.
    queries += [sql for query in captured if not (sql := query["sql"]).startswith(("SAVEPOINT", "RELEASE"))]


# --- Choosing ----------------------------------------------------------------------------------


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


def test_choosing_begins_the_session_and_leads_to_the_details(client: Client):
    _event, quota, product = make_shop()
    response = choose(client, product, 2)
    assert (response.status_code, response["Location"]) == (302, "/de/tickets/checkout/")
    assert "sessionid" in response.cookies
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


def test_one_network_cannot_hold_all_places_in_carts_but_may_order_as_many_as_it_likes(
    monkeypatch: pytest.MonkeyPatch,
):
    rate = replace(shop.NEW_CARTS, times=2)
    monkeypatch.setattr(shop, "NEW_CARTS", rate)
    monkeypatch.setattr(checkout, "NEW_CARTS", rate)
    _event, quota, product = make_shop()
    for _order in range(3):
        assert buy(Client(), product).status_code == 200
    assert Order.objects.placed().count() == 3
    answers = [choose(Client(), product) for _ in range(3)]
    assert ([answer.status_code for answer in answers], taken(quota)) == ([302, 302, 429], [5])
    assert "schreiben Sie an tickets@example.org: Wir helfen" in text(answers[2])
    assert "<option selected>1</option>" in answers[2].content.decode()


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


# --- The way to the order ----------------------------------------------------------------------


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


@pytest.mark.parametrize("odd", ["\0", "x" * 10_000, "\u202eadlO\u202c", "😀" * 20, "\ufffe", "' OR 1=1 --", "<b>"])
def test_odd_and_huge_input_is_answered_beside_its_field_or_taken_as_it_is(client: Client, odd: str):
    _event, _quota, product = make_shop()
    choose(client, product)
    typed = dict.fromkeys([*BUYER, *ADDRESS, "company", f"attendee-{product.pk}-1-name"], odd)
    page = client.post("/de/tickets/checkout/", typed)
    assert (page.status_code, 'id="id_email_error"' in page.text) == (400, True)
    page = client.post("/de/tickets/checkout/", typed | BUYER | ADDRESS, follow=True)
    refused = "\0" in odd or len(odd) > 160
    assert (page.status_code, 'id="id_company_error"' in page.text) == ((400, True) if refused else (200, False))
    forged = {"total": odd, "positions": odd}
    assert client.post("/de/tickets/checkout/place/", forged).status_code == 302
    assert Order.objects.get().status == "cart"


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
def test_a_whole_purchase_asks_the_database_at_most_thirty_times(client: Client, price: str):
    _event, _quota, product = make_shop(price=price)
    with counted() as queries:
        client.get("/de/tickets/")
        buy(client, product, 2)
        client.get("/de/tickets/cart/")
    assert len(queries) <= 30


# --- Secret links ------------------------------------------------------------------------------


def test_secret_pages_are_kept_by_no_cache_and_found_by_no_search_engine(client: Client):
    _event, _quota, product = make_shop()
    order = pay(make_order(product)).order
    for path in (order.get_absolute_url(), f"/de/tickets/t/{order.positions.get().page_secret}/"):
        response = client.get(path)
        assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store, private", "same-origin")
        assert '<meta name="robots" content="noindex">' in response.content.decode()
        assert not response.cookies


def test_a_wrong_secret_finds_nothing(client: Client):
    _event, _quota, product = make_shop()
    order = make_order(product)
    assert client.get(f"/de/tickets/orders/{order.code}/{codes.new_secret()}/").status_code == 404
    assert client.get(f"/de/tickets/t/{codes.new_secret()}/").status_code == 404
    for nonsense in ("%00", "%F0%9F%98%80", "x" * 3000):
        for path in (f"t/{nonsense}/", f"t/{nonsense}/calendar.ics", f"orders/{order.code}/{nonsense}/"):
            assert client.get(f"/de/tickets/{path}").status_code == 404, path


@pytest.mark.parametrize("status", ["pending", "part", "paid", "expired", "cancelled"])
def test_the_order_page_says_how_things_stand(client: Client, status: str):
    from tests.factories import make_user
    from tickets.orders import cancelling

    _event, _quota, product = make_shop()
    order = make_order(product)
    if status == "part":
        pay(order, "19.00")
    elif status == "paid":
        pay(order)
    elif status == "expired":
        let_expire(order)
        expiring.expire_overdue()
    elif status == "cancelled":
        cancelling.cancel(order, by=make_user(), reason="Auf Wunsch")
    said = {
        "pending": "Bitte überweisen Sie 119,00",
        "part": "noch offen sind 100,00",
        "paid": "Ihre Tickets sind da",
        "expired": "Diese Bestellung ist abgelaufen",
        "cancelled": "Diese Bestellung wurde storniert",
    }[status]
    assert said in text(client.get(order.get_absolute_url()))


def test_a_cancelled_ticket_says_so_and_shows_no_code(client: Client):
    from tests.factories import make_user
    from tickets.orders import cancelling

    _event, _quota, product = make_shop()
    order = pay(make_order(product)).order
    secret = order.positions.get().page_secret
    cancelling.cancel(order, by=make_user(), reason="Auf Wunsch")
    page = client.get(f"/de/tickets/t/{secret}/")
    assert "Nicht gültig" in text(page)
    assert 'class="qr"' not in page.content.decode()


def test_the_calendar_knows_when_and_where(client: Client):
    event, _quota, product = make_shop()
    order = pay(make_order(product)).order
    response = client.get(f"/de/tickets/t/{order.positions.get().page_secret}/calendar.ics")
    entry = Calendar.from_ical(response.content).walk("VEVENT")[0]
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert (entry.decoded("dtstart"), str(entry["location"])) == (event.starts_at.replace(microsecond=0), "Halle 25")


# --- Codes, read back --------------------------------------------------------------------------


def scan(code) -> str:
    buffer = BytesIO()
    code.save(buffer, kind="png", scale=4)
    return zxingcpp.read_barcode(Picture.open(buffer).convert("L")).text


@pytest.mark.parametrize(
    "seller", ["Veranstalter GmbH", "Müller & Söhne Veranstaltungsgesellschaft für Kongresse und Messen mbH"]
)
def test_the_girocode_says_recipient_account_amount_and_reference(seller: str):
    event, _quota, product = make_shop()
    type(event).objects.update(seller_name=seller)
    order = make_order(product, number=2)
    pay(order, "38.00")
    order = Order.objects.get(pk=order.pk)
    assert scan(qr.girocode(order)).split("\n") == [
        *("BCD", "002", "1", "SCT", "BYLADEM1001", seller, "DE02120300000000202051", "EUR200.00", "", "", order.code)
    ]


def test_the_longest_girocode_stays_within_what_banking_apps_read():
    event = Event(seller_name="Ö" * 70, iban="X" * 34, bic="X" * 11)
    order = Order(event=event, status=Order.Status.PENDING, total=Decimal("99999999.99"), code="XXXXXXXX")
    assert qr.girocode(order).version <= 13


def test_the_tickets_code_is_read_back_and_verified_with_the_public_key_alone():
    event, _quota, product = make_shop()
    order = pay(make_order(product)).order
    ticket = order.positions.get()
    read = codes.read(scan(qr.ticket_qr(ticket.ticket_code)), codes.public_key_bytes())
    assert (read.event, read.product) == (event.pk, product.pk)
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", read.readable)
    assert ticket.page_secret not in ticket.ticket_code


def test_an_invented_or_changed_code_is_noticed():
    code = codes.new_ticket_code(event=1, product=2)
    changed = ("B" if code[8] == "A" else "A").join((code[:8], code[9:]))
    for wrong in (changed, code[:-8], "", "HALLO", "ü" * 40):
        with pytest.raises(codes.Forged):
            codes.read(wrong)
    with pytest.raises(codes.Forged):
        codes.read(code, public_key=bytes(32))


def test_free_and_paid_products_share_a_cart(client: Client):
    event, quota, product = make_shop()
    free = make_product(event, quota, price="0.00", name_de="Begleitperson", name_en="Companion")
    client.post("/de/tickets/cart/add/", {f"product-{product.pk}": 1, f"product-{free.pk}": 1})
    assert Order.objects.get().positions.count() == 2
