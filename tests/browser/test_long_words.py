"""Words and addresses that are longer than a line: nothing scrolls sideways, nothing lies over something else."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from playwright.sync_api import BrowserContext, Page

from news.models import Attachment
from tests import production
from tests.browser.conftest import TICKET_KEY, Site
from tests.browser.login import sign_in
from tests.browser.watching import NARROW, PHONE, chopped, overflow, overlaps
from tests.factories import make_article, make_author, make_image, make_topic, make_user, publish
from tests.tickets.factories import make_event, make_order, make_product, make_quota, pay
from tickets.models import Order

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "https://www.example.org/verwaltung/digitalisierung/" + "abschnitt-ohne-leerzeichen_" * 6
WORD = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
MAILBOX = "christiane.wetterau@senatsverwaltung.berlin.de"
NAME = "Hildegard-Friederike Wirtschaftsförderungsgesellschaftsbeauftragte"
PRODUCT = "Wirtschaftsvertreterinnenbegleitveranstaltungsticket Donaudampfschifffahrtselektrizitätenhauptbetriebswerk"

BODY = f"""
<p>{WORD} {ADDRESS}</p><p><a href="{ADDRESS}">{ADDRESS}</a> <strong>{MAILBOX}</strong></p>
<h2>{WORD}</h2><ul><li>{ADDRESS}</li><li>{WORD}<ul><li>{WORD}</li></ul></li></ul><ol><li>{ADDRESS}</li></ol>
<blockquote><p>{WORD}</p><p>{ADDRESS}</p></blockquote><blockquote class="pull"><p>{WORD}</p><p>{NAME}</p></blockquote>
<h3>{WORD}</h3><table><thead><tr><th scope="col">{WORD}</th><th scope="col">Wirtschaft</th></tr></thead>
<tbody><tr><td>{ADDRESS}</td><td>Donaudampfschiff</td></tr></tbody></table>
<figure data-image="{{image}}"><figcaption>{ADDRESS}</figcaption></figure>
"""


def wrong_at(
    page: Page, widths: tuple[int, ...], *, also: Callable[[Page], list[str]] = chopped
) -> dict[int, list[str]]:
    found = {}
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        if noticed := overflow(page) + overlaps(page) + also(page):
            found[width] = noticed
    return found


def test_what_editors_write_breaks_where_the_page_ends(page: Page, site: Site, settings: LazySettings):
    settings.MEDIA_ROOT = str(site.media)
    topic = make_topic(WORD[:60], slug_de="lang", slug_en="lang")
    image = make_image(caption_de=ADDRESS, credit=f"Foto: {NAME}")
    author = make_author(name=NAME, role_de=WORD, role_en=WORD)
    words = {"lead_de": f"{WORD}: {ADDRESS}", "slug_de": "lang", "topics": [topic], "author": author}
    article = make_article(f"{WORD} und {NAME}", image=image, body_de=BODY.format(image=image.pk), **words)
    Attachment.objects.create(article=article, file="programm.pdf", title_de=ADDRESS[:200], size=48_000)
    other = make_article(WORD, body_de=f"<p>{ADDRESS} Beschluss {ADDRESS}</p>", slug_de="beschluss", topics=[topic])
    other.related.add(article)
    for each in (other, article):
        publish(each, "de")
    legal = make_article(
        WORD, kind="page", role="imprint", slug_de="impressum", lead_de=None, body_de=BODY.format(image=image.pk)
    )
    publish(legal, "de")

    wrong = {}
    for path in ("", "news/", "news/lang/", "news/beschluss/", "news/topics/lang/", f"news/authors/{author.slug}/", "impressum/",
                 "news/search/?q=Beschluss", f"news/search/?q={WORD}", "news/archive/", "newsletter/"):  # fmt: skip
        answer = page.goto(f"{site.url}/de/{path}")
        assert answer is not None
        assert answer.status == 200
        if found := wrong_at(page, (NARROW, PHONE, 1280)):
            wrong[path] = found
    assert wrong == {}


@pytest.fixture
def order(settings: LazySettings) -> Order:
    settings.TICKET_KEY, settings.LINK_KEY = TICKET_KEY, production.SETTINGS["LINK_KEY"]
    event = make_event(
        name_de=f"Kongress {WORD}", venue_de=WORD, address=ADDRESS[:150], seller_name=NAME, seller_email=MAILBOX
    )
    quota = make_quota(event, 30)
    product = make_product(event, quota, name_de=PRODUCT, description_de=ADDRESS, audience_de=WORD)
    short = make_product(event, quota, name_de="Wirtschaft")
    attendees = {f"{product.pk}-1": {"name": NAME}}
    typed = {"email": MAILBOX, "name": NAME, "company": WORD, "street": WORD, "city": WORD}
    return make_order(product, short, attendees=attendees, **typed)


def test_what_buyers_type_breaks_where_the_page_ends(
    real_passwords: None, page: Page, site: Site, new_context: Callable[[], BrowserContext], order: Order
):
    wrong = {}

    def look(name: str, *widths: int) -> None:
        if found := wrong_at(page, widths or (NARROW, 360, PHONE, 430, 1280)):
            wrong[name] = found

    page.goto(f"{site.url}/de/tickets/")
    look("shop")
    for field in page.locator("select").all():
        field.select_option("2")
    page.locator(".to-cart button").click()
    page.wait_for_url("**/checkout/")
    for name, value in {"name": NAME, "email": MAILBOX, "street": WORD, "postcode": "16225", "city": WORD}.items():
        page.locator(f"[name='{name}']").fill(value)
    for field in page.locator("[name$='-name']").all():
        field.fill(NAME)
    look("details")
    page.locator("form.details .button.primary").click()
    page.wait_for_url("**/summary/")
    look("summary")
    page.goto(f"{site.url}/de/tickets/cart/")
    look("cart")
    page.goto(f"{site.url}/de/tickets/orders/{order.code}/{order.secret}/")
    look("order")
    pay(order)
    page.reload()
    look("paid order")
    page.goto(f"{site.url}/de/tickets/t/{order.positions.first().page_secret}/")
    look("ticket")

    page = new_context().new_page()
    sign_in(page, site, make_user(is_superuser=True, language="de"))
    page.goto(f"{site.url}/admin/tickets/order/")
    look("list of orders", PHONE)
    for shown in (NAME.split()[0], "238,00", "bezahlt"):  # who, how much, how it stands: without scrolling in the list
        box = page.locator("#result_list tbody").get_by_text(shown).first.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= PHONE
    page.goto(f"{site.url}/admin/tickets/order/{order.pk}/change/")
    look("admin's order", NARROW, PHONE, 1040, 1280)
    assert wrong == {}
