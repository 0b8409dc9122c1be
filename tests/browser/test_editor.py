"""The rich text editor and the picture library, driven in a real browser under the site's own policy."""

from io import BytesIO
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from news.models import Article, Image
from news.pictures.library import create_image
from sccon.models import User
from tests.browser.rich_text import put_caret
from tests.news.pictures.test_attachments import TITLES

pytestmark = pytest.mark.django_db(transaction=True)

PASTE = Path(__file__).parent.parent / "fixtures" / "paste"


def picture_file(name: str = "bild.png", colour: str = "navy") -> SimpleUploadedFile:
    file = BytesIO()
    PIL.Image.new("RGB", (60, 40), colour).save(file, "PNG")
    return SimpleUploadedFile(name, file.getvalue(), "image/png")


@pytest.fixture
def violations() -> list[str]:
    """What the browser complained of: breaches of the policy, errors of scripts, files that are missing."""
    return []


def complaint(message: ConsoleMessage, violations: list[str]) -> None:
    if message.type == "error" and not message.location["url"].endswith("/favicon.ico"):
        violations.append(message.text)


@pytest.fixture
def editor_page(page: Page, live_server: Any, client: Any, violations: list[str]) -> Page:
    """A new article, opened by someone who may do everything, in a German admin."""
    user = User.objects.create_superuser("mia", "mia@example.org", "x", language="de")
    client.force_login(user)
    cookie = client.cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
    page.on("console", lambda message: complaint(message, violations))
    page.on("pageerror", lambda error: violations.append(str(error)))
    page.goto(f"{live_server.url}/admin/news/article/add/")
    page.locator("#id_title_de").fill("Titel")
    return page


def box(page: Page, language: str = "Deutsch") -> Locator:
    return page.get_by_role("region", name=language).get_by_role("textbox", name=f"Text {language}", exact=True)


def tool(page: Page, name: str) -> Locator:
    return page.get_by_role("toolbar").first.get_by_role("button", name=name, exact=True)


def save(page: Page) -> Article:
    page.locator("[data-save]").click()
    expect(page.locator(".messagelist")).to_be_visible()
    return Article.objects.get()


def paste(target: Locator, html: str) -> None:
    target.click()
    target.evaluate(
        """(element, html) => {
            const data = new DataTransfer();
            data.setData("text/html", html);
            data.setData("text/plain", "plain");
            element.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        html,
    )


@pytest.mark.parametrize("program", ["word", "outlook", "google-docs"])
def test_what_is_pasted_is_stored_clean(editor_page, violations, program):
    paste(box(editor_page), (PASTE / f"{program}.html").read_text())

    assert save(editor_page).body_de == (PASTE / f"{program}.expected.html").read_text().replace("\n", "")
    assert violations == []


def test_what_is_typed_is_stored_letter_for_letter(editor_page, violations):
    lines = [
        "„Wir sind bereit“, sagte sie – und ‚er‘ auch … 10\u00a0% »so« \"so\" 'so'",
        "- kein Punkt",
        "## keine",
        "> kein Zitat **x** --",
    ]
    box(editor_page).click()
    for line in lines:
        editor_page.keyboard.type(line)
        editor_page.keyboard.press("Enter")

    stored = save(editor_page).body_de
    assert stored == (
        "<p>„Wir sind bereit“, sagte sie – und ‚er‘ auch … 10&nbsp;% »so« \"so\" 'so'</p>"
        "<p>- kein Punkt</p><p>## keine</p><p>&gt; kein Zitat **x** --</p>"
    )
    assert violations == []


def test_the_toolbar_sets_every_kind_of_text(editor_page, violations):
    keys = editor_page.keyboard
    box(editor_page).click()
    for name, text in [("Überschrift", "Eins"), ("Zwischenüberschrift", "Zwei")]:
        tool(editor_page, name).click()
        expect(tool(editor_page, name)).to_have_attribute("aria-pressed", "true")
        keys.type(text)
        keys.press("Enter")
    tool(editor_page, "Fett").click()
    keys.type("fett")
    tool(editor_page, "Fett").click()
    tool(editor_page, "Kursiv").click()
    keys.type("kursiv")
    tool(editor_page, "Kursiv").click()
    keys.press("Enter")
    for name in ["Aufzählung", "Nummerierte Liste", "Zitat", "Hervorgehobenes Zitat"]:
        tool(editor_page, name).click()
        keys.type(name)
        keys.press("Enter")
        keys.press("Enter")
    tool(editor_page, "Tabelle").click()
    for word in ["Land", "Jahr", "Köln", "2025", "weg"]:
        keys.type(word)
        keys.press("Tab")
    tool(editor_page, "Zeile löschen").click()

    assert save(editor_page).body_de == (
        "<h2>Eins</h2><h3>Zwei</h3><p><strong>fett</strong><em>kursiv</em></p><ul><li>Aufzählung</li></ul>"
        "<ol><li>Nummerierte Liste</li></ol><blockquote><p>Zitat</p></blockquote>"
        '<blockquote class="pull"><p>Hervorgehobenes Zitat</p></blockquote>'
        '<table><thead><tr><th scope="col">Land</th><th scope="col">Jahr</th></tr></thead>'
        "<tbody><tr><td>Köln</td><td>2025</td></tr></tbody></table>"
    )
    assert violations == []


def test_undo_and_redo(editor_page):
    expect(tool(editor_page, "Rückgängig")).to_have_attribute("aria-disabled", "true")
    box(editor_page).click()
    editor_page.keyboard.type("Wort")
    tool(editor_page, "Rückgängig").click()
    expect(box(editor_page)).to_have_text("")
    tool(editor_page, "Wiederholen").click()
    expect(box(editor_page)).to_have_text("Wort")


def test_a_link_is_set_changed_and_removed_in_its_dialog(editor_page, violations):
    box(editor_page).click()
    tool(editor_page, "Link").click()
    dialog = editor_page.get_by_role("dialog", name="Link")
    dialog.get_by_label("Text").fill("Zur Messe")
    dialog.get_by_label("Adresse").fill("javascript:alert(1)")
    dialog.get_by_role("button", name="Übernehmen").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("Adresse").fill("www.example.org/messe")
    editor_page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(box(editor_page).get_by_role("link", name="Zur Messe")).to_have_attribute(
        "href", "https://www.example.org/messe"
    )

    expect(box(editor_page)).to_be_focused()
    editor_page.keyboard.press("ArrowLeft")
    expect(tool(editor_page, "Link")).to_have_attribute("aria-pressed", "true")
    editor_page.keyboard.press("Control+k")
    expect(dialog.get_by_label("Adresse")).to_have_value("https://www.example.org/messe")
    dialog.get_by_label("Adresse").fill("presse@example.org")
    editor_page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()

    assert save(editor_page).body_de == '<p><a href="mailto:presse@example.org">Zur Messe</a></p>'
    assert violations == []


def test_a_picture_comes_from_the_library_with_its_words(editor_page, violations):
    create_image(picture_file("anders.png", "red"), by=None)
    image = create_image(picture_file(), by=None, alt_de="Ein blaues Feld", caption_de="Blau", credit="M. Muster")
    box(editor_page).click()
    editor_page.keyboard.type("Davor")
    tool(editor_page, "Bild").click()
    dialog = editor_page.get_by_role("dialog", name="Bildarchiv")
    dialog.get_by_role("searchbox").fill("muster")
    expect(dialog.get_by_role("status")).to_have_text("1 Bild")
    dialog.get_by_role("button", name="Ein blaues Feld").click()
    alt = box(editor_page).get_by_label("Alternativtext")
    expect(alt).to_have_value("Ein blaues Feld")
    alt.fill('Ein "blaues" Feld & mehr')
    put_caret(editor_page.get_by_text("Blau", exact=True), "End")
    editor_page.keyboard.type(" und schön")
    editor_page.keyboard.press("Enter")
    editor_page.keyboard.type("Danach")
    editor_page.locator(".rich-text-picture img").evaluate("image => image.decode()")

    assert save(editor_page).body_de == (
        f'<p>Davor</p><figure data-image="{image.pk}" data-alt="Ein &quot;blaues&quot; Feld &amp; mehr">'
        "<figcaption>Blau und schön</figcaption></figure><p>Danach</p>"
    )
    assert violations == []


def test_a_video_is_a_picture_with_the_address_it_leads_to(editor_page, live_server, violations):
    image = create_image(picture_file(), by=None, alt_de="Ein Saal")
    tool(editor_page, "Video").click()
    library = editor_page.get_by_role("dialog", name="Bild für das Video", exact=True)
    library.get_by_role("button", name="Ein Saal").click()
    address = box(editor_page).get_by_label("Adresse des Videos")
    refused = editor_page.get_by_text("Das ist keine Adresse eines Videos")
    address.fill("https://video.example.net/1")
    expect(refused.first).to_be_visible()
    address.fill("https://vimeo.com/123")
    expect(refused.first).to_be_hidden()
    editor_page.locator(".rich-text-picture img").first.evaluate("image => image.decode()")
    stored = f'<figure data-image="{image.pk}" data-alt="Ein Saal" data-video="https://vimeo.com/123"></figure>'
    article = save(editor_page)
    assert article.body_de == stored
    editor_page.goto(f"{live_server.url}/admin/news/article/{article.pk}/change/")
    expect(box(editor_page).get_by_label("Adresse des Videos")).to_have_value("https://vimeo.com/123")
    assert violations == []


def test_a_stored_text_comes_back_as_it_was(editor_page, live_server, violations):
    image = create_image(picture_file(), by=None)
    stored = (
        f'<h2>A</h2><figure data-image="{image.pk}"></figure><figure data-image="{image.pk}" data-alt=""><figcaption>Ein '
        '<em>Wort</em></figcaption></figure><blockquote class="pull"><p>q</p></blockquote><ul><li>a<ul><li>b</li></ul></li></ul>'
        '<table><thead><tr><th scope="col">1</th><th scope="col">2</th></tr></thead><tbody><tr><th scope="row">3</th><td>4</td>'
        '</tr></tbody></table><p>x&nbsp;y<br><a href="/de/">z</a></p>'
    )
    article = Article.objects.create(title_de="T", body_de=stored)
    editor_page.goto(f"{live_server.url}/admin/news/article/{article.pk}/change/")
    put_caret(box(editor_page).get_by_text("q", exact=True), "End")
    editor_page.keyboard.type("!")

    assert save(editor_page).body_de == stored.replace(">q<", ">q!<")
    assert violations == []


def test_an_upload_in_place_is_used_at_once_and_a_refused_one_says_why(editor_page, violations):
    box(editor_page).click()
    tool(editor_page, "Bild").click()
    dialog = editor_page.get_by_role("dialog", name="Bildarchiv")
    dialog.get_by_text("Bild hochladen").click()
    dialog.get_by_label("Datei").set_input_files({"name": "x.png", "mimeType": "image/png", "buffer": b"no picture"})
    dialog.get_by_label("Alternativtext, deutsch").fill("Ein Feld")
    dialog.get_by_role("button", name="Hochladen und verwenden").click()
    expect(dialog.get_by_label("Datei")).to_have_attribute("aria-invalid", "true")
    expect(dialog.locator(".errorlist")).to_have_count(1)
    expect(dialog.get_by_label("Alternativtext, deutsch")).to_have_value("Ein Feld")
    dialog.get_by_label("Datei").set_input_files(
        {"name": "feld.png", "mimeType": "image/png", "buffer": picture_file().read()}
    )
    dialog.get_by_role("button", name="Hochladen und verwenden").click()
    expect(dialog).to_have_count(0)

    article = save(editor_page)
    image = Image.objects.get()
    assert article.body_de == f'<figure data-image="{image.pk}" data-alt="Ein Feld"></figure>'
    assert [line for line in violations if "422" not in line] == []


def test_someone_signed_out_meanwhile_is_told_and_loses_nothing(editor_page, client):
    box(editor_page).click()
    editor_page.keyboard.type("Noch nicht gesichert")
    editor_page.context.clear_cookies(name="sessionid")
    said = []
    editor_page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.accept()))
    with editor_page.expect_event("dialog"):
        tool(editor_page, "Bild").click()

    expect(box(editor_page)).to_have_text("Noch nicht gesichert")
    assert said == [
        "Das Bildarchiv hat nicht geantwortet. Vielleicht wurden Sie abgemeldet: Bitte melden Sie sich in einem anderen Tab an "
        "und versuchen Sie es dann noch einmal."
    ]


def test_a_forms_picture_is_chosen_in_the_same_library(editor_page, violations):
    image = create_image(picture_file(), by=None, alt_de="Ein Feld")
    editor_page.get_by_role("button", name="Bild auswählen").click()
    editor_page.get_by_role("dialog", name="Bildarchiv").get_by_role("button", name="Ein Feld").click()
    expect(editor_page.get_by_role("img", name="Ein Feld")).to_be_visible()

    assert save(editor_page).image == image
    assert violations == []


def test_the_toolbar_is_one_tab_stop_and_arrows_move_inside(editor_page):
    editor_page.locator("#id_lead_de").focus()
    editor_page.keyboard.press("Tab")
    expect(tool(editor_page, "Überschrift")).to_be_focused()
    editor_page.keyboard.press("ArrowRight")
    expect(tool(editor_page, "Zwischenüberschrift")).to_be_focused()
    editor_page.keyboard.press("Home")
    editor_page.keyboard.press("ArrowLeft")
    expect(tool(editor_page, "Wiederholen")).to_be_focused()
    editor_page.keyboard.press("End")
    expect(tool(editor_page, "Wiederholen")).to_be_focused()
    editor_page.keyboard.press("Tab")
    expect(box(editor_page)).to_be_focused()
    editor_page.keyboard.press("Shift+Tab")
    expect(tool(editor_page, "Wiederholen")).to_be_focused()


def test_tab_leaves_a_table_behind_its_last_cell(editor_page):
    box(editor_page).click()
    tool(editor_page, "Tabelle").click()
    for _ in range(6):
        editor_page.keyboard.press("Tab")

    expect(box(editor_page)).not_to_be_focused()
    expect(box(editor_page).get_by_role("row")).to_have_count(3)


def test_the_box_is_named_after_its_label_and_speaks_its_language(editor_page):
    for name, language in [("Deutsch", "de"), ("Englisch", "en")]:
        expect(box(editor_page, name)).to_have_attribute("lang", language)
        expect(editor_page.get_by_role("toolbar", name=f"Formatierung Text {name}", exact=True)).to_be_visible()
    editor_page.locator("label[for=id_body_en]").click()
    expect(box(editor_page, "Englisch")).to_be_focused()
    # Django's own style has it in capitals.
    assert editor_page.locator("#logout-form button").evaluate("e => getComputedStyle(e).textTransform") == "none"


def test_on_a_mac_the_tools_name_its_keys(editor_page):
    editor_page.add_init_script("Object.defineProperty(navigator, 'platform', {get: () => 'MacIntel'})")
    editor_page.reload()
    for name, keys, said in [
        ("Fett", "⌘B", "Meta+B"),
        ("Überschrift", "⌥⌘2", "Meta+Alt+2"),
        ("Wiederholen", "⇧⌘Z", "Meta+Shift+Z"),
    ]:
        expect(tool(editor_page, name)).to_have_attribute("title", f"{name} ({keys})")
        expect(tool(editor_page, name)).to_have_attribute("aria-keyshortcuts", said)
    expect(editor_page.locator("[data-save]")).to_have_attribute("aria-keyshortcuts", "Meta+S")
    expect(editor_page.locator('[aria-keyshortcuts*="Control"]')).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_editor_and_library(editor_page, scheme):
    editor_page.emulate_media(color_scheme=scheme)
    image = create_image(picture_file(), by=None, credit="M. Muster")
    paste(box(editor_page), f'<h2>A</h2><figure data-image="{image.pk}"><figcaption>x</figcaption></figure>')
    tool(editor_page, "Bild").click()
    editor_page.get_by_text("Bild hochladen").click()

    for selector in [".picture-dialog", ".rich-text"]:
        found = Axe().run(editor_page, selector).response["violations"]
        assert [(violation["id"], [node["html"] for node in violation["nodes"]]) for violation in found] == []
        editor_page.keyboard.press("Escape")


def test_the_admin_in_english_has_an_english_toolbar(editor_page):
    User.objects.update(language="en")
    editor_page.reload()
    expect(tool(editor_page, "Pull quote")).to_have_attribute("title", "Pull quote")
    expect(tool(editor_page, "Bold")).to_have_attribute("title", "Bold (Ctrl+B)")


def test_a_chosen_file_proposes_its_title_as_the_server_would(editor_page):
    row = "#id_attachments-0-"
    title = editor_page.locator(f"{row}title_de")
    for name, readable in TITLES.items():
        editor_page.locator(f"{row}file").set_input_files(
            {"name": name, "mimeType": "application/pdf", "buffer": b"%PDF-"}
        )
        expect(title).to_have_value(readable)
    title.fill("Eigener Titel")
    editor_page.locator(f"{row}file").set_input_files(
        {"name": "x.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-"}
    )
    expect(title).to_have_value("Eigener Titel")


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_without_javascript_the_textarea_takes_html(editor_page):
    editor_page.locator("#id_body_de").fill("<p onclick=x()>Text <b>fett</b></p>")

    assert save(editor_page).body_de == "<p>Text <strong>fett</strong></p>"
