"""Nobody who opens an address that forms are sent to meets a bare 405: by going back, a bookmark, the language switch."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.tickets.factories import make_shop

pytestmark = pytest.mark.django_db

WORD = re.compile(r"<(?:\w+:)?\w+>")
MACHINES = ("admin/", "healthz", "readyz")


def public_addresses(entries: Any, prefix: str = "") -> Iterator[str]:
    for entry in entries:
        pattern = prefix + str(entry.pattern)
        if pattern.startswith(MACHINES):
            continue
        if isinstance(entry, URLResolver):
            yield from public_addresses(entry.url_patterns, pattern)
        elif isinstance(entry, URLPattern) and "^" not in pattern:
            yield "/" + WORD.sub("x", pattern)


def test_every_public_address_answers_who_opens_it():
    make_shop()
    addresses = list(public_addresses(get_resolver().url_patterns))
    assert "/de/tickets/cart/add/" in addresses
    answers = {address: Client().get(address).status_code for address in addresses}
    assert {address: status for address, status in answers.items() if status == 405 or status >= 500} == {}


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("cart/add/", ""),
        ("cart/change/", "cart/"),
        ("cart/extend/", "cart/"),
        ("cart/again/", "cart/"),
        ("checkout/place/", "checkout/summary/"),
    ],
)
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_address_of_a_form_leads_to_the_page_that_has_it(client: Client, language: str, path: str, leads_to: str):
    make_shop()
    answer = client.get(f"/{language}/tickets/{path}")
    assert (answer.status_code, answer["Location"]) == (302, f"/{language}/tickets/{leads_to}")
    assert client.head(f"/{language}/tickets/{path}").status_code == 302
    assert client.put(f"/{language}/tickets/{path}").status_code in (403, 405)
