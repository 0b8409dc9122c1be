"""From the empty form to the reader: an editor writes, a publisher publishes, a visitor reads, in real browsers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils.html import escape
from playwright.sync_api import BrowserContext, Page, expect

from news.models import Article, Publication
from tests.browser.conftest import Site
from tests.browser.login import sign_in
from tests.browser.watching import NOTHING, SCHEMES, Complaints, breaches, findings
from tests.factories import make_article, make_image, make_topic, make_user, picture_bytes, publish

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser_context_args(locale="de-DE")]

TITLE = "Auftakt der „D16“: Länder stimmen ihre Digitalpolitik ab"
LEAD = "Auf der Smart Country Convention haben die Digitalministerinnen und -minister der Länder getagt – erstmals vor Publikum."
PARAGRAPHS = [
    "Die für Digitalisierung zuständigen Ministerinnen und Minister der sechzehn Länder haben sich am ersten Messetag in "
    "Berlin getroffen. „Wir wollen, dass ein Antrag überall gleich einfach ist“, sagte der Vorsitzende zum Auftakt. Das "
    "Treffen dauerte vier Stunden; Gäste konnten die Beratung auf der Bühne in Halle 25 verfolgen.",
    "Im Mittelpunkt stand die Frage, wer gemeinsame Dienste betreibt und bezahlt. „Ein Dienst, der in einem Land läuft, "
    "muss in fünfzehn weiteren laufen können“, heißt es im Beschluss. Dafür sollen Schnittstellen bis zum 30. Juni 2026 "
    "offengelegt werden – auch die, die heute niemand kennt.",
    "Für die Kommunen bedeutet das weniger eigene Beschaffung. Nach Angaben der Geschäftsstelle entfallen 60 % der Kosten "
    "auf Pflege und Betrieb; nur ein kleiner Teil fließt in Neues. „Wir haben zu oft zweimal gekauft, was einmal gereicht "
    "hätte“, räumte eine Teilnehmerin ein.",
    "Kritik kam aus den Städten: Sie würden zu spät gefragt. Der Beschluss sieht deshalb vor, dass je drei Vertreterinnen "
    "und Vertreter der kommunalen Spitzenverbände künftig mitberaten. Ob sie auch abstimmen dürfen, bleibt offen; darüber "
    "entscheidet die nächste Sitzung.",
    "Auch über künstliche Intelligenz wurde gesprochen. Ein Register soll zeigen, welche Behörde welches Verfahren nutzt, "
    "wofür & mit welchen Daten. „Wer ein System einsetzt, muss es erklären können“, so der gemeinsame Satz, auf den sich "
    "alle einigten. Er steht nun in Artikel 3 <neu>.",
    "Das nächste Treffen ist für das Frühjahr geplant. Bis dahin legt eine Arbeitsgruppe einen Zeitplan vor, und die Länder "
    "melden, was sie schon teilen. Die Ergebnisse werden öffentlich sein, sagte der Vorsitzende: „Was wir beschließen, kann "
    "jede und jeder nachlesen.“",
]
ABOUT_TITLE = "Über die D16"
ABOUT = (
    "Die D16 ist die Konferenz der Ministerinnen und Minister, die in den Ländern für Digitales zuständig sind. Sie tagt "
    "zweimal im Jahr; den Vorsitz hat jeweils ein Land."
)
ALT = "Sechzehn Stühle im Halbkreis auf einer „leeren“ Bühne"

SHOWN = """() => [...document.querySelectorAll("main h1, main .article-lead, .prose > *, .article-picture img")].map(
    e => [e.localName, e.localName === "img" ? e.alt : e.textContent])"""
JOINTS = str.maketrans({"\u00ad": None, "\u200b": None, "\u00a0": " "})  # where a headline may break: seen by no one


def write(page: Page) -> None:
    """The whole article in the form, as one types it."""
    page.locator("#id_title_de").fill(TITLE)
    page.locator("#id_lead_de").fill(LEAD)
    page.get_by_role("region", name="Deutsch").get_by_role("textbox", name="Text Deutsch", exact=True).click()
    for paragraph in PARAGRAPHS:
        page.keyboard.type(paragraph)
        page.keyboard.press("Enter")
    heading = page.get_by_role("toolbar").first.get_by_role("button", name="Überschrift", exact=True)
    heading.click()
    page.keyboard.type(ABOUT_TITLE)
    page.keyboard.press("Enter")
    page.keyboard.type(ABOUT)
    page.get_by_role("button", name="Bild auswählen").click()
    library = page.get_by_role("dialog", name="Bildarchiv")
    library.get_by_text("Bild hochladen").click()
    picture = {"name": "buehne.png", "mimeType": "image/png", "buffer": picture_bytes(1200, 800)}
    library.get_by_label("Datei").set_input_files(picture)
    library.get_by_label("Alternativtext, deutsch").fill(ALT)
    library.get_by_role("button", name="Hochladen und verwenden").click()
    expect(page.get_by_role("img", name=ALT)).to_be_visible()
    page.locator("#id_image_position").select_option("after")
    page.get_by_label("Open Data", exact=True).check()


EXPECTED = [
    ["h1", TITLE],
    ["p", LEAD],
    *(["p", paragraph] for paragraph in PARAGRAPHS),
    ["h2", ABOUT_TITLE],
    ["p", ABOUT],
    ["img", ALT],
]


def shown(page: Page) -> list[list[str]]:
    """Title, lead, text and picture of an article's page, in the order of the page."""
    return [[name, text.translate(JOINTS)] for name, text in page.evaluate(SHOWN)]


def test_what_an_editor_writes_is_what_a_visitor_reads(
    real_passwords: None, page: Page, site: Site, new_context: Callable[..., BrowserContext]
):
    make_topic("Open Data")
    editor, publisher = make_user("editor", language="de"), make_user("publisher", language="de")

    # The editor writes, looks, and saves.
    complaints = Complaints(page, site.url)
    sign_in(page, site, editor)
    page.goto(f"{site.url}/admin/news/article/add/")
    write(page)
    with page.context.expect_page() as opened:
        page.locator(".preview").get_by_role("button", name="Deutsch").click()
    expect(opened.value.locator("h1")).to_be_visible()
    assert shown(opened.value) == EXPECTED
    assert opened.value.locator("meta[name=robots]").get_attribute("content") == "noindex"
    assert Article.objects.count() == 0
    page.locator("[data-save]").click()
    expect(page.get_by_text("Gespeichert als Fassung 1.")).to_be_visible()
    article = Article.objects.get()
    assert article.body_de == (
        "".join(f"<p>{escape(paragraph)}</p>" for paragraph in PARAGRAPHS) + f"<h2>{ABOUT_TITLE}</h2><p>{ABOUT}</p>"
    )
    button = page.get_by_role("button", name="Veröffentlichen …")
    expect(button).to_be_disabled()
    expect(button).to_have_accessible_description(
        "Veröffentlichen darf nur die Chefredaktion. Geben Sie ihr den Text zur Prüfung."
    )
    assert breaches(complaints) == NOTHING
    assert Publication.objects.count() == 0

    # A publisher, elsewhere, lets it out.
    desk = new_context().new_page()
    complaints = Complaints(desk, site.url)
    sign_in(desk, site, publisher)
    desk.goto(f"{site.url}/admin/news/article/")
    desk.get_by_role("link", name=TITLE).first.click()
    desk.get_by_role("button", name="Veröffentlichen …").click()
    desk.get_by_role("button", name="Jetzt veröffentlichen").click()
    expect(desk.get_by_text("Deutsch: jetzt öffentlich.")).to_be_visible()
    assert breaches(complaints) == NOTHING
    assert Publication.objects.get().published_by == publisher

    # The visitor finds it wherever news stands, and reads it.
    visitor = new_context().new_page()
    complaints = Complaints(visitor, site.url)
    for path in ("/de/news/topics/open-data/", "/de/news/", "/de/"):
        visitor.goto(site.url + path)
        links = visitor.locator("main h2 a, main h3 a").all_text_contents()
        assert [link.translate(JOINTS) for link in links] == [TITLE]
        assert complaints.all() == NOTHING
    visitor.locator("main h2 a").click()
    assert visitor.url == f"{site.url}/de/news/auftakt-der-d16-laender-stimmen-ihre-digitalpolitik-ab/"
    assert shown(visitor) == EXPECTED
    visitor.locator(".article-picture img").scroll_into_view_if_needed()
    visitor.locator(".article-picture img").evaluate("image => image.decode()")
    assert complaints.all() == NOTHING
    assert visitor.goto(site.url + "/en/news/") and visitor.locator("main article").count() == 0


def test_every_page_of_the_admin_that_a_newsroom_uses_is_right(
    real_passwords: None, page: Page, site: Site, settings: Any
):
    settings.MEDIA_ROOT = str(site.media)
    image = make_image(width=1200, height=800)
    public = make_article("Öffentlich", image=image)
    publish(public, "de")
    draft = make_article("Entwurf", lead_de=None, title_en=None)
    complaints = Complaints(page, site.url)
    wrong: dict[str, Any] = {}

    def look(path: str) -> None:
        page.goto(site.url + path)
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            if found := findings(page):
                wrong[f"{path}, {scheme}"] = found
        if (said := breaches(complaints)) != NOTHING:
            wrong[f"{path}, browser"] = said

    look("/admin/login/")
    sign_in(page, site, make_user("publisher", language="de"))
    look("/admin/")
    look("/admin/news/article/")
    look("/admin/news/article/add/")
    look(f"/admin/news/article/{public.pk}/change/")
    look(f"/admin/news/article/{public.pk}/publish/")
    look(f"/admin/news/article/{public.pk}/withdraw/")
    look(f"/admin/news/article/{draft.pk}/publish/")
    look("/admin/news/image/")
    look("/admin/news/image/add/")
    look(f"/admin/news/image/{image.pk}/change/")
    assert wrong == {}
