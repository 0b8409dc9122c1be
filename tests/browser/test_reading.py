"""How the site is read: without JavaScript, with a keyboard, on a slow line."""

from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.browser.conftest import Site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("content")]

ARTICLE = "/de/news/alles/"
WITHOUT_PICTURE_AND_FONT, FONT = 45_000, 60_000  # bytes over the line
MOST_SHIFT = 0.02
SHIFTS = """
window.shift = 0;
new PerformanceObserver(list => list.getEntries().forEach(e => { if (!e.hadRecentInput) shift += e.value; }))
    .observe({type: "layout-shift", buffered: true});
"""


def test_everything_is_read_without_javascript(browser: Browser, site: Site):
    page = browser.new_context(java_script_enabled=False, base_url=site.url).new_page()
    page.goto("/de/")
    page.get_by_role("link", name="Alles, was ein Text haben kann").first.click()
    expect(page).to_have_url(f"{site.url}{ARTICLE}")
    page.get_by_role("link", name="KI und Cloud").first.click()
    expect(page).to_have_url(f"{site.url}/de/news/topics/ki/")
    page.get_by_role("link", name="Ohne Bild").click()
    page.get_by_role("link", name="EN, English").click()
    expect(page).to_have_url(f"{site.url}/en/news/ohne-bild/")
    page.get_by_role("link", name="To the overview").click()
    expect(page).to_have_url(f"{site.url}/en/news/")
    page.get_by_role("link", name="Older news").click()
    expect(page.get_by_role("link", name="Meldung 1 (English)")).to_be_visible()
    page.context.close()


def test_a_list_is_narrowed_without_javascript(browser: Browser, site: Site):
    page = browser.new_context(java_script_enabled=False, base_url=site.url).new_page()
    page.goto("/de/news/")
    page.get_by_role("navigation", name="Filter").get_by_role("link", name="Open Data").click()
    expect(page).to_have_url(f"{site.url}/de/news/?topic=open-data")
    expect(page.get_by_role("heading", level=3)).to_have_count(12)
    page.context.close()


def focused(page: Page) -> dict[str, Any]:
    """The element that has the focus: what it says, and how wide the ring round it (or round its card) is."""
    return page.evaluate(
        """() => {
            const element = document.activeElement;
            const rings = [null, "::after"].map(pseudo => getComputedStyle(element, pseudo))
                .map(style => style.outlineStyle == "none" ? 0 : parseFloat(style.outlineWidth));
            return {text: element.textContent.trim(), shown: element.checkVisibility({opacityProperty: true}),
                    ring: Math.max(...rings)};
        }"""
    )


@pytest.mark.parametrize("path", ["/de/", "/de/news/", ARTICLE])
def test_a_keyboard_reaches_every_link_and_shows_where_it_is(page: Page, site: Site, path: str):
    page.goto(site.url + path)
    page.keyboard.press("Tab")
    assert focused(page)["text"] == "Zum Inhalt"
    links = page.locator("a[href]:visible, button:visible, summary:visible").count()
    unseen = []
    for _ in range(links):
        here = focused(page)
        if here["ring"] < 2 or not here["shown"]:
            unseen.append(here)
        page.keyboard.press("Tab")
    assert unseen == []
    assert page.evaluate("document.activeElement === document.body")  # the last one was the last


def test_the_skip_link_leads_past_the_header(page: Page, site: Site):
    page.goto(site.url + ARTICLE)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert focused(page)["text"] == "Zur Übersicht"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", ["/de/", "/de/news/", ARTICLE])
def test_nothing_moves_while_a_page_loads(page: Page, site: Site, path: str, width: int):
    page.set_viewport_size({"width": width, "height": 800})
    page.add_init_script(SHIFTS)
    late = f"{site.url}/static/fonts/**"
    page.route(late, lambda route: (page.wait_for_timeout(400), route.continue_()))  # the text stands before its font
    page.goto(site.url + path, wait_until="networkidle")
    page.evaluate("document.fonts.ready")
    assert page.evaluate("[...document.fonts].some(font => font.status === 'loaded')")
    for _ in range(10):
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(30)
    assert page.evaluate("window.shift") < MOST_SHIFT


def transferred(page: Page, url: str) -> dict[str, int]:
    """Bytes over the line, headers included, by kind of resource."""
    line: CDPSession = page.context.new_cdp_session(page)
    line.send("Network.enable")
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}
    line.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))

    def finished(event: dict[str, Any]) -> None:
        kind = kinds[event["requestId"]]
        sizes[kind] = sizes.get(kind, 0) + round(event["encodedDataLength"])

    line.on("Network.loadingFinished", finished)
    page.goto(url, wait_until="networkidle")
    return sizes


def test_an_article_is_light(page: Page, site: Site):
    sizes = transferred(page, site.url + ARTICLE)
    assert {"Document", "Stylesheet", "Font", "Image"} <= sizes.keys()
    rest = sum(size for kind, size in sizes.items() if kind not in {"Font", "Image"})
    assert rest <= WITHOUT_PICTURE_AND_FONT, sizes
    assert sizes["Font"] <= FONT, sizes
