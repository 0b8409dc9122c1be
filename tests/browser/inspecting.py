"""A public page, looked at in every width and colour scheme."""

from collections.abc import Sequence

from playwright.sync_api import Page

from tests.browser.conftest import Site
from tests.browser.watching import (
    DESK,
    NARROW,
    NOTHING,
    PHONE,
    SCHEMES,
    Complaints,
    chopped,
    findings,
    overflow,
    overlaps,
)


def inspect(page: Page, site: Site, path: str, status: int, *, cookies: Sequence[str] = ()) -> str:
    """Returns the HTML. `cookies`: the names of those that the page may have, for it belongs to a cart or to staff."""
    complaints = Complaints(page, site.url)
    response = page.goto(site.url + path)
    assert response is not None
    assert response.status == status
    html = response.text()
    wrong: dict[str, list[str]] = {}
    for width in (DESK, PHONE):
        page.set_viewport_size({"width": width, "height": 800})
        wrong[f"overflow at {width}"] = overflow(page)
        wrong[f"overlaps at {width}"] = overlaps(page)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            wrong[f"axe, {scheme}, {width}"] = findings(page)
    page.set_viewport_size({"width": NARROW, "height": 800})
    wrong[f"overflow at {NARROW}"] = overflow(page)
    wrong[f"chopped at {NARROW}"] = chopped(page)
    wrong = {name: found for name, found in wrong.items() if found}
    assert wrong == {}, wrong
    noticed = complaints.all()
    assert sorted(cookie["name"] for cookie in noticed.pop("cookies")) == sorted(cookies)
    assert noticed == {name: found for name, found in NOTHING.items() if name != "cookies"}
    return html
