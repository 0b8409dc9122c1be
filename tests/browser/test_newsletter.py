"""The newsletter in a real browser: a visitor without JavaScript subscribes, and every page on the way is right."""

from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page

from newsletter.models import Subscriber
from tests.browser.conftest import Site
from tests.browser.test_nu import complaints
from tests.browser.test_pages import inspect
from tests.browser.watching import NOTHING, Complaints, findings
from tests.factories import make_article, make_topic, publish
from tests.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def mail(page: Page, site: Site, subject: str) -> FrameLocator:
    """Opens the mail with `subject` in the demo's mailbox once the worker has written it; its HTML part."""

    def arrived() -> bool:
        page.goto(f"{site.url}/demo/mailbox/")
        return page.get_by_role("link", name=subject).count() > 0

    wait_until(arrived, f"in the mailbox: {subject}")
    page.get_by_role("link", name=subject).first.click()
    return page.frame_locator("iframe")


@pytest.mark.browser_context_args(java_script_enabled=False, locale="de-DE")
def test_a_visitor_reads_subscribes_and_confirms_from_the_mailbox(page: Page, site: Site):
    topic = make_topic()
    article = publish(make_article(topics=[topic]))
    page.goto(site.url + article.get_absolute_url())
    call = page.get_by_role("region", name="Abonnieren Sie unseren Newsletter")
    call.get_by_label("E-Mail-Adresse").fill("jana@")
    call.get_by_role("button", name="Newsletter abonnieren").click()
    assert page.locator(".error-summary").is_visible()
    assert page.locator(":focus").get_attribute("class") == "error-summary"
    field = page.get_by_label("E-Mail-Adresse")
    assert field.input_value() == "jana@"
    field.fill("jana@example.org")
    page.get_by_role("button", name="Newsletter abonnieren").click()
    page.get_by_label("Open Data").check()
    page.get_by_role("button", name="Auswahl merken").click()
    assert page.get_by_role("heading", name="Ihre Auswahl ist gemerkt").is_visible()
    mail(page, site, "Bitte bestätigen Sie Ihre Anmeldung").get_by_role("link", name="Anmeldung bestätigen").click()
    page.get_by_role("button", name="Ja, Newsletter abonnieren").click()
    assert page.get_by_role("heading", name="Willkommen!").is_visible()
    subscriber = Subscriber.objects.get()
    assert (subscriber.email, subscriber.status, list(subscriber.topics.all())) == (
        "jana@example.org",
        "active",
        [topic],
    )
    assert subscriber.consents.get().source == article.get_absolute_url()
    assert page.context.cookies() == []


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
    mail(page, site, "Bitte bestätigen Sie Ihre Anmeldung").get_by_role("link", name="Anmeldung bestätigen").click()
    page.get_by_role("heading", name="Bitte bestätigen Sie Ihre Anmeldung").wait_for()
    keep("confirm")
    inspect(page, site, ways.pop("confirm"), 200)
    page.get_by_role("button", name="Ja, Newsletter abonnieren").click()
    assert findings(page) == []
    welcome = mail(page, site, "Sie sind zum Newsletter angemeldet")
    welcome.get_by_role("link", name="Themen, Sprache oder Adresse ändern").click()
    page.get_by_role("heading", name="Ihr Newsletter").wait_for()
    keep("preferences")
    page.get_by_role("link", name="Newsletter abbestellen").click()
    keep("unsubscribe")
    page.goto(f"{site.url}/de/newsletter/links/")
    page.get_by_label("E-Mail-Adresse").fill("jana@example.org")
    page.get_by_role("button", name="Links per Mail anfordern").click()
    for name, path in ways.items():
        inspect(page, site, path, 200)
        (tmp_path / f"{name}.html").write_text(page.content())
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
