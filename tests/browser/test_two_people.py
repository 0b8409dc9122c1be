"""Two people at one article, and what a browser keeps of a text that is not saved yet, in real browsers."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Error, Locator, Page, expect

from news.models import Article, OpenForm
from news.writing import drafting
from sccon.models import User
from tests.browser.rich_text import put_caret
from tests.factories import make_article, make_topic, make_user
from tests.sccon.accounts.logins import wait

expect.set_options(timeout=60_000)  # it only catches a hang, also on a busy machine

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser_context_args(locale="de-DE")]

KEPT = "Object.keys(localStorage).filter(key => key.startsWith('sccon:unsaved:'))"


@pytest.fixture
def article() -> Article:
    article = make_article("Anfang", body_de="<p>Anfang.</p>")
    return drafting.save(article, version=0, by=None, topics=[make_topic("Eins")])


@pytest.fixture
def mia() -> User:
    return make_user("editor", first_name="Mia", last_name="Beispiel", language="de")


@pytest.fixture
def tom() -> User:
    return make_user("editor", first_name="Tom", last_name="Muster", language="de")


def sign_in(context: BrowserContext, url: str, user: User) -> None:
    """Without the login page, as far as the browser's cookie is concerned."""
    client = Client()
    client.force_login(user)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


@pytest.fixture
def open_form(live_server: Any, article: Article, new_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """The article's form in a browser of that person's own; or in a new window of a browser they have."""

    def opened(user: User, *, beside: Page | None = None, path: str = f"{article.pk}/change/") -> Page:
        context = beside.context if beside else new_context()
        if not beside:
            context.set_default_timeout(60_000)
            sign_in(context, live_server.url, user)
        page = context.new_page()
        page.goto(f"{live_server.url}/admin/news/article/{path}")
        return page

    return opened


def body(page: Page, language: str = "Deutsch") -> Locator:
    return page.get_by_role("region", name=language).get_by_role("textbox", name=f"Text {language}", exact=True)


def save(page: Page) -> None:
    with page.expect_navigation():
        page.locator("[data-save]").click()


def kept(page: Page) -> list[str]:
    return page.evaluate(KEPT)


def wait_until_kept(page: Page, text: str) -> None:
    page.wait_for_function("text => Object.values(localStorage).some(value => value.includes(text))", arg=text)


def crash(page: Page) -> None:
    """The renderer dies: no event tells the page that it ends."""
    with page.expect_event("crash"), suppress(Error):
        page.goto("chrome://crash")


def offer(page: Page) -> Locator:
    return page.locator("section.unsaved")


def test_different_fields_of_two_people_are_both_kept(article, mia, tom, open_form):
    mias, toms = open_form(mia), open_form(tom)
    mias.locator("#id_title_de").fill("Mias Titel")
    put_caret(body(toms), "End")
    toms.keyboard.type(" Und Toms Satz.")
    save(toms)
    save(mias)
    expect(mias.locator(".messagelist")).to_contain_text(
        "Zusammengeführt mit dem, was Tom Muster inzwischen gespeichert hat: Text (Deutsch)."
    )
    article.refresh_from_db()
    assert (article.title_de, article.body_de, article.version) == ("Mias Titel", "<p>Anfang. Und Toms Satz.</p>", 3)


def test_the_same_field_of_two_people_shows_both_texts(article, mia, tom, open_form):
    mias, toms = open_form(mia), open_form(tom)
    for page, text in ((toms, "Toms Satz. "), (mias, "Mias Satz. ")):
        put_caret(body(page), "Home")
        page.keyboard.type(text)
        save(page)
    expect(body(mias)).to_have_text("Mias Satz. Anfang.")
    expect(mias.locator(".stored")).to_contain_text("Toms Satz. Anfang.")
    expect(mias.locator(".stored ins")).to_contain_text("Toms")  # what mine has not
    article.refresh_from_db()
    assert article.body_de == "<p>Toms Satz. Anfang.</p>"
    save(mias)
    article.refresh_from_db()
    assert article.body_de == "<p>Mias Satz. Anfang.</p>"


def test_each_sees_who_else_is_there_until_they_leave(article, mia, tom, open_form):
    toms = open_form(tom)
    expect(toms.locator(".presence li")).to_have_count(0)
    mias = open_form(mia)
    expect(mias.locator(".presence li")).to_contain_text("Tom Muster hat diesen Text seit")
    second = open_form(mia, beside=mias)
    expect(second.locator(".presence li")).to_have_count(2)
    expect(second.locator(".presence")).to_contain_text("noch in einem anderen Fenster offen")
    second.goto("about:blank")
    toms.locator("#id_lead_de").fill("Toms Vorspann")
    save(toms)
    mias.evaluate("dispatchEvent(new Event('focus'))")
    expect(mias.locator(".presence")).to_contain_text("(zuletzt gespeichert:")
    expect(mias.locator(".presence")).to_contain_text("Wenn Sie speichern, wird beides zusammengeführt.")
    toms.goto("about:blank")
    mias.evaluate("dispatchEvent(new Event('focus'))")
    expect(mias.locator(".presence")).not_to_contain_text("seit")
    assert OpenForm.objects.count() == 1


def test_what_was_typed_before_a_crash_is_offered_and_taken_over(article, mia, open_form):
    page = open_form(mia)
    page.locator("#id_title_de").fill("Getippt")
    body(page, "Englisch").click()
    page.keyboard.type("Typed. ")
    page.get_by_label("Eins", exact=True).uncheck()
    wait_until_kept(page, "Typed. ")
    again, url = page.context.new_page(), page.url
    crash(page)
    again.goto(url)
    expect(offer(again)).to_contain_text("Ungespeicherter Text von")
    names = offer(again).locator("summary").all_text_contents()
    assert names == ["Titel (Deutsch)", "Text (Englisch)", "Themen"]
    offer(again).get_by_role("button", name="Übernehmen").click()
    expect(again.locator(".messagelist")).to_contain_text("Er ist noch nicht gespeichert.")
    expect(again.locator("#id_title_de")).to_have_value("Getippt")
    expect(body(again, "Englisch")).to_contain_text("Typed. ")
    expect(again.get_by_label("Eins", exact=True)).not_to_be_checked()
    article.refresh_from_db()
    assert article.title_de == "Anfang"
    save(again)
    article.refresh_from_db()
    assert (article.title_de, article.article_topics.count()) == ("Getippt", 0)
    assert kept(again) == []
    again.reload()
    expect(again.locator(".presence")).to_be_attached()
    assert offer(again).count() == 0


def test_nothing_typed_is_lost_when_the_login_has_expired(article, mia, open_form, live_server):
    page = open_form(mia)
    page.locator("#id_title_de").fill("Getippt")
    Session.objects.all().delete()
    page.locator("[data-save]").click()
    expect(page.locator("#id_username")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Ihr Text ist sicher")
    page.locator("#id_username").fill(mia.username)
    page.locator("#id_password").fill("wrong")
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Ihr Text ist sicher")
    wait(1)
    page.locator("#id_password").fill("secret")
    page.get_by_role("button", name="Anmelden").click()
    expect(page).to_have_url(f"{live_server.url}/admin/news/article/{article.pk}/change/")
    offer(page).get_by_role("button", name="Übernehmen").click()
    expect(page.locator("#id_title_de")).to_have_value("Getippt")
    save(page)
    article.refresh_from_db()
    assert (article.title_de, kept(page)) == ("Getippt", [])


def test_a_form_says_that_the_login_has_expired_and_saves_after_a_new_one_elsewhere(article, mia, open_form):
    page = open_form(mia)
    begin = timezone.now()
    page.clock.install(time=begin)
    page.reload()
    with page.expect_response("**/open/"):  # the next one would come after twenty seconds, which now never pass
        page.clock.pause_at(begin + timedelta(hours=1))
    Session.objects.all().delete()
    page.clock.fast_forward(1_000)
    page.locator("#id_title_de").fill("Getippt")
    page.clock.fast_forward(4_000)  # also for who types once, soon after the last answer
    expect(page.get_by_text("Sie sind abgemeldet.")).to_be_visible()
    page.clock.resume()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="In einem neuen Fenster anmelden").click()
    login = opened.value
    login.locator("#id_username").fill(mia.username)
    login.locator("#id_password").fill("secret")
    login.get_by_role("button", name="Anmelden").click()
    expect(login.locator("#id_title_de")).to_be_visible()
    login.close()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page.get_by_text("Sie sind abgemeldet.")).to_have_count(0)
    save(page)
    article.refresh_from_db()
    assert article.title_de == "Getippt"


def test_a_text_that_was_never_saved_is_offered_in_a_new_form_and_forgotten_once_saved(mia, open_form):
    first = open_form(mia, path="add/")
    first.locator("#id_title_de").fill("Ganz neu")
    wait_until_kept(first, "Ganz neu")
    second = open_form(mia, beside=first, path="add/")
    expect(second.locator("#id_title_de")).to_be_visible()
    second.wait_for_function(f"{KEPT}.length === 1")
    assert offer(second).count() == 0  # for it stands in a window that is still open
    first.close()
    second.reload()
    offer(second).get_by_role("button", name="Übernehmen").click()
    expect(second.locator("#id_title_de")).to_have_value("Ganz neu")
    save(second)
    expect(second.locator(".messagelist")).to_contain_text("Gespeichert als Fassung 1.")
    assert kept(second) == []


def test_what_is_kept_can_be_discarded(mia, open_form):
    page = open_form(mia)
    page.locator("#id_title_de").fill("Verworfen")
    wait_until_kept(page, "Verworfen")
    again = open_form(mia, beside=page)
    page.close()
    again.reload()
    offer(again).get_by_role("button", name="Verwerfen").click()
    expect(offer(again)).to_have_count(0)
    assert kept(again) == []


def test_signing_out_forgets_what_was_typed_in_every_window(mia, open_form, live_server):
    page = open_form(mia)
    page.locator("#id_title_de").fill("Vertraulich")
    wait_until_kept(page, "Vertraulich")
    other = open_form(mia, beside=page)
    other.locator("details.me summary").click()
    with other.expect_navigation():
        other.get_by_role("button", name="Abmelden").click()
    other.goto(f"{live_server.url}/admin/login/")
    expect(other.locator("[data-kept]")).to_be_hidden()
    page.locator("#id_lead_de").fill("Auch vertraulich")
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    assert kept(other) == []


def test_another_person_at_the_same_browser_never_sees_it(mia, tom, open_form, live_server):
    page = open_form(mia)
    page.locator("#id_title_de").fill("Vertraulich")
    wait_until_kept(page, "Vertraulich")
    sign_in(page.context, live_server.url, tom)
    toms = open_form(tom, beside=page)
    page.close()
    toms.reload()
    expect(toms.locator(".editing")).to_be_attached()
    toms.wait_for_function(f"{KEPT}.length === 0")
    assert "Vertraulich" not in toms.content()


def test_who_types_without_a_pause_loses_no_more_than_moments(article, mia, open_form):
    page = open_form(mia)
    # Types on and on, faster than any pause that the browser could wait for, until something is kept.
    kept_while_typing = page.evaluate(
        """async () => {
            const title = document.getElementById("id_title_de"), begun = Date.now();
            const kept = () => Object.keys(localStorage).some((key) => key.startsWith("sccon:unsaved:"));
            while (!kept() && Date.now() - begun < 8000) {
                title.value += "x";
                title.dispatchEvent(new Event("input", { bubbles: true }));
                await new Promise((resolve) => { setTimeout(resolve, 40); });
            }
            return kept();
        }"""
    )
    assert kept_while_typing


def test_lists_of_a_colleague_are_no_errors(article, mia, tom, open_form):
    mias = open_form(mia)
    article.body_de = "<p>Toms Anfang.</p><ul><li>Toms Punkt</li></ul>"
    drafting.save(article, version=1, by=tom)
    put_caret(body(mias), "End")
    mias.keyboard.type(" Mias Satz.")
    save(mias)
    colours = "all => all.map(each => getComputedStyle(each).color)"
    stored = mias.locator(".stored").first
    expect(stored).to_contain_text("Toms Punkt")
    assert stored.locator("li").evaluate_all(colours) == [stored.evaluate("each => getComputedStyle(each).color")]
    # Nobody has touched the English: nothing is asked of it, and nothing confirmed.
    expect(mias.locator("[name=english_matches]")).to_be_hidden()
    expect(mias.locator("[name=english_matches]")).not_to_be_checked()
