"""Letters of twice the size (WCAG 1.4.4): nothing is cut off, nothing scrolls sideways, no short word is chopped."""

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page

from tests.browser.conftest import Site
from tests.browser.kinds import KINDS
from tests.browser.login import sign_in
from tests.browser.watching import DESK, PHONE, chopped, cut_off, overflow
from tests.factories import make_article, make_image, make_topic, make_user, publish

pytestmark = pytest.mark.django_db(transaction=True)

# As a browser's setting does it, but that the page's own widths stay: the harder case.
TWICE = """() => {
    const root = document.documentElement;
    root.style.fontSize = "";
    root.style.fontSize = `${parseFloat(getComputedStyle(root).fontSize) * 2}px`;
}"""
SHORT = 8  # letters; on a phone a longer one may be wider than the window


def wrong_at_twice_the_size(page: Page) -> dict[int, list[str]]:
    found = {}
    for width in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(TWICE)
        if noticed := overflow(page) + cut_off(page) + chopped(page, SHORT):
            found[width] = noticed
    return found


def test_pages_can_be_read_with_letters_of_twice_the_size(
    real_passwords: None, page: Page, site: Site, content: None, settings: LazySettings
):
    wrong: dict[str, dict[int, list[str]]] = {}

    def look(name: str, path: str = "") -> None:
        if path:
            page.set_viewport_size({"width": DESK, "height": 900})
            page.goto(f"{site.url}{path}")
        if noticed := wrong_at_twice_the_size(page):
            wrong[name] = noticed

    for kind in ("home", "overview", "article with everything", "newsletter", "shop"):
        look(kind, f"/de{KINDS[kind]}")
    page.goto(f"{site.url}/de/tickets/")
    page.locator(".offer select[name]").first.select_option("1")
    page.locator(".to-cart button").click()
    page.wait_for_url("**/checkout/")
    look("details")
    look("cart", "/de/tickets/cart/")

    settings.MEDIA_ROOT = str(site.media)
    words = {"alt_de": "Eine Wand aus Schubladen, links orange", "caption_de": "Schubladen", "credit": "SCCON"}
    article = make_article("Einmal reicht", topics=[make_topic("Register")], image=make_image(**words))
    publish(article, "de", "en")
    sign_in(page, site, make_user(is_superuser=True, language="de", first_name="Ada", last_name="Demo"))
    look("article's form", f"/admin/news/article/{article.pk}/change/")
    assert wrong == {}
