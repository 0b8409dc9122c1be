"""The newsletter in a real browser: every page on the way is right."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site
from tests.browser.inspecting import inspect
from tests.browser.mailbox import follow
from tests.browser.nu import complaints
from tests.browser.watching import NOTHING, Complaints, findings
from tests.factories import make_topic

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.browser_context_args(locale="de-DE")
def test_every_page_on_the_way_is_right(page: Page, site: Site, tmp_path: Path):
    make_topic()
    ways: dict[str, str] = {"form": "/de/newsletter/", "links": "/de/newsletter/links/"}

    def keep(name: str) -> None:
        ways[name] = page.url.removeprefix(site.url)

    page.goto(f"{site.url}/de/newsletter/")
    page.get_by_label("E-Mail-Adresse").fill("jana@example.org")
    page.get_by_role("button", name="Newsletter abonnieren").click()
    keep("choice")
    inspect(page, site, ways.pop("choice"), 200)
    follow(page, site, "Bitte bestätigen Sie Ihre Anmeldung", "Anmeldung bestätigen")
    page.get_by_role("heading", name="Bitte bestätigen Sie Ihre Anmeldung").wait_for()
    keep("confirm")
    inspect(page, site, ways.pop("confirm"), 200)
    page.get_by_role("button", name="Ja, Newsletter abonnieren").click()
    assert findings(page) == []
    follow(page, site, "Sie sind zum Newsletter angemeldet", "Themen, Sprache oder Adresse ändern")
    page.get_by_role("heading", name="Ihr Newsletter").wait_for()
    keep("preferences")
    page.get_by_role("link", name="Newsletter abbestellen").click()
    keep("unsubscribe")
    page.goto(f"{site.url}/de/newsletter/links/")
    page.get_by_label("E-Mail-Adresse").fill("jana@example.org")
    page.get_by_role("button", name="Links per Mail anfordern").click()
    follow(page, site, "Ihre Anmeldung und Ihre Daten", "Ihre Daten ansehen oder löschen")
    page.get_by_role("heading", name="Ihre Daten", exact=True).wait_for()
    keep("data")
    for name, path in ways.items():
        (tmp_path / f"{name}.html").write_text(inspect(page, site, path, 200))
    assert complaints(tmp_path) == []


def test_an_error_is_right_in_light_and_dark(page: Page, site: Site):
    noticed = Complaints(page, site.url)
    page.goto(f"{site.url}/en/newsletter/")
    page.get_by_label("E-mail address").fill("jänä@example.org")
    page.get_by_role("button", name="Subscribe to the newsletter").click()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert findings(page) == [], scheme
    assert noticed.all() == NOTHING
