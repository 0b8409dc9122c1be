"""An issue of the newsletter in a real browser: written beside its preview, and the mail in every way it is shown."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from news.pictures.library import create_image
from newsletter.issues.preview import _seen
from newsletter.models import Issue
from tests.browser.watching import findings, overflow
from tests.factories import make_article, make_user, picture_bytes, publish
from tests.newsletter.issues.made import add, freeze, make_issue

expect.set_options(timeout=60_000)  # it only catches a hang, also on a busy machine

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser_context_args(locale="de-DE")]

# What the mail's pages cannot have, for webmails cut off what is around the mail: landmarks.
NOT_A_PAGE = {"landmark-one-main", "region"}


@pytest.fixture
def issue() -> Issue:
    upload = SimpleUploadedFile("amt.jpg", picture_bytes(1400, 900, "JPEG", "#7a5cf0"))
    image = create_image(upload, by=None, alt_de="Ein Amt mit offener Tür", alt_en="An office with an open door")
    article = make_article("Das Bürgeramt öffnet am Samstag", image=image, lead_de="Ab Mai ohne Termin.")
    publish(article, "de", "en")
    made = make_issue(intro_de="<p>Guten Tag,</p><p>das ist neu.</p>", intro_en="<p>Hello,</p>")
    add(made, article=article)
    add(
        made,
        heading_de="Karten",
        heading_en="Tickets",
        text_de="<p>Es gibt noch welche.</p>",
        text_en="<p>Left.</p>",
        button_label_de="Zum Shop",
        button_label_en="To the shop",
        button_url_de="/de/tickets/",
        button_url_en="/en/tickets/",
    )
    return made


@pytest.fixture
def form(live_server: Any, issue: Issue, new_context: Callable[..., BrowserContext]) -> Page:
    client = Client()
    client.force_login(make_user("newsletter", "editor", language="de"))
    context = new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/newsletter/issue/{issue.pk}/change/")
    return page


def test_an_issue_is_composed_beside_its_preview(form: Page, issue: Issue):
    complaints: list[str] = []
    form.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    form.on("pageerror", lambda error: complaints.append(str(error)))
    assert findings(form) == []
    form.get_by_role("button", name="Neben dem Text").click()
    frame = form.frame_locator(".preview-frame iframe:not(.coming)")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Neues im Mai")
    form.get_by_label("Betreff").first.fill("Neues im Juni")
    expect(frame.get_by_role("heading", level=1)).to_have_text("Neues im Juni")
    expect(frame.get_by_alt_text("Ein Amt mit offener Tür")).to_have_js_property("naturalWidth", 600)
    names = form.locator(".issue-item:not(.unused) .item-name")
    form.get_by_role("button", name="Nach oben").nth(1).click()
    expect(names).to_have_text(["Das Bürgeramt öffnet am Samstag", "Ein Block", "Karten"])
    form.get_by_role("button", name="Block hinzufügen").click()
    form.keyboard.type("Zum Schluss")
    expect(frame.get_by_role("heading", name="Zum Schluss")).to_be_visible()
    expect(form.locator("[data-part=checks]")).to_contain_text("„Zum Schluss“")
    form.get_by_role("button", name="Speichern", exact=True).last.click()
    expect(form.get_by_text("Gespeichert.")).to_be_visible()
    assert [str(item) for item in issue.items.all()][:2] == ["Das Bürgeramt öffnet am Samstag", "Ein Block"]
    form.set_viewport_size({"width": 390, "height": 844})
    assert overflow(form) == []
    assert findings(form) == []
    assert complaints == []


def test_the_mail_reads_well_without_style_blocks_on_a_phone_and_in_every_display(page: Page, issue: Issue):
    for language, edition in freeze(issue).items():
        for mode in ("light", "dark", "inverted", "blocked", "bare"):
            page.set_content(_seen(edition.html, mode))
            for width in (360, 640):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (language, mode, width)
            if mode != "inverted":  # axe sees the colours from before a filter
                found = [each for each in findings(page) if each.partition(":")[0] not in NOT_A_PAGE]
                assert found == [], (language, mode)
