"""A picture of people: the first click sets the focal point there, and the article shows it whole, as its preview does."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page

from news.models import Article
from news.publishing.publications import publish
from tests.factories import make_article, make_image, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser_context_args(locale="de-DE")]

SHAPE = "img => { const box = img.getBoundingClientRect(); return box.height / box.width; }"


@pytest.fixture
def opened(
    live_server: Any, new_context: Callable[..., BrowserContext], settings: Any, tmp_path: Any
) -> Callable[[str], Page]:
    settings.MEDIA_ROOT = str(tmp_path)
    client = Client()
    client.force_login(make_user("publisher", language="de"))
    context = new_context(viewport={"width": 1280, "height": 700})
    cookie = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page = context.new_page()

    def page_at(path: str) -> Page:
        page.goto(f"{live_server.url}{path}")
        return page

    return page_at


def test_the_first_click_sets_the_focal_point_where_it_is(opened: Callable[[str], Page]) -> None:
    image = make_image("hoch.png", width=900, height=1200)
    page = opened(f"/admin/news/image/{image.pk}/change/")
    box = page.locator("[data-focal] figure > svg:not([data-crop])").first.bounding_box()
    assert box
    y = max(box["y"] + 0.3 * box["height"], 20)
    page.mouse.click(box["x"] + 0.6 * box["width"], y)
    typed = [page.locator(f"#id_focal_{axis}").input_value() for axis in ("x", "y")]
    assert ["," in value for value in typed] == [True, True]
    found = [float(value.replace(",", ".")) for value in typed]
    assert found == pytest.approx([0.6, (y - box["y"]) / box["height"]], abs=0.01)
    page.locator("#id_focal_x").fill("0,25")
    assert page.locator("[data-focal] .cross").get_attribute("transform").startswith("translate(225 ")
    page.get_by_role("button", name="Speichern", exact=True).click()
    page.wait_for_url("**/admin/news/image/")
    image.refresh_from_db()
    assert (image.focal_x, image.focal_y) == (0.25, pytest.approx(found[1]))


def test_the_article_shows_the_whole_picture_whatever_the_window(opened: Callable[[str], Page]) -> None:
    for width, height in ((900, 1200), (800, 3200), (1200, 800)):
        article = make_article("Bild", image=make_image("bild.png", width=width, height=height))
        (row,) = publish(article, ["de"], by=None)
        page = opened(row.url)
        for window in ({"width": 1280, "height": 500}, {"width": 1280, "height": 1400}, {"width": 390, "height": 844}):
            page.set_viewport_size(window)
            assert page.locator(".article-picture img").evaluate(SHAPE) == pytest.approx(height / width, rel=0.01)
    page.set_viewport_size({"width": 1280, "height": 700})
    article = Article.objects.get(image__height=1200)
    page = opened(f"/admin/news/article/{article.pk}/change/")
    page.locator("[data-preview-open]").first.click()
    frame = page.frame_locator("#preview-panel iframe").first
    assert frame.locator(".article-picture img").evaluate(SHAPE) == pytest.approx(4 / 3, rel=0.01)
