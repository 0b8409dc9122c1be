import os, pathlib
import pytest
from playwright.sync_api import Page
from tests.browser.conftest import Site
from tests.browser.kinds import KINDS
from tests.browser.test_pages import broken_database
pytestmark = pytest.mark.django_db(transaction=True)
MORE = {"search": "/search/?q=Meldung", "search empty": "/search/", "search nothing": "/search/?q=xyzzyq", "archive": "/news/archive/", "archive year": "/news/archive/2025/"}

def test_shots(page: Page, site: Site, content: None):
    out = pathlib.Path("/tmp/shots") / os.environ["SHOTS"]
    out.mkdir(parents=True, exist_ok=True)
    from newsletter.models import Subscriber
    from news.models import Author
    more = dict(MORE)
    a = Author.objects.first()
    if a and a.slug: more["author"] = f"/news/authors/{a.slug}/"
    def shots(name, url):
        page.goto(url, wait_until="networkidle")
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                page.screenshot(path=out / f"{name.replace(' ', '-')}-{width}-{scheme}.png", full_page=True)
    for name, path in (KINDS | more).items():
        shots(name, f"{site.url}/de{path}")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    page.goto(f"{site.url}/de/")
    page.locator("#search-field").fill("mel")
    page.locator("[role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.screenshot(path=out / "suggest-1280.png")
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=out / "suggest-1280-dark.png")
    page.emulate_media(media="print", color_scheme="light")
    for n, p in (("home", "/"), ("article", "/news/alles/")):
        page.goto(f"{site.url}/de{p}", wait_until="networkidle"); page.screenshot(path=out / f"print-{n}.png", full_page=True)
    page.emulate_media(media="screen", forced_colors="active")
    for n, p in (("home", "/"), ("search", "/search/?q=Meldung")):
        page.goto(f"{site.url}/de{p}", wait_until="networkidle"); page.screenshot(path=out / f"forced-{n}.png", full_page=True)
    page.emulate_media(forced_colors="none")
    with broken_database():
        shots("500", f"{site.url}/de/news/?x=1")
    shots("400", f"{site.url.replace('127.0.0.1', 'localhost')}/de/")
