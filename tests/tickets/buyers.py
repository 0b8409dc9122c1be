"""What buyers do over HTTP, as a browser without JavaScript does it."""

import re

from django.http import HttpResponse
from django.test import Client

from tickets.models import Product

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
