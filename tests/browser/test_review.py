"""Asked, returned, asked again, published: an editor and a publisher, each in a browser of their own."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from news.models import Publication, Review
from sccon.models import Mail
from tests.browser.conftest import Site
from tests.browser.login import sign_in
from tests.browser.watching import NOTHING, SCHEMES, Complaints, breaches, findings
from tests.factories import make_article, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser_context_args(locale="de-DE")]


def test_text_is_asked_returned_asked_again_and_published(
    real_passwords: None, page: Page, site: Site, browser: Browser
):
    editor = make_user("editor", language="de", first_name="Tobias", email="tobias@example.org")
    publisher = make_user("publisher", language="en", first_name="Jana", email="jana@example.org")
    article = make_article("Preisverleihung am zweiten Kongresstag")
    wrong: dict[str, Any] = {}

    def look(seen: Page, name: str, complaints: Complaints) -> None:
        for scheme in SCHEMES:
            seen.emulate_media(color_scheme=scheme)
            if found := findings(seen):
                wrong[f"{name}, {scheme}"] = found
        if (said := breaches(complaints)) != NOTHING:
            wrong[f"{name}, browser"] = said

    # The editor writes a last word, and asks from the form: saved and asked in one go.
    complaints = Complaints(page, site.url)
    sign_in(page, site, editor)
    page.goto(f"{site.url}/admin/news/article/{article.pk}/change/")
    page.locator("#id_lead_de").fill("Die Zahlen sind abgestimmt.")
    page.get_by_role("button", name="Zur Prüfung geben …").click()
    look(page, "ask", complaints)
    page.get_by_role("checkbox", name="Englisch").uncheck()
    page.get_by_label("Was sollen die Prüfenden wissen?").fill("Bitte noch heute.")
    page.get_by_role("button", name="Zur Prüfung geben").click()
    expect(page.get_by_text("Deutsch: jetzt zur Prüfung gegeben.")).to_be_visible()
    look(page, "form in review", complaints)

    # The publisher finds it on the desk, and returns it.
    elsewhere = browser.new_context(locale="en-GB")
    elsewhere.set_default_timeout(60_000)
    desk = elsewhere.new_page()
    desk_complaints = Complaints(desk, site.url)
    desk.goto(f"{site.url}/admin/")
    desk.locator("#id_username").fill(publisher.username)
    desk.locator("#id_password").fill("secret")
    desk.get_by_role("button", name="Log in").click()
    waiting = desk.get_by_role("region", name="Waits for you")
    expect(waiting.get_by_text("Bitte noch heute.")).to_be_visible()
    look(desk, "desk", desk_complaints)
    waiting.get_by_role("link", name="Preisverleihung").click()
    desk.get_by_role("link", name="Return with a note …").click()
    look(desk, "return", desk_complaints)
    desk.get_by_label("What is to be done?").fill("Woher kommt die Zahl?")
    desk.get_by_role("button", name="Return").click()
    expect(desk.get_by_text("German is returned.")).to_be_visible()

    # It waits on the editor's desk, who answers and asks again.
    page.goto(f"{site.url}/admin/")
    returned = page.get_by_role("region", name="Wartet auf Sie")
    expect(returned.get_by_text("Woher kommt die Zahl?")).to_be_visible()
    look(page, "editor's desk", complaints)
    returned.get_by_role("link", name="Preisverleihung").first.click()
    expect(page.get_by_text("Woher kommt die Zahl?")).to_be_visible()
    page.get_by_role("button", name="Zur Prüfung geben …").click()
    page.get_by_role("checkbox", name="Englisch").uncheck()
    page.get_by_role("button", name="Zur Prüfung geben").click()
    expect(page.get_by_text("Deutsch: jetzt zur Prüfung gegeben.")).to_be_visible()

    # The publisher approves: public at once, and the review is settled.
    desk.goto(f"{site.url}/admin/news/article/{article.pk}/change/")
    desk.get_by_role("button", name="Approve and publish …").click()
    desk.get_by_role("checkbox", name="English").uncheck()
    expect(desk.get_by_text("English stays as it is.")).to_be_visible()
    look(desk, "publish", desk_complaints)
    desk.get_by_role("button", name="Publish now").click()
    expect(desk.get_by_text("German is public now.")).to_be_visible()
    desk.goto(f"{site.url}/admin/")
    expect(desk.get_by_text("No text waits for you.")).to_be_visible()

    elsewhere.close()
    assert wrong == {}
    assert list(Review.objects.order_by("pk").values_list("decision", flat=True)) == ["returned", "published"]
    assert Publication.objects.get().lead == "Die Zahlen sind abgestimmt."
    sent = Mail.objects.order_by("pk").values_list("template", "recipient", "language")
    assert list(sent) == [
        ("review-asked", "jana@example.org", "en"),
        ("review-returned", "tobias@example.org", "de"),
        ("review-asked", "jana@example.org", "en"),
        ("review-published", "tobias@example.org", "de"),
    ]
