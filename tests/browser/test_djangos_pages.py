"""The pages that Django brings – deleting, looking only, people, groups – in a real browser, in German."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group
from django.test import Client
from playwright.sync_api import Page, Request

from news.models import Redirect
from news.writing import drafting
from sccon.models import User
from tests.factories import make_article, make_image, make_topic, make_user, publish

pytestmark = pytest.mark.django_db(transaction=True)


# A line parts two things; over the first of a panel it makes an empty panel of what is above.
LINE_OVER_FIRST = """[...document.querySelectorAll('.module > .submit-row:first-child')].some(row =>
  parseFloat(getComputedStyle(row).borderTopWidth) || parseFloat(getComputedStyle(row).marginTop))"""


def enter(page: Page, live_server: Any, user: User) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])


def faults(page: Page) -> list[str]:
    found = [violation["id"] for violation in Axe().run(page).response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("scrolls sideways")
    if page.evaluate(LINE_OVER_FIRST):
        found.append("a line above the first thing of a panel")
    return found


def test_they_can_be_read_in_both_schemes_and_load_the_font_once(page: Page, live_server: Any) -> None:
    topic, image = make_topic(), make_image()
    public = make_article(topics=[topic], image=image)
    publish(public)
    draft, group = make_article("Ein Entwurf"), Group.objects.get(name="editor")
    Redirect.objects.create(old_path="/alt", article=public, language="de")
    addresses = [
        f"news/article/{draft.pk}/delete/",
        f"news/topic/{topic.pk}/delete/",
        "news/image/add/",
        "sccon/user/add/",
        "sccon/user/",
        f"auth/group/{group.pk}/change/",
    ]
    fonts: list[str] = []

    def count(request: Request) -> None:
        if ".woff2" in request.url:
            fonts.append(request.url)

    page.on("request", count)
    wrong: dict[str, list[str]] = {}
    chief, editor = make_user(is_superuser=True, language="de"), make_user("editor", language="de")
    for user, paths in (
        (chief, addresses),
        (editor, [f"news/image/{image.pk}/change/", f"news/topic/{topic.pk}/change/"]),
    ):
        enter(page, live_server, user)
        for path in paths:
            for width, scheme in ((1280, "light"), (390, "dark")):
                fonts.clear()
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                page.goto(f"{live_server.url}/admin/{path}", wait_until="networkidle")
                if found := faults(page):
                    wrong[f"{path} {scheme}"] = found
                preloaded = page.locator("link[rel=preload][as=font]").evaluate_all(
                    "links => links.map(link => link.href)"
                )
                assert sorted(set(fonts)) == sorted(fonts), f"{path}: a font is loaded twice"
                assert set(preloaded) <= set(fonts), f"{path}: the preloaded font is another than the used one"
                assert len([url for url in fonts if "italic" not in url]) == 1, path
    assert wrong == {}


# How far the words of a button stand from its middle.
OFF_CENTRE = """button => {
    const words = document.createRange();
    words.selectNodeContents(button);
    const [a, b] = [words, button].map(each => each.getBoundingClientRect());
    return [a.left + a.right - b.left - b.right, a.top + a.bottom - b.top - b.bottom].map(Math.abs);
}"""
# Words that are broken in themselves: in more lines than there are words.
CHOPPED = """elements => elements.filter(element => {
    const words = document.createRange();
    words.selectNodeContents(element);
    const lines = new Set([...words.getClientRects()].map(({top}) => Math.round(top))).size;
    return lines > element.textContent.trim().split(/\\s+/).length;
}).map(element => element.textContent)"""


def test_words_stand_in_the_middle_of_buttons_and_beside_their_boxes(page: Page, live_server: Any) -> None:
    enter(page, live_server, make_user(is_superuser=True, language="de"))
    public = make_article()
    drafting.save(public, version=0, by=None)
    publish(public)
    base = f"{live_server.url}/admin"
    paths = [f"news/image/{make_image().pk}", f"news/topic/{make_topic('KI').pk}", f"sccon/user/{make_user().pk}"]
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for path in paths:
            page.goto(f"{base}/{path}/change/")
            assert max(page.locator(".deletelink").evaluate(OFF_CENTRE)) < 3, (path, width)
    for path in (f"news/article/{public.pk}/take-down/", "sccon/user/add/"):
        page.goto(f"{base}/{path}")
        beside = """boxes => boxes.filter(box => {
            const text = document.createRange();
            text.setStart(box.nextSibling, 0);
            text.setEndAfter(box.parentElement.lastChild);
            return text.getBoundingClientRect().left < box.getBoundingClientRect().right;
        }).length"""
        boxes = page.locator(".plain label > input[type=checkbox]")
        assert (boxes.count() > 1, boxes.evaluate_all(beside)) == (True, 0), path
    page.goto(f"{base}/news/article/{public.pk}/history/?old=1&new=1")
    assert page.locator(".segments a").evaluate_all(CHOPPED) == []


def test_a_delete_page_leads_back_and_deletes(page: Page, live_server: Any) -> None:
    enter(page, live_server, make_user(is_superuser=True, language="de"))
    draft = make_article("Ein Entwurf")
    page.goto(f"{live_server.url}/admin/news/article/{draft.pk}/delete/")
    delete, back = (
        page.get_by_role("button", name="Endgültig löschen"),
        page.get_by_role("link", name="Zurück", exact=True),
    )
    boxes = [each.bounding_box() for each in (delete, back)]
    assert all(box and box["height"] >= 44 for box in boxes)
    assert boxes[0]["y"] == boxes[1]["y"], "both in one row"  # type: ignore[index]
    back.click()
    assert page.url.endswith(f"/admin/news/article/{draft.pk}/change/")
    page.goto(f"{live_server.url}/admin/news/article/{draft.pk}/delete/")
    delete.click()
    page.wait_for_url("**/admin/news/article/")
    assert not type(draft).objects.filter(pk=draft.pk).exists()
