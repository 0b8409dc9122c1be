"""A reservation in a browser: seen from the shop and the home page, extended in time, and nothing typed is lost."""

import re
from datetime import timedelta

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, expect

from sccon.clock import database_now
from tests import production
from tests.browser.conftest import TICKET_KEY, Site
from tests.tickets.factories import make_event, make_product, make_quota
from tickets.models import Order, Product

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def products(settings: LazySettings) -> tuple[Product, Product]:
    """One of which there are two, and one of which there are many."""
    settings.TICKET_KEY, settings.LINK_KEY = TICKET_KEY, production.SETTINGS["LINK_KEY"]
    event = make_event()
    few, many = make_quota(event, 2), make_quota(event, 50)
    return make_product(event, few), make_product(event, many, name_de="Expo", name_en="Expo")


def test_who_has_a_cart_sees_it_everywhere_and_loses_nothing_on_the_way(
    page: Page, site: Site, products: tuple[Product, Product]
):
    few, many = products
    page.goto(f"{site.url}/de/tickets/")
    expect(page.locator("[data-cart-notice]")).to_be_hidden()
    page.locator(f"#product-{few.pk}").select_option("2")
    page.locator(".to-cart button").click()
    page.wait_for_url("**/checkout/")
    ends = re.search(r"\d+:\d\d", page.locator(".reservation").inner_text())
    assert ends

    page.goto(f"{site.url}/de/")
    notice = page.locator("[data-cart-notice]")
    expect(notice).to_contain_text(f"2 Tickets sind bis {ends[0]}")
    notice.locator("a").click()
    page.wait_for_url("**/cart/")

    # The last two places are theirs: not sold out, and chosen already. (The shop is the same for all for a second.)
    while "Ausverkauft" not in page.request.get(f"{site.url}/de/tickets/").text():
        page.wait_for_timeout(100)
    page.goto(f"{site.url}/de/tickets/")
    offer = page.locator(f"#offer-{few.pk}")
    expect(offer).to_contain_text("2 für Sie reserviert")
    expect(offer.get_by_text("Ausverkauft")).to_be_hidden()
    expect(page.locator(f"#product-{few.pk}")).to_have_value("2")
    page.locator(f"#product-{few.pk}").select_option("1")
    page.locator(f"#product-{many.pk}").select_option("3")
    page.get_by_role("button", name="EN, English").click()
    page.wait_for_url("**/en/tickets/?choice=*")
    expect(page.locator(f"#product-{many.pk}")).to_have_value("3")
    expect(page.locator(f"#product-{few.pk}")).to_have_value("1")
    page.locator(".to-cart button").click()
    page.wait_for_url("**/checkout/")
    live = Order.objects.get().positions.filter(cancelled_at=None)
    assert {each.product_id for each in live} == {few.pk, many.pk}
    assert live.count() == 4

    # Half-filled: the other language, a link of the menu, and more time keep it.
    page.locator("#id_name").fill("Jana Wetterau")
    page.get_by_role("button", name="DE, Deutsch").click()
    page.wait_for_url("**/de/tickets/checkout/")
    expect(page.locator("#id_name")).to_have_value("Jana Wetterau")
    page.locator("#id_email").fill("jana@")
    page.locator(".site-header a[href='/de/news/']").first.click()
    page.wait_for_url("**/de/news/")
    Order.objects.update(expires_at=database_now() + timedelta(minutes=4))
    page.goto(f"{site.url}/de/tickets/checkout/")
    expect(page.locator("#id_email")).to_have_value("jana@")
    expect(page.locator(".reservation .ends")).to_contain_text("in wenigen Minuten")  # said before it ends
    page.locator("#id_street").fill("Am Markt 1")
    page.get_by_role("button", name="Mehr Zeit").click()
    expect(page.locator(".reservation .done")).to_be_focused()
    expect(page.locator("#id_street")).to_have_value("Am Markt 1")
    expect(page.locator(".reservation .ends")).to_be_hidden()
    page.locator("#id_city").press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
