"""The preview beside the text, and links to the draft, in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from news.models import Article
from news.writing import drafting
from tests.browser.watching import SCHEMES, findings
from tests.factories import make_article, make_topic, make_user

expect.set_options(timeout=60_000)  # it only catches a hang, also on a busy machine

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser_context_args(locale="de-DE")]


@pytest.fixture
def article() -> Article:
    return drafting.save(make_article("Anfang"), version=0, by=None, topics=[make_topic("Eins")])


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def form(live_server: Any, article: Article, new_context: Callable[..., BrowserContext], complaints: list[str]) -> Page:
    client = Client()
    client.force_login(make_user("editor", language="de"))
    context = new_context(viewport={"width": 1440, "height": 900}, color_scheme="null")
    context.set_default_timeout(60_000)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}/admin/news/article/{article.pk}/change/")
    return page


def frame(page: Page) -> FrameLocator:
    return page.frame_locator(".preview-frame iframe:not(.coming)")


def choose(page: Page, name: str) -> None:
    page.get_by_role("region", name="Vorschau neben dem Text").get_by_text(name, exact=True).click()


def scheme(page: Page) -> str:
    dark = "matchMedia('(prefers-color-scheme: dark)').matches"
    return frame(page).locator("html").evaluate(f"() => {dark} ? 'dark' : 'light'")


def test_preview_follows_what_is_typed_in_language_width_and_colours(form: Page, article, complaints):
    steps = form.evaluate("history.length")
    form.get_by_role("button", name="Neben dem Text").click()
    expect(frame(form).locator("h1")).to_have_text("Anfang")
    form.locator("#id_title_de").fill("Gerade getippt")
    expect(frame(form).locator("h1")).to_have_text("Gerade getippt")
    expect(form.locator("#id_title_en")).to_be_hidden()
    assert frame(form).locator("html").evaluate("() => innerWidth") == 390

    choose(form, "Englisch")
    expect(frame(form).locator("h1")).to_have_text("Anfang (English)")
    expect(form.locator("#id_title_de")).to_be_hidden()
    choose(form, "Desktop")
    form.wait_for_function("document.querySelector('.preview-frame iframe').contentWindow.innerWidth === 1280")
    assert scheme(form) == "light"
    choose(form, "Dunkel")
    form.wait_for_function(
        "document.querySelector('.preview-frame iframe').contentWindow.matchMedia('(prefers-color-scheme: dark)').matches"
    )
    assert form.evaluate("history.length") == steps  # the way back leads out of the form as before
    article.refresh_from_db()
    assert article.title_de == "Anfang"
    assert complaints == []


def test_preview_is_worked_by_keyboard_and_stays_open_after_saving(form: Page, complaints):
    opener = form.get_by_role("button", name="Neben dem Text")
    opener.focus()
    form.keyboard.press("Enter")
    expect(form.locator("#preview-panel-heading")).to_be_focused()
    form.keyboard.press("Tab")
    form.keyboard.press("ArrowRight")
    expect(form.get_by_role("radio", name="Dunkel")).to_be_checked()
    form.keyboard.press("Control+s")
    expect(form.locator(".messagelist")).to_contain_text("Gespeichert als Fassung 2.")
    expect(form.get_by_role("radio", name="Dunkel")).to_be_checked()
    expect(frame(form).locator("h1")).to_have_text("Anfang")
    form.get_by_role("radio", name="Dunkel").focus()
    form.keyboard.press("Escape")
    expect(opener).to_be_focused()
    expect(form.locator("#preview-panel")).to_be_hidden()
    expect(form.locator("#id_title_en")).to_be_visible()
    assert complaints == []


def test_form_with_preview_and_links_is_right_in_light_and_dark_and_on_a_phone(form: Page, complaints):
    form.get_by_role("button", name="Neben dem Text").click()
    expect(frame(form).locator("h1")).to_be_visible()
    form.get_by_role("button", name="Link erstellen").click()
    expect(form.get_by_label("Deutsch, folgt dem Entwurf")).to_be_focused()
    found = {}
    for colours in SCHEMES:
        form.emulate_media(color_scheme=colours)
        found[colours] = findings(form)
    form.set_viewport_size({"width": 390, "height": 844})
    expect(form.locator("#preview-panel")).to_be_hidden()
    expect(form.get_by_role("button", name="Neben dem Text")).to_be_hidden()
    found["phone"] = findings(form)
    assert found == {"light": [], "dark": [], "phone": []}
    with form.context.expect_page() as opened:
        form.get_by_role("button", name="Deutsch", exact=True).click()
    expect(opened.value.locator("h1")).to_have_text("Anfang")
    assert complaints == []


def test_a_link_is_made_and_revoked_without_losing_what_is_typed(form: Page, live_server, new_context, complaints):
    form.locator("#id_title_de").fill("Noch nicht gespeichert")
    form.get_by_role("button", name="Link erstellen").click()
    address = form.get_by_label("Deutsch, folgt dem Entwurf").input_value()
    address = address.replace(settings.SITE_URL, live_server.url)
    reader = new_context().new_page()
    reader.goto(address)
    expect(reader.locator("h1")).to_have_text("Anfang")
    expect(reader.locator(".preview-banner")).to_contain_text("Entwurf, nicht öffentlich.")
    assert reader.context.cookies() == []
    form.get_by_role("button", name="Widerrufen").click()
    expect(form.get_by_text("Der Link ist widerrufen")).to_be_visible()
    answer = reader.goto(address)
    assert answer and answer.status == 410
    expect(form.locator("#id_title_de")).to_have_value("Noch nicht gespeichert")
    assert complaints == []
