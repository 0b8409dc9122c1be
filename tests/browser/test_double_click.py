"""Whoever clicks twice acts once, also where the server cannot know it: a first visit has no cookie yet."""

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page

from news.models import Boilerplate
from tests import production
from tests.browser.conftest import TICKET_KEY, Site
from tests.browser.login import sign_in
from tests.factories import make_user
from tests.tickets.factories import make_shop
from tickets.models import Order

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_clicks_make_one_cart_and_one_boilerplate(
    real_passwords: None, page: Page, site: Site, settings: LazySettings
):
    settings.TICKET_KEY, settings.LINK_KEY = TICKET_KEY, production.SETTINGS["LINK_KEY"]
    _event, _quota, product = make_shop()
    page.goto(f"{site.url}/de/tickets/")
    page.locator(f"#product-{product.pk}").select_option("2")
    page.locator(".to-cart button").dblclick()
    page.wait_for_url("**/checkout/")
    assert Order.objects.count() == 1

    sign_in(page, site, make_user("editor", language="de"))
    page.goto(f"{site.url}/admin/news/boilerplate/add/")
    page.locator("#id_title_de").fill("Über uns")
    page.locator(".ProseMirror, [contenteditable]").first.fill("Text.")
    page.locator("[name=_save]").dblclick()
    page.wait_for_url("**/boilerplate/")
    assert Boilerplate.objects.count() == 1
    assert "schon abgeschickt" not in page.content()
