"""Browsers of 2022 and 2023: the same pages with styles that lack what those cannot read."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route

from tests.browser.conftest import Site
from tests.browser.kinds import KINDS
from tests.browser.watching import PHONE, findings, overflow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("content")]


def without_light_dark(css: str) -> str:
    """Chrome 112 to 122, Firefox 117 to 119, Safari 16.5 to 17.4."""
    return css.replace("light-dark(", "not-known(")


def without_nesting(css: str) -> str:
    """Chrome 106, Safari 16.4: no rule inside another rule, and no oklch() either."""
    css = re.sub(r"/\*.*?\*/", "", without_light_dark(css), flags=re.DOTALL).replace("oklch(", "not-known(")
    kept, depths, skipping = (
        [],
        [],
        0,
    )  # whether each open block is that of a rule; how many of the open ones are left out
    for part in re.split(r"(?<=[{};])", css):
        head = part.strip()
        rule = head.endswith("{") and not head.startswith(("@media", "@layer", "@supports", "@keyframes"))
        if head.endswith("{"):
            if skipping or (True in depths):
                skipping += 1
            else:
                depths.append(rule)
                kept.append(part)
        elif head.endswith("}"):
            if skipping:
                skipping -= 1
            else:
                depths.pop()
                kept.append(part)
        elif not skipping:
            kept.append(part)
    return "".join(kept)


FIELDS = """() => [...document.querySelectorAll("input:not([type=hidden]):not([type=checkbox]), select, textarea")]
    .filter(field => field.checkVisibility() && !field.closest(".trap"))
    .filter(field => {
        const {borderTopWidth, borderTopColor, borderTopStyle} = getComputedStyle(field);
        let ground = field.parentElement;
        while (ground && getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
        return parseFloat(borderTopWidth) < 1 || borderTopStyle === "none"
            || borderTopColor === getComputedStyle(ground ?? document.body).backgroundColor;
    }).map(field => field.outerHTML.slice(0, 80))"""


@pytest.mark.browser_context_args(color_scheme="dark")  # none of them is half dark, either
@pytest.mark.parametrize("older", [without_light_dark, without_nesting])
def test_every_kind_of_page_is_readable(page: Page, site: Site, older: Callable[[str], str]):
    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=older(response.text()))

    page.route(re.compile(r"\.css$"), answer)
    page.set_viewport_size({"width": PHONE, "height": 800})
    wrong = {}
    for kind in ("home", "overview", "article with everything", "newsletter", "shop", "page not found"):
        page.goto(f"{site.url}/de{KINDS[kind]}")
        contrast = [found for found in findings(page) if found.startswith("color-contrast")]
        if noticed := contrast + overflow(page) + page.evaluate(FIELDS):
            wrong[kind] = noticed
    assert wrong == {}
