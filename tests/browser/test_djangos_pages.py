"""The pages that Django brings – deleting, looking only, people, groups – in a real browser, in German."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group
from django.test import Client
from playwright.sync_api import Page, Request

from news.models import Redirect
from sccon.models import User
from tests.factories import make_article, make_image, make_topic, make_user, publish

pytestmark = pytest.mark.django_db(transaction=True)


def enter(page: Page, live_server: Any, user: User) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])


def faults(page: Page) -> list[str]:
    found = [violation["id"] for violation in Axe().run(page).response["violations"]]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("scrolls sideways")
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
