"""From the cart to the order, over HTTP."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sccon.clock import database_now
from tests.drawn_forms import drawn_forms, filled
from tests.tickets.buyers import ADDRESS, BUYER, buy, choose, order, text
from tests.tickets.factories import let_expire, make_product, make_shop, place, taken
from tickets.models import Event, Order, Position, Product
from tickets.orders import expiring
from tickets.shop import session

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


def place_again(client: Client, order: Order) -> HttpResponse:
    """The same summary form once more, as after going back."""
    form = {"total": str(order.total), "positions": ",".join(str(each.pk) for each in order.positions.all())}
    return client.post("/de/tickets/checkout/place/", form, follow=True)


def test_a_double_click_makes_one_order(client: Client):
    _event, _quota, product = make_shop()
    first = order(client, product)
    again = place_again(client, Order.objects.get())
    assert Order.objects.count() == 1
    assert again.redirect_chain[-1] == first.redirect_chain[-1]


@pytest.mark.parametrize("path", ["", "cart/", "checkout/", "checkout/summary/"])
def test_after_ordering_the_computer_tells_nobody_who_ordered(client: Client, path: str):
    """Before, the former buyer's order came up for whoever opened the cart within 90 minutes."""
    _event, _quota, product = make_shop()
    order(client, product)
    page = client.get(f"/de/tickets/{path}", follow=True)
    assert page.status_code == 200
    assert "Oldenburg" not in page.text
    assert Order.objects.get().code not in page.text
    assert ("Ihr Warenkorb ist leer" in text(page)) == bool(path)


@pytest.mark.parametrize("kept", ["cart", "typed"])
def test_with_the_order_the_session_forgets(client: Client, kept: str):
    _event, _quota, product = make_shop()
    order(client, product)
    assert kept not in client.session


def test_only_the_same_form_within_ten_minutes_leads_to_the_order(client: Client):
    _event, _quota, product = make_shop()
    order(client, product)
    placed = Order.objects.get()
    others = {"total": "119.00", "positions": str(placed.positions.get().pk + 1)}
    assert "Oldenburg" not in client.post("/de/tickets/checkout/place/", others, follow=True).text
    choose(client, product)
    assert "Oldenburg" in place_again(client, placed).text, "also beside a new cart"
    Order.objects.filter(pk=placed.pk).update(placed_at=database_now() - timedelta(minutes=11))
    assert "Oldenburg" not in place_again(client, placed).text
    assert "Oldenburg" not in place_again(Client(), placed).text


# --- Choosing again ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "then"),
    [({0: 2}, {0: 1}), ({0: 1}, {0: 3}), ({0: 2}, {1: 1}), ({0: 2, 1: 1}, {0: 0, 1: 2}), ({0: 5}, {0: 5, 1: 5})],
)
def test_going_back_and_choosing_again_replaces(client: Client, first: dict[int, int], then: dict[int, int]):
    event, quota, product = make_shop()
    products = [product, make_product(event, quota, name_de="Expo", name_en="Expo")]
    for choice in (first, then):
        typed = {f"product-{products[number].pk}": times for number, times in choice.items()}
        assert client.post("/de/tickets/cart/add/", typed).status_code == 302
    live = Position.objects.filter(cancelled_at=None)
    assert {n: live.filter(product=products[n]).count() for n in (0, 1)} == {0: 0, 1: 0} | then
    assert taken(quota) == [sum(then.values())]
    assert Order.objects.count() == 1


def test_who_holds_the_last_places_can_choose_them_again(client: Client):
    _event, quota, product = make_shop(size=2)
    choose(client, product, 2)
    assert choose(client, product, 1).status_code == 302
    assert choose(client, product, 2).status_code == 302
    refused = choose(client, product, 3)
    assert (refused.status_code, taken(quota)) == (409, [2])
    assert "Noch 2 vorhanden" in text(refused)


def test_without_cookies_the_page_says_so(client: Client):
    _event, _quota, product = make_shop()
    page = text(Client().get(choose(Client(), product)["Location"]))
    assert "nimmt Ihr Browser keine Cookies an" in page
    assert "keine Cookies" not in text(client.get("/de/tickets/"))
    choose(client, product)
    assert "keine Cookies" not in text(client.get("/de/tickets/cart/"))


def test_without_cookies_no_try_holds_places(monkeypatch: pytest.MonkeyPatch):
    _event, quota, product = make_shop(size=2)
    for _again in range(3):
        assert "keine Cookies" in text(Client().get(choose(Client(), product, 2)["Location"]))
        assert taken(quota) == [0]
    late = choose(Client(), product, 2)["Location"]
    with monkeypatch.context() as patch:  # a minute later somebody finds the address
        patch.setattr(session, "PROVE_WITHIN", timedelta(seconds=-1))
        Client().get(late)
    assert taken(quota) == [2]
    for _twice in range(2):
        Client().get(late)
        assert taken(quota) == [0]


def test_with_cookies_the_first_choice_leads_on_and_the_next_without_a_detour(client: Client):
    _event, quota, product = make_shop()
    first = choose(client, product)["Location"]
    assert client.get(first)["Location"] == "/de/tickets/checkout/"
    assert choose(client, product, 2)["Location"] == "/de/tickets/checkout/"
    for wrong in (first, first[:-3] + "xx/", "/de/tickets/cart/begun/x/"):
        client.get(wrong)
    assert taken(quota) == [2]
    order = Order.objects.get()
    place(order)  # what became an order is not given up
    Client().get(first)
    order.refresh_from_db()
    assert (order.status, taken(quota)) == ("pending", [2])


def test_more_time_keeps_numbers_that_were_not_sent(client: Client):
    _event, quota, product = make_shop(size=9)
    choose(client, product, 2)
    before = Order.objects.get().expires_at
    typed = {f"product-{product.pk}": 4}
    page = client.post("/de/tickets/cart/change/", typed | {"to": "more"}, follow=True)
    assert 'form="numbers" name="to" value="more"' in page.text
    assert re.findall("<option selected>(.*?)</option>", page.text) == ["4"]
    assert "Das hat geklappt" in text(page)
    assert (taken(quota), Order.objects.get().expires_at > before) == ([2], True)  # chosen is not changed
    client.post("/de/tickets/cart/change/", typed)
    assert taken(quota) == [4]
    for odd in ("4711", "-1", "x", ""):
        page = client.get("/de/tickets/cart/", {f"product-{product.pk}": odd})
        assert re.findall("<option selected>(.*?)</option>", page.text) == (["0"] if odd in ("-1", "x", "") else ["4"])


@pytest.mark.parametrize(("here", "there"), [("de", "en"), ("en", "de")])
def test_the_other_language_keeps_numbers_that_were_not_sent(client: Client, here: str, there: str):
    _event, quota, product = make_shop(size=9)
    choose(client, product, 2)
    page = client.get(f"/{here}/tickets/cart/")
    (form,) = [form for form in drawn_forms(page.text) if form.action.endswith("/cart/change/")]
    assert ("to", there) in form.buttons
    assert form.buttons[0] == ("", ""), "the Enter key changes the numbers"
    page = client.post(form.action, filled(form, {f"product-{product.pk}": 4, "to": there}), follow=True)
    assert page.wsgi_request.path == f"/{there}/tickets/cart/"
    assert re.findall("<option selected>(.*?)</option>", page.text) == ["4"]
    assert taken(quota) == [2]  # chosen is not changed
    Order.objects.update(expires_at=database_now() - timedelta(minutes=2))
    page = client.get(f"/{here}/tickets/cart/")
    assert f'href="/{there}/tickets/cart/"' in page.text, "nothing can be chosen any more"


# --- What the page promises the judge keeps -----------------------------------------------------


@pytest.mark.parametrize("ends", ["sales_end", "available_until", "transfers"])
def test_a_reservation_never_lasts_longer_than_the_sale(client: Client, ends: str):
    event, _quota, product = make_shop()
    now = database_now()
    end = now + timedelta(minutes=7)
    if ends == "available_until":
        Product.objects.update(available_until=end)
    elif ends == "sales_end":
        Event.objects.update(sales_end=end)
    else:
        Event.objects.update(starts_at=end + timedelta(days=event.transfer_days))
    choose(client, product)
    assert Order.objects.get().expires_at == end
    Order.objects.update(expires_at=now + timedelta(minutes=3))
    client.post("/de/tickets/cart/extend/", {"back": "cart"})
    assert Order.objects.get().expires_at == end
    local = timezone.localtime(end)
    assert f"reserviert bis {local:%-H:%M}" in text(client.get("/de/tickets/cart/")).replace("Für Sie ", "")


@pytest.mark.parametrize("ends", ["sales_end", "available_until", "active", "transfers"])
def test_what_ended_in_the_cart_is_said_before_the_button_and_by_its_name(client: Client, ends: str):
    event, _quota, product = make_shop()
    choose(client, product)
    client.post("/de/tickets/checkout/", BUYER | ADDRESS)
    now = database_now() - timedelta(seconds=1)
    changes = {
        "sales_end": lambda: Event.objects.update(sales_end=now),
        "available_until": lambda: Product.objects.update(available_until=now),
        "active": lambda: Product.objects.update(active=False),
        "transfers": lambda: Event.objects.update(starts_at=now + timedelta(days=event.transfer_days)),
    }
    changes[ends]()
    for path in ("cart/", "checkout/", "checkout/summary/"):
        page = text(client.get(f"/de/tickets/{path}"))
        assert "Das lässt sich nicht mehr bestellen" in page
        assert "Zahlungspflichtig bestellen" not in page
        assert "reserviert bis" not in page
        if ends in ("available_until", "active"):
            assert "Kongressticket: " in page
    position = Position.objects.get()
    form = {"total": "119.00", "positions": str(position.pk)}
    assert client.post("/de/tickets/checkout/place/", form).status_code == 409


def test_the_cart_offers_what_may_be_bought_and_refuses_fewer_at_once(client: Client):
    _event, quota, product = make_shop(min_per_order=3, max_per_order=5)
    choose(client, product, 3)
    page = client.get("/de/tickets/cart/").text
    assert re.findall(r"<option[^>]*>(\d+)</option>", page) == ["0", "3", "4", "5"]
    for wrong in (1, 2, 6):
        refused = client.post("/de/tickets/cart/change/", {f"product-{product.pk}": wrong})
        assert (refused.status_code, taken(quota)) == (409, [3])
        assert "Kongressticket: " in text(refused)
    assert client.post("/de/tickets/cart/change/", {f"product-{product.pk}": 0}).status_code == 302
    assert taken(quota) == [0]


# --- A second button beside a half-filled form --------------------------------------------------


@pytest.mark.parametrize(
    ("to", "address"),
    [("more", "/de/tickets/checkout/"), ("cart", "/de/tickets/cart/"), ("en", "/en/tickets/checkout/"), ("kept", "")],
)
def test_no_button_beside_the_form_loses_what_was_typed(client: Client, to: str, address: str):
    _event, _quota, product = make_shop()
    choose(client, product)
    answer = client.post("/de/tickets/checkout/", {"name": "Jana Wetterau", "email": "jana@", "to": to})
    assert (answer.status_code, answer.headers.get("Location", "")) == (302 if address else 204, address)
    for language in ("de", "en"):
        page = client.get(f"/{language}/tickets/checkout/").text
        assert 'value="Jana Wetterau"' in page
        assert 'value="jana@"' in page
        assert "_error" not in page, "nobody has sent the form yet"


def test_more_time_says_that_it_worked_once_and_takes_the_focus(client: Client):
    _event, _quota, product = make_shop()
    choose(client, product)
    for back in ("cart", "summary", "details"):
        client.post("/de/tickets/checkout/", BUYER | ADDRESS)
        Order.objects.update(expires_at=database_now() + timedelta(minutes=2))
        page = client.post("/de/tickets/cart/extend/", {"back": back}, follow=True)
        assert "Das hat geklappt" in text(page)
        (tag,) = re.findall(r'<p class="done"[^>]*>', page.text)
        assert "autofocus" in tag
        assert "Das hat geklappt" not in text(client.get("/de/tickets/cart/"))


def test_the_enter_key_goes_on_and_does_not_ask_for_more_time(client: Client):
    """The first button of a form is the one that the Enter key presses."""
    _event, _quota, product = make_shop()
    choose(client, product)
    Order.objects.update(expires_at=database_now() + timedelta(minutes=2))
    page = client.get("/de/tickets/checkout/").text
    buttons = re.findall(r'<button[^>]*form="details"[^>]*>', page)
    assert "name=" not in buttons[0]
    assert ['value="en"' in buttons[1], 'value="more"' in buttons[2]] == [True, True]


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
