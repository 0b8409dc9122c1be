"""History, comparison and translations in a real browser: found faultless by axe, and usable without a mouse."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from news.models import Article
from news.versions import translating
from news.writing import drafting
from sccon.models import User
from tests.factories import make_article, make_image, publish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def article() -> Article:
    """Public, changed since in the German, and with another picture."""
    article = make_article("Sechs Jahre", body_de="<p>Eine ständige Runde.</p><p>Gleich.</p>", image=make_image())
    drafting.save(article, version=0, by=None)
    publish(article, "de", "en")
    article = Article.objects.get(pk=article.pk)
    article.title_de, article.body_de = "Sieben Jahre", "<p>Eine Konferenz.</p><p>Gleich.</p><h2>Neu</h2>"
    article.image = make_image("zweites.png", alt_de="Eine Bühne")
    return drafting.save(article, version=1, by=None)


@pytest.fixture
def desk(page: Page, live_server: Any, client: Any) -> Page:
    client.force_login(User.objects.create_superuser("mia", "mia@example.org", "x", language="de"))
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    return page


@pytest.mark.parametrize("language", ["de", "en"])
def test_pages_of_versions_and_translations_are_accessible(
    desk: Page, live_server: Any, article: Article, language: str
) -> None:
    User.objects.update(language=language)
    base = f"{live_server.url}/admin/news/article"
    pages = [
        f"{base}/{article.pk}/history/",
        f"{base}/{article.pk}/history/?old=1&new=2",
        f"{base}/{article.pk}/history/?old=1&new=2&view=beside",
        f"{base}/{article.pk}/history/1/",
        f"{base}/{article.pk}/change/",
        f"{base}/translations/",
    ]
    faults = {}
    for url in pages:
        for width, scheme in ((1280, "light"), (390, "dark")):
            desk.set_viewport_size({"width": width, "height": 900})
            desk.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            desk.goto(url)
            found = [violation["id"] for violation in Axe().run(desk).response["violations"]]
            if desk.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append("scrolls sideways")
            if found:
                faults[url, width] = found
    assert faults == {}


def test_an_editor_finds_compares_and_restores_a_version(desk: Page, live_server: Any, article: Article) -> None:
    desk.goto(f"{live_server.url}/admin/news/article/{article.pk}/change/")
    desk.get_by_role("link", name="Verlauf").click()
    desk.get_by_role("radio", name="Ältere Seite: Fassung 1").check()
    desk.get_by_role("radio", name="Neuere Seite: Fassung 2").check()
    desk.get_by_role("button", name="Vergleichen").click()
    german = desk.get_by_role("region", name="Deutsch")
    expect(german.locator("dd.title ins")).to_have_text("eingefügt: Sieben")
    expect(german.locator("dd.title del")).to_have_text("gestrichen: Sechs")
    expect(german.get_by_text("1 Absatz unverändert")).to_be_visible()
    german.get_by_role("link", name="Aus Fassung 1 zurückholen").click()
    desk.get_by_role("button", name="In den Entwurf zurückholen").click()
    expect(desk.locator(".messagelist")).to_contain_text("wieder wie in Fassung 1")
    article.refresh_from_db()
    assert (article.title_de, article.image and article.image.alt_de) == ("Sechs Jahre", "Eine Bühne")


def test_a_translator_says_that_the_english_still_fits(desk: Page, live_server: Any, article: Article) -> None:
    desk.goto(f"{live_server.url}/admin/news/article/translations/")
    desk.get_by_role("link", name="Sieben Jahre").click()
    expect(desk.locator(".german-changes ins").first).to_have_text("eingefügt: Sieben")
    desk.get_by_role("button", name="Englisch passt noch").click()
    expect(desk.locator(".messagelist")).to_contain_text("Das Englische entspricht der Fassung 2")
    expect(desk.locator(".german-changes")).to_have_count(0)
    assert translating.outdated() == {}


def test_the_question_about_the_translation_comes_with_a_change(desk: Page, live_server: Any, article: Article) -> None:
    translating.confirm(article, version=2, by=None)
    desk.goto(f"{live_server.url}/admin/news/article/{article.pk}/change/")
    spared = desk.get_by_role("checkbox", name="Die Änderung am Deutschen betrifft das Englische nicht")
    matches = desk.get_by_role("checkbox", name="Mit meinen Änderungen sagt das Englische")
    expect(spared).to_be_hidden()
    desk.locator("#id_lead_de").fill("Tippfehler")
    expect(spared).to_be_visible()
    expect(matches).to_be_hidden()
    spared.check()
    desk.locator("[data-save]").click()
    expect(desk.locator(".messagelist")).to_be_visible()
    assert translating.outdated() == {}
