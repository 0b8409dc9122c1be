"""The pages that bring a list in and take one out, in a real browser, at both widths, light and dark."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, expect

from newsletter.lists import importing
from newsletter.models import Import, Subscriber
from tests.browser.watching import findings, overflow
from tests.factories import make_topic, make_user
from tests.newsletter.lists.lists import as_csv, make_everybody, person

expect.set_options(timeout=60_000)  # it only catches a hang, also on a busy machine

pytestmark = [pytest.mark.django_db(transaction=True)]

NAMES = ("left", "bounced", "complained", "erased", "waiting", "active", "neu", "person-mit-einem-sehr-langen-namen")


@pytest.mark.parametrize(("width", "scheme", "language"), [(390, "dark", "de"), (1280, "light", "en")])
def test_a_list_comes_in_and_goes_out(
    live_server: Any, new_context: Callable[..., BrowserContext], width: int, scheme: Any, language: str
):
    make_topic("Wald"), make_topic("Klima und Energie"), make_everybody()
    client = Client()
    client.force_login(make_user("newsletter", "newsletter-lists", language=language))
    context = new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_default_timeout(60_000)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()

    def looks(name: str) -> None:
        page.wait_for_load_state("load")
        assert overflow(page) == [], name
        assert findings(page) == [], name
        if shots := os.environ.get("SHOTS"):
            page.screenshot(path=f"{shots}/lists-{name}-{width}-{scheme}.png", full_page=True)

    page.goto(f"{live_server.url}/admin/newsletter/import/upload/")
    looks("upload")
    rows = [person(f"{name}@example.org", topics="Wald") for name in NAMES]
    text = as_csv(*rows, person("zwei@example", source=""), person("drei@example.org", date="05/06/2024"))
    page.locator("textarea").fill(text)
    page.locator(".submit-row button.default").click()
    expect(page.locator("progress")).to_be_visible()
    looks("reading")
    of = Import.objects.get()
    importing.read(import_id=of.pk)
    expect(page.locator("table tbody tr")).to_have_count(len(NAMES) + 2)  # the page has asked again by itself
    looks("checked")
    page.locator("button[name=import]").click()
    expect(page.locator("progress")).to_be_visible()
    importing.run(import_id=of.pk)
    expect(page.locator("button[name=undo]")).to_be_visible()
    looks("done")
    page.goto(f"{live_server.url}/admin/newsletter/import/")
    looks("all")
    page.goto(f"{live_server.url}/admin/newsletter/subscriber/?status__exact=active")
    looks("subscribers")
    page.locator("a[href*='/export/']").click()
    looks("export")
    with page.expect_download() as download:
        page.locator(".submit-row button.default").click()
    assert download.value.path().read_bytes().startswith(b"\xef\xbb\xbf")
    reader = Subscriber.objects.get(email="neu@example.org")
    page.goto(f"{live_server.url}/admin/newsletter/subscriber/{reader.pk}/change/")
    looks("subscriber")
    page.locator("a[href$='/data/']").click()
    looks("data")
