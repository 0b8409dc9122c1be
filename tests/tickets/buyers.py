"""What buyers do over HTTP, as a browser without JavaScript does it."""

import re
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.test import Client

from sccon.models import Mail
from tickets.models import Order, Product

BUYER = {"name": "Henriette Oldenburg", "email": "henriette@example.org"}
ADDRESS = {"street": "Am Markt 1", "postcode": "16225", "city": "Eberswalde", "country": "DE"}


def text(response: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def choose(client: Client, product: Product, number: int = 1) -> HttpResponse:
    return client.post("/de/tickets/cart/add/", {f"product-{product.pk}": number})


def buy(client: Client, product: Product, number: int = 1, **typed: str) -> HttpResponse:
    """The whole way to the order page, with the click in the mail."""
    response = order(client, product, number, **typed)
    return click(client, Order.objects.latest("pk")) if response.redirect_chain else response


def click(client: Client, order: Order) -> HttpResponse:
    """The button behind the link in the order's first mail."""
    return client.post(confirm_address(order), follow=True)


def confirm_address(order: Order) -> str:
    """The path of the link in the order's first mail."""
    mail = Mail.objects.get(occasion=f"order-received:{order.pk}")
    return urlsplit(mail.context["order"]["confirm_url"]).path


def order(client: Client, product: Product, number: int = 1, **typed: str) -> HttpResponse:
    """The whole way to the order page; the mail is still to come."""
    choose(client, product, number)
    client.get("/de/tickets/checkout/")
    names = {f"attendee-{product.pk}-{n}-name": f"Gast {n}" for n in range(2, number + 1)}
    declared = {f"declared-{product.pk}": "on"} if product.declaration else {}
    response = client.post("/de/tickets/checkout/", BUYER | ADDRESS | names | declared | typed, follow=True)
    seen = dict(re.findall(r'name="(total|positions)" value="([^"]+)"', response.content.decode()))
    return client.post("/de/tickets/checkout/place/", seen, follow=True)
