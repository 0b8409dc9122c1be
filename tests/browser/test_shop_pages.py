"""Every page from the cart to the ticket, and the desk that shows what was sold: right in every way a page can be."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from playwright.sync_api import BrowserContext, Page

from tests import production
from tests.browser.conftest import TICKET_KEY, Site
from tests.browser.inspecting import inspect
from tests.browser.kinds import LANGUAGES
from tests.browser.nu import complaints
from tests.factories import make_user
from tests.tickets.buyers import confirm_address
from tests.tickets.factories import let_expire, make_cart, make_event, make_order, make_product, make_quota, pay, place
from tickets.models import Order, Product
from tickets.orders import cancelling, expiring

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def products(settings: LazySettings) -> tuple[Product, Product]:
    """One that costs something and asks for a declaration, and one that is free; codes and links signed as by the site."""
    settings.TICKET_KEY, settings.LINK_KEY = TICKET_KEY, production.SETTINGS["LINK_KEY"]
    event = make_event(note_de="Ein Hinweis.", note_en="A notice.")
    quota = make_quota(event, 30)
    words = {"declaration_de": "Ich studiere.", "declaration_en": "I am a student."}
    return make_product(event, quota, **words), make_product(
        event, quota, price="0.00", name_de="Gast", name_en="Guest"
    )


def orders(costs: Product, free: Product) -> dict[str, Order]:
    """One order in every state."""
    made = {name: make_order(costs) for name in ("pending", "part", "paid", "expired", "cancelled", "returning")}
    pay(made["part"], "19.00")
    pay(made["paid"])
    pay(made["returning"], "130.00")
    let_expire(made["expired"])
    expiring.expire_overdue()
    cancelling.cancel(pay(made["cancelled"]).order, by=make_user(), reason="Auf Wunsch")
    late = place(make_cart(free))
    let_expire(late)
    expiring.expire_overdue()
    return made | {"free": make_order(free), "not confirmed": place(make_cart(costs)), "confirmed too late": late}


def link(order: Order) -> str:
    """What follows the language and the shop in the address that confirms the order."""
    return confirm_address(order).partition("/tickets")[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_from_the_cart_to_the_order_is_right(
    page: Page, site: Site, products: tuple[Product, Product], tmp_path: Path, language: str
):
    costs, free = products

    def right(name: str, path: str) -> None:
        html = inspect(page, site, f"/{language}/tickets/{path}", 200, cookies=("csrftoken", "sessionid"))
        (tmp_path / f"{name}.html").write_text(html)

    page.goto(f"{site.url}/{language}/tickets/")
    for product in (costs, free):
        page.locator(f"#product-{product.pk}").select_option("1")
    page.locator(".to-cart button").click()
    page.wait_for_url("**/checkout/")
    right("cart", "cart/")
    right("details with errors", "checkout/?incomplete=1")
    typed = {"name": "Jana Wetterau", "email": "jana@example.org", "street": "Am Markt 1", "postcode": "16225"}
    for field, value in (typed | {"city": "Eberswalde", f"attendee-{free.pk}-1-name": "Nils Rüter"}).items():
        page.locator(f"[name='{field}']").fill(value)
    page.locator("input[type=checkbox]").check()
    page.locator("form.details .button.primary").click()
    page.wait_for_url("**/summary/")
    right("summary", "checkout/summary/")
    let_expire(Order.objects.get())
    right("reservation is over", "checkout/")
    assert complaints(tmp_path) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_of_an_order_and_a_ticket_is_right(
    page: Page, site: Site, products: tuple[Product, Product], tmp_path: Path, language: str
):
    made = orders(*products)
    paths = {name: f"/orders/{order.code}/{order.secret}/" for name, order in made.items()}
    paths |= {f"ticket, {name}": f"/t/{made[name].positions.get().page_secret}/" for name in ("paid", "cancelled")}
    paths |= {f"link, {name}": link(made[name]) for name in ("not confirmed", "confirmed too late")}
    for name, path in paths.items():
        (tmp_path / f"{name}.html").write_text(inspect(page, site, f"/{language}/tickets{path}", 200))
    assert complaints(tmp_path) == []
    page.goto(f"{site.url}/{language}/tickets{paths['link, not confirmed']}")
    page.locator("form .button.primary").click()
    page.wait_for_url(f"**/orders/{made['not confirmed'].code}/**")
    made["not confirmed"].refresh_from_db()
    assert made["not confirmed"].confirmed
    page.goto(f"{site.url}/{language}/tickets{paths['ticket, paid']}")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1


def test_the_desk_with_its_charts_is_right(
    site: Site, new_context: Callable[[], BrowserContext], products: tuple[Product, Product], settings: LazySettings
):
    made = orders(*products)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]  # as the site has it
    user = make_user(is_superuser=True, language="de")
    page = new_context().new_page()
    page.goto(f"{site.url}/admin/login/?next=/admin/")
    page.locator("#id_username").fill(user.username)
    page.locator("#id_password").fill("secret")
    page.locator("[type=submit]").click()
    page.wait_for_url("**/admin/")
    for path in ("", f"tickets/order/{made['returning'].pk}/change/"):
        inspect(page, site, f"/admin/{path}", 200, cookies=("csrftoken", "device", "sessionid"))
