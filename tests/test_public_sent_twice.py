"""Every public form that is sent twice at once acts once: all addresses that take a POST, walked from the URLconf."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client

from newsletter.models import Change, Consent, SignUp, Subscriber
from sccon.models import Mail
from tests.at_once import at_once
from tests.newsletter import people
from tests.newsletter.subscribers.test_sign_up import age
from tests.test_fuzz import PATHS
from tests.tickets import buyers
from tests.tickets.factories import let_expire, make_cart, make_shop, place
from tickets.models import History, Order, Position

Sent = tuple[str, dict[str, Any], dict[type[Model], int]]  # where, what, and the rows that it adds


def signs_up(client: Client) -> Sent:
    return "/de/newsletter/", {"email": "jana@example.org"}, {SignUp: 1, Consent: 1, Mail: 1}


def chooses(client: Client) -> Sent:
    choose = people.ask(client).headers["Location"]
    people.take_time()
    return choose, {"language": "en"}, {SignUp: 0, Mail: 0}


def confirms(client: Client) -> Sent:
    people.ask(client)
    return people.link("confirm"), {}, {Mail: 1, Change: 1}


def asks_again(client: Client) -> Sent:
    people.ask(client)
    age(requested_at=timedelta(days=30))
    return people.link("confirm"), {"again": "1"}, {Consent: 1, Mail: 1}


def changes_topics(client: Client) -> Sent:
    people.subscribe(client)
    return people.link("preferences"), {"action": "choose", "language": "en"}, {Mail: 0}


def changes_address(client: Client) -> Sent:
    people.subscribe(client)
    return people.link("preferences"), {"action": "address", "email": "neu@example.org"}, {Consent: 1, Mail: 2}


def agrees_to_move(client: Client) -> Sent:
    url, data, _made = changes_address(client)
    client.post(url, data)
    people.work()
    return people.link("move"), {"agree": "1"}, {Mail: 0}


def leaves(client: Client) -> Sent:
    people.subscribe(client)
    return people.link("unsubscribe"), {}, {Change: 1, Mail: 0}


def asks_links(client: Client) -> Sent:
    people.subscribe(client)
    return "/de/newsletter/links/", {"email": "jana@example.org"}, {Mail: 1}


def deletes_data(client: Client) -> Sent:
    people.subscribe(client)
    people.ask_links(client)
    return people.link("data"), {"sure": "1"}, {Subscriber: -1}


def adds(client: Client) -> Sent:
    _event, _quota, product = make_shop()
    buyers.choose(client, product)
    return "/de/tickets/cart/add/", {f"product-{product.pk}": 2}, {Order: 0}


def fills_in(client: Client, number: int = 1) -> None:
    _event, _quota, product = make_shop()
    buyers.choose(client, product, number)


def changes_cart(client: Client) -> Sent:
    fills_in(client, 3)
    return "/de/tickets/cart/change/", {f"product-{Position.objects.latest('pk').product_id}": 1}, {Order: 0}


def extends(client: Client) -> Sent:
    fills_in(client)
    return "/de/tickets/cart/extend/", {}, {Order: 0, Position: 0}


def reserves_again(client: Client) -> Sent:
    fills_in(client)
    let_expire(Order.objects.get())
    return "/de/tickets/cart/again/", {}, {Order: 0}


def gives_details(client: Client) -> Sent:
    fills_in(client)
    return "/de/tickets/checkout/", buyers.BUYER | buyers.ADDRESS, {Order: 0, Mail: 0}


def orders(client: Client) -> Sent:
    fills_in(client)
    page = client.post("/de/tickets/checkout/", buyers.BUYER | buyers.ADDRESS, follow=True)
    seen = dict(re.findall(r'name="(total|positions)" value="([^"]+)"', page.text))
    return "/de/tickets/checkout/place/", seen, {Order: 0, Mail: 1}


def confirms_order(client: Client) -> Sent:
    order = place(make_cart(make_shop()[2]))
    return buyers.confirm_address(order), {}, {Mail: 0, History: 1}


FORMS: dict[str, list[Callable[[Client], Sent]]] = {
    "de/newsletter/": [signs_up],
    "de/newsletter/topics/{}/": [chooses],
    "de/newsletter/confirm/{}/": [confirms, asks_again],
    "de/newsletter/preferences/{}/": [changes_topics, changes_address],
    "de/newsletter/move/{}/": [agrees_to_move],
    "de/newsletter/unsubscribe/{}/": [leaves],
    "de/newsletter/links/": [asks_links],
    "de/newsletter/data/{}/": [deletes_data],
    "de/tickets/cart/add/": [adds],
    "de/tickets/cart/change/": [changes_cart],
    "de/tickets/cart/extend/": [extends],
    "de/tickets/cart/again/": [reserves_again],
    "de/tickets/checkout/": [gives_details],
    "de/tickets/checkout/place/": [orders],
    "de/tickets/confirm/{}/": [confirms_order],
}


@pytest.mark.django_db
def test_every_public_form_is_known_here():
    client = Client(raise_request_exception=False)
    unknown = []
    for path in set(PATHS) - FORMS.keys():
        url = "/" + path.replace("{}", "x")
        answer = client.post(url)
        # A page without a form answers a POST not at all, or as a look.
        if answer.status_code not in {404, 405} and answer.content != client.get(url).content:
            unknown.append(path)
    assert unknown == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fill", [fill for fills in FORMS.values() for fill in fills])
def test_two_clicks_at_once_are_one(fill: Callable[[Client], Sent]):
    client = Client(REMOTE_ADDR="203.0.113.7")
    url, data, expected = fill(client)

    def click(browser: Client) -> Any:
        return browser.post(url, data)

    before = {model: model._default_manager.count() for model in expected}
    browsers = [Client(REMOTE_ADDR="203.0.113.7") for _ in range(2)]
    for browser in browsers:
        browser.cookies = client.cookies.copy()
    one, two = at_once(*(lambda browser=browser: click(browser) for browser in browsers))
    people.work()
    assert {model: model._default_manager.count() - number for model, number in before.items()} == expected
    assert (one.status_code, one.headers.get("Location")) == (two.status_code, two.headers.get("Location"))
    assert one.status_code in {200, 302, 303}
