"""Every jump of the article's form leads to what can be seen and typed into, and what it says follows while writing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from news.models import Article
from tests.factories import make_article, make_image, make_topic, make_user, publish

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser_context_args(locale="de-DE")]

# Whether what has the focus is seen, stands in the window, and belongs to the field that the link is about.
REACHED = """id => {
    const now = document.activeElement, place = now.getBoundingClientRect();
    const row = document.getElementById(id).closest(".form-row, .moment, fieldset, .picture-field");
    const seen = place.width > 0 && place.height > 0 && place.top < innerHeight && place.bottom > 0;
    return now !== document.body && seen && (row === now || row.contains(now)) && !now.closest("details:not([open])");
}"""


@pytest.fixture
def opened(live_server: Any, new_context: Callable[..., BrowserContext]) -> Callable[[str], Page]:
    client = Client()
    client.force_login(make_user("publisher", language="de"))
    context = new_context()
    cookie = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])

    def page_at(path: str) -> Page:
        page = context.new_page()
        page.goto(f"{live_server.url}/admin/news/article/{path}")
        return page

    return page_at


def test_every_jump_reaches_its_field(opened: Callable[[str], Page]) -> None:
    make_topic()
    bare = make_image("stumm.png", alt_de=None, alt_en=None)
    empty = make_article("x" * 91, title_en=None, lead_de=None, body_de=None, body_en="<p></p>", topics=[])
    whole = make_article(
        "Ganz", image=bare, topics=[], lead_de=None, body_de='<h3>Klein</h3><p><a href="/x">hier</a></p>'
    )
    public = make_article("Öffentlich", lead_de="L" * 301, image=bare, image_alt_de="Bild")
    publish(public)
    wrong: dict[str, list[str]] = {}
    for article in (empty, whole, public):
        page = opened(f"{article.pk}/change/")
        links = page.locator('.rail a[href^="#id_"], .complete a[href^="#id_"]')
        assert links.count() >= 2
        targets = list(dict.fromkeys(links.evaluate_all("all => all.map(link => link.hash.slice(1))")))
        # Also what is folded together and what no check leads to today.
        targets += ["id_seo_title_de", "id_slug_de", "id_related", "id_author", "id_kind", "id_image_position"]
        for target in targets:
            page.evaluate("document.activeElement.blur()")
            page.evaluate(
                "id => document.body.append(Object.assign(document.createElement('a'), {href: `#${id}`, id: 'probe'}))",
                target,
            )
            page.evaluate("() => { const probe = document.getElementById('probe'); probe.click(); probe.remove(); }")
            if not page.evaluate(REACHED, target):
                wrong.setdefault(target, []).append(str(article))
        page.close()
    page = opened(f"{empty.pk}/change/#id_body_de")
    page.wait_for_function(REACHED, arg="id_body_de")
    assert wrong == {}


def test_what_is_said_follows_while_writing(opened: Callable[[str], Page]) -> None:
    for name in ("Eins", "Zwei", "Drei", "Vier"):
        make_topic(name)
    page = opened("add/")
    german = page.locator(".lang-de .complete")
    expect(german).to_contain_text("0 von 7")
    page.locator("#id_title_de").fill("T" * 91)
    expect(german).to_contain_text("2 von 7")
    expect(page.locator(".rail .check.hint").first).to_contain_text("90 Zeichen")
    expect(page.locator("#id_slug_de")).to_have_attribute("placeholder", "t" * 91)
    expect(page.locator(".rail")).to_contain_text("Es ist kein Thema gewählt.")
    boxes = page.locator("[data-ordered-topics] input[type=checkbox]")
    for number in range(3):
        boxes.nth(number).check()
    expect(boxes.nth(3)).to_be_disabled()
    expect(page.locator("[data-part=full]")).to_be_visible()
    expect(page.locator(".rail")).not_to_contain_text("Es ist kein Thema gewählt.")
    boxes.nth(1).uncheck()
    expect(boxes.nth(3)).to_be_enabled()
    page.locator("#id_title_de").fill("Kurz & gut")
    expect(page.locator(".rail")).not_to_contain_text("90 Zeichen")
    with page.expect_navigation():
        page.locator("[data-save]").click()
    # Saved once, the address goes on following.
    page.locator("#id_title_de").fill("Länger")
    expect(page.locator("#id_slug_de")).to_have_value("laenger")
    page.locator("#id_slug_de").fill("eigene")
    page.locator("#id_title_de").fill("Noch länger")
    expect(page.locator("#id_slug_de")).to_have_value("eigene")
    assert Article.objects.get().title_de == "Kurz & gut"
