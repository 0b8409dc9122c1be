"""The search field: with the keyboard, with a screen reader's eyes, and without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.kinds import KINDS
from tests.browser.watching import DESK, NOTHING, PHONE, SCHEMES, Complaints, findings, overflow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("content")]


def field(page: Page):
    return page.locator("input[name=q]")


def test_suggestions_are_chosen_with_the_keyboard(page: Page, site: Site):
    complaints = Complaints(page, site.url)
    page.set_viewport_size({"width": DESK, "height": 800})
    page.goto(f"{site.url}/de/")
    box = field(page)
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("meldung 2")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert findings(page) == []
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    box.press("ArrowUp")
    expect(page.locator("[aria-selected=true]")).to_have_count(0)
    box.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box).to_have_value("meldung 2")
    box.press("ArrowDown")  # brings them back
    expect(options.first).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"/de/news/meldung-2\d?/$"))
    assert complaints.all() == NOTHING


def test_enter_searches_for_what_was_typed(page: Page, site: Site):
    page.set_viewport_size({"width": DESK, "height": 800})
    page.goto(f"{site.url}/de/news/")
    field(page).fill("überholt")
    field(page).press("Enter")
    expect(page).to_have_url(re.compile(r"/de/news/search/\?q=%C3%BCberholt$"))
    expect(page.get_by_role("heading", name="Treffer für „überholt“")).to_be_visible()
    expect(page.locator("mark").first).to_have_text("Überholt")


def test_a_suggestion_is_chosen_with_the_mouse(page: Page, site: Site):
    page.set_viewport_size({"width": DESK, "height": 800})
    page.goto(f"{site.url}/de/")
    field(page).press_sequentially("open")
    page.get_by_role("option", name="Open Data").click()
    expect(page).to_have_url(f"{site.url}/de/news/topics/open-data/")


TOPMOST = """option => {
  option.scrollIntoView({ block: "nearest", behavior: "instant" });
  const { left, top, width, height } = option.getBoundingClientRect();
  const hit = document.elementFromPoint(left + width / 2, top + height / 2);
  return option.contains(hit) ? "" : `${option.textContent} under ${hit?.outerHTML.slice(0, 80)}`;
}"""


def test_suggestions_lie_above_every_kind_of_page(page: Page, site: Site):
    page.set_viewport_size({"width": DESK, "height": 800})
    hidden = {}
    for kind, path in KINDS.items():
        page.goto(f"{site.url}/de{path}")
        field(page).press_sequentially("meldung")
        options = page.locator(".site-header [role=option]")  # the shop has others
        expect(options.nth(3)).to_be_visible()
        if under := [found for option in options.all() if (found := option.evaluate(TOPMOST))]:
            hidden[kind] = under
    assert hidden == {}


@pytest.mark.browser_context_args(java_script_enabled=False)
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_without_javascript_the_field_is_a_form(page: Page, site: Site, width: int):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{site.url}/de/")
    if width == PHONE:
        page.get_by_role("banner").get_by_role("link", name="Suche").click()
    field(page).fill("Bühne")
    page.get_by_role("search").get_by_role("button", name="Suche").click()
    expect(page).to_have_url(re.compile(r"/de/news/search/\?q=B%C3%BChne$"))


PAGES = [
    "/de/news/search/",
    "/en/news/search/?q=story",
    "/de/news/search/?q=meldung",
    "/de/news/search/?q=Quantenphysik",
    "/de/news/archive/",
    "/en/news/archive/2025/",
    "/de/news/archive/2025/10/",
    "author",
]


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_are_right(page: Page, site: Site, path: str):
    from news.models import Author

    path = f"/de/news/authors/{Author.objects.get().slug}/" if path == "author" else path
    complaints = Complaints(page, site.url)
    response = page.goto(site.url + path)
    assert response is not None
    assert response.status == 200
    wrong: dict[str, list[str]] = {}
    for width in (DESK, PHONE, 320):
        page.set_viewport_size({"width": width, "height": 800})
        wrong[f"overflow at {width}"] = overflow(page)
        for scheme in SCHEMES if width != 320 else ():
            page.emulate_media(color_scheme=scheme)
            wrong[f"axe, {scheme}, {width}"] = findings(page)
    assert {name: found for name, found in wrong.items() if found} == {}
    assert complaints.all() == NOTHING
