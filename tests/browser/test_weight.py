"""What an article's page weighs on its way to a visitor who comes for the first time."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, Request

from tests.browser.conftest import Site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("content")]

PAGE, FONT = 45_000, 45_000  # bytes
HASHED = re.compile(r"/static/.+\.[0-9a-f]{12}\.\w+$")


@dataclass(frozen=True)
class Transfer:
    url: str
    bytes: int
    headers: dict[str, str]


def transfers(page: Page, url: str) -> list[Transfer]:
    """Everything that a browser with nothing in its cache fetches for the page at `url`, as it came over the line."""
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))
    page.goto(url, wait_until="networkidle")
    page.evaluate("document.fonts.ready.then(() => true)")
    found = []
    for request in finished:
        response, sizes = request.response(), request.sizes()
        assert response is not None
        assert response.status == 200
        size = sizes["responseBodySize"] + sizes["responseHeadersSize"]
        found.append(Transfer(request.url, size, response.all_headers()))
    return found


def test_an_article_is_light_and_its_files_are_kept(page: Page, site: Site):
    fetched = transfers(page, f"{site.url}/de/news/alles/")
    picture = page.locator(".article-picture img").evaluate("e => e.currentSrc")
    fonts = [each for each in fetched if each.url.endswith(".woff2")]
    static = [each for each in fetched if each.url.startswith(f"{site.url}/static/")]
    page_itself = [each for each in fetched if each not in fonts and each.url != picture]

    assert picture in [each.url for each in fetched]
    assert len(fonts) == 1  # once: what is preloaded is what the styles ask for
    assert fonts[0].bytes <= FONT
    assert sum(each.bytes for each in page_itself) <= PAGE, [(each.url, each.bytes) for each in page_itself]
    assert [each.url for each in static if not HASHED.search(each.url)] == []
    forever = "max-age=315360000, public, immutable"
    assert [each.url for each in static if each.headers["cache-control"] != forever] == []
    texts = [each for each in static if each.url.endswith((".css", ".js"))]
    assert {each.headers.get("content-encoding") for each in texts} == {"br"}
