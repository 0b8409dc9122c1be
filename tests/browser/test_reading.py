"""Reading with less than most have: without JavaScript, without a mouse, on paper, on a slow line."""

import re
import threading

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Site
from tests.browser.watching import DESK, PHONE
from tests.provide import usual_font

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("content")]

ARTICLE = "/de/news/alles/"


@pytest.mark.browser_context_args(java_script_enabled=False, locale="de-DE")
def test_without_javascript_every_way_leads_where_it_says(page: Page, site: Site):
    page.goto(f"{site.url}/")
    expect(page).to_have_url(f"{site.url}/de/")
    page.locator(".lead-story a").click()
    expect(page).to_have_url(site.url + ARTICLE)
    page.get_by_role("navigation", name="Themen dieses Artikels").get_by_role("link", name="Open Data").click()
    expect(page).to_have_url(f"{site.url}/de/news/topics/open-data/")
    page.get_by_role("banner").get_by_role("link", name="English").click()
    expect(page).to_have_url(f"{site.url}/en/news/topics/open-data/")
    page.get_by_role("link", name="To the overview").click()
    expect(page).to_have_url(f"{site.url}/en/news/")
    page.get_by_role("link", name="Older news").click()
    expect(page).to_have_url(f"{site.url}/en/news/?page=2")
    page.get_by_role("banner").get_by_role("link", name="Deutsch").click()
    expect(page).to_have_url(re.compile(f"{site.url}/de/news/"))


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_javascript_a_list_is_narrowed(page: Page, site: Site):
    page.goto(f"{site.url}/de/news/")
    page.get_by_role("navigation", name="Filter").get_by_role("link", name="Open Data").click()
    expect(page).to_have_url(f"{site.url}/de/news/?topic=open-data")
    expect(page.get_by_role("main").get_by_role("article")).to_have_count(12)


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_javascript_there_is_no_dead_button(page: Page, site: Site):
    page.goto(site.url + ARTICLE)
    expect(page.locator("button:visible:not(form button)")).to_have_count(0)


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_skip_link_comes_first_and_skips(page: Page, site: Site, width: int):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site.url + ARTICLE)
    link = page.get_by_role("link", name="Zum Inhalt")
    expect(link).not_to_be_in_viewport()
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport(ratio=1)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Zur Übersicht")).to_be_focused()


# What the keyboard stands on, and whether one sees that it does. A story's link is outlined with the whole card.
FOCUSED = """() => {
    const element = document.activeElement, box = element.getBoundingClientRect();
    const outlined = [null, "::after"].some(part => {
        const style = getComputedStyle(element, part);
        return style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2 && style.content !== "none";
    });
    return [element.outerHTML.slice(0, 90), outlined && box.width > 0 && box.bottom > 0 && box.top < innerHeight];
}"""
# All one can press, and what scrolls inside itself and has a name.
PRESSABLE = """() => [...document.querySelectorAll("a[href], button, summary, input, select, [role=region][tabindex]")]
    .filter(element => element.tabIndex >= 0 && element.checkVisibility()).map(element => element.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize("path", ["/de/", "/de/news/", ARTICLE])
def test_the_keyboard_reaches_everything_in_order_and_one_sees_where_it_is(page: Page, site: Site, path: str):
    page.goto(site.url + path)
    everything = page.evaluate(PRESSABLE)
    reached, unseen = [], []
    for _ in everything:
        page.keyboard.press("Tab")
        element, seen = page.evaluate(FOCUSED)
        reached.append(element)
        if not seen:
            unseen.append(element)
    assert reached == everything
    assert unseen == []
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement === document.body")  # the last one was the last


def test_on_paper_the_article_stands_without_what_one_would_press(page: Page, site: Site):
    page.goto(site.url + ARTICLE)
    page.emulate_media(media="print")
    assert page.locator("nav :is(a, button, summary):visible").count() == 0
    for shown in ("h1", ".article-lead", ".byline", ".prose p >> nth=0", ".prose table", ".article-picture img"):
        expect(page.locator(shown)).to_be_visible()
    for hidden in (".skip-link", ".back", ".article-aside", ".related", "footer ul >> nth=0", "footer .tiles"):
        expect(page.locator(hidden)).to_be_hidden()


TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
SHIFTS = """
window.shift = 0;
new PerformanceObserver(list => { for (const entry of list.getEntries()) window.shift += entry.value; })
    .observe({type: "layout-shift", buffered: true});
"""


@pytest.mark.skipif(not usual_font(), reason="neither Arial nor Liberation Sans is installed")
@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize("path", ["/de/", "/de/news/", ARTICLE])
def test_nothing_moves_while_a_page_loads(page: Page, site: Site, path: str, width: int):
    held: list[Route] = []
    let_go = threading.Event()
    page.add_init_script(SHIFTS)
    page.set_viewport_size({"width": width, "height": 800})
    page.route(
        re.compile(r"/media/|\.woff2$"), lambda route: route.continue_() if let_go.is_set() else held.append(route)
    )
    page.goto(site.url + path, wait_until="domcontentloaded")
    page.evaluate(TWO_FRAMES)  # the text stands there; only now come font and picture
    assert [route.request.url for route in held if route.request.url.endswith(".woff2")]
    let_go.set()
    for route in held:
        route.continue_()
    picture = page.locator("main img:visible").first
    picture.scroll_into_view_if_needed()
    picture.evaluate("image => image.decode()")
    page.evaluate("document.fonts.ready.then(() => true)")
    page.evaluate(TWO_FRAMES)
    assert page.evaluate("window.shift") < 0.02
