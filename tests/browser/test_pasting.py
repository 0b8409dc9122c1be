"""What is pasted into the editor, in a real browser: the same as the server makes of it, and a line about the rest."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from playwright.sync_api import Page, expect

from news.models import Article
from news.writing import drafting
from sccon.html import sanitise
from sccon.models import User
from tests.factories import make_article, make_topic, publish
from tests.pastes import FRAGMENTS, PIECES, clipboard, expected

pytestmark = pytest.mark.django_db(transaction=True)

# Puts a text into the empty editor as if it was pasted, and gives back what the form would send.
PASTE = """({html, files}) => {
    const box = document.querySelector("#id_body_de_text");
    const editor = box.editor;
    editor.commands.clearContent(true);
    const data = new DataTransfer();
    if (html) data.setData("text/html", html);
    for (const name of files ?? []) data.items.add(new File(["x"], name, {type: "image/png"}));
    box.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
    return document.querySelector("#id_body_de").value;
}"""


@pytest.fixture
def editor(page: Page, live_server: Any, client: Any) -> Iterator[Page]:
    user = User.objects.create_superuser("mia", "mia@example.org", "x", language="de")
    client.force_login(user)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    complaints: list[str] = []
    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}/admin/news/article/add/")
    yield page
    assert [line for line in complaints if "favicon" not in line] == []


def paste(page: Page, html: str = "", files: list[str] | None = None) -> str:
    return sanitise(page.evaluate(PASTE, {"html": html, "files": files}))


def said(page: Page) -> str:
    return page.locator(".rich-text-pasted").first.text_content()


def test_every_clipboard_becomes_in_the_editor_what_the_server_makes_of_it(editor):
    wrong = {name: found for name in FRAGMENTS if (found := paste(editor, clipboard(name))) != expected(name)}
    assert wrong == {}

    lines = {
        name: (paste(editor, clipboard(name)), said(editor))[1]
        for name in [
            "word-comment-with-changes",
            "word-track-changes",
            "pasted-image",
            "word-hidden-text",
            "google-docs-comments",
            "sup",
        ]
    }
    assert lines == {
        "word-comment-with-changes": "2 Änderungen und 1 Kommentar aus Word nicht übernommen. Gelöschtes fehlt, Eingefügtes steht im Text.",
        "word-track-changes": "2 Änderungen aus Word nicht übernommen. Gelöschtes fehlt, Eingefügtes steht im Text.",
        "pasted-image": "1 Bild nicht übernommen. Bilder fügen Sie mit der Schaltfläche „Bild“ ein.",
        "word-hidden-text": "3 verborgene Stellen aus Word nicht übernommen.",
        "google-docs-comments": "1 Kommentar nicht übernommen.",
        "sup": "",
    }
    paste(editor, files=["Bildschirmfoto.png"])
    assert said(editor).startswith("1 Bild nicht übernommen.")

    module = editor.evaluate(
        "[...document.scripts].find(s => s.src.includes('js/editor')).src.replace('editor', 'paste')"
    )

    @settings(
        max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
    )
    @given(PIECES)
    @example("<dl><dt> seen0x <ul><li> seen1x </li></ul></dt></dl>")  # a list is no part of the term
    @example("<p><p> seen0x </p> seen1x </p> seen2x ")  # an empty paragraph parts what stands in none
    def same_as_the_server(html: str) -> None:
        found = editor.evaluate(
            "async ([module, html]) => (await import(module)).cleanPaste(html, {}).html", [module, html]
        )
        assert "secret" not in found
        assert sorted(re.findall(r"seen\d+x", found)) == sorted(re.findall(r"seen\d+x", html))
        assert sanitise(found) == sanitise(html)

    same_as_the_server()


ROUND = (
    "<h2>CO<sub>2</sub> und <s>10</s></h2><p>10<sup>6</sup> <s>99</s> <q>Ein <strong>Wort</strong></q> "
    '<a href="https://example.org/">m<sup>2</sup></a></p><ol start="3" type="a"><li>c<ol type="I"><li>I</li></ol></li><li>d</li></ol>'
    '<table><thead><tr><th scope="col" rowspan="2">Jahr</th><th scope="col" colspan="2">Anträge</th></tr><tr>'
    '<th scope="col">Bund</th><th scope="col">Land</th></tr></thead><tbody><tr><td rowspan="2">2026</td><td>1</td><td>2</td></tr>'
    '<tr><td colspan="2">3</td></tr></tbody></table><p>Ende</p>'
)


def test_what_is_kept_comes_back_from_the_editor_byte_for_byte_and_is_copied_inside_it(editor, live_server):
    article = Article.objects.create(title_de="T", body_de=ROUND)
    editor.goto(f"{live_server.url}/admin/news/article/{article.pk}/change/")
    box = editor.locator("#id_body_de_text")
    copied = editor.evaluate(
        """() => {
            const {editor} = document.querySelector("#id_body_de_text");
            editor.commands.selectAll();
            return editor.view.serializeForClipboard(editor.state.selection.content()).dom.innerHTML;
        }"""
    )
    assert paste(editor, copied) == ROUND
    editor.reload()
    box.get_by_text("Ende", exact=True).click()
    editor.keyboard.press("End")
    editor.keyboard.type("!")
    for name, words in [("Hochgestellt", "hoch"), ("Tiefgestellt", "tief"), ("Durchgestrichen", "weg")]:
        button = editor.get_by_role("toolbar").first.get_by_role("button", name=name, exact=True)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        editor.keyboard.type(words)
        button.click()
    editor.locator("[data-save]").click()
    expect(editor.locator(".messagelist")).to_be_visible()

    article.refresh_from_db()
    assert article.body_de == ROUND.replace("Ende", "Ende!<sup>hoch</sup><sub>tief</sub><s>weg</s>")


# Puts a text after another, as one writes on.
PASTE_BEHIND = """([before, html]) => {
    const box = document.querySelector("#id_body_de_text");
    box.editor.commands.setContent(before);
    box.editor.commands.focus("end");
    const data = new DataTransfer();
    data.setData("text/html", html);
    box.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
    return document.querySelector("#id_body_de").value;
}"""
TWO = "<li><p>eins</p></li><li><p>zwei</p></li>"


# Behind a sentence, the first point stays one, and the numbers are the author's. Nothing is left in front of a list,
# points join points, and the words of a single one join the sentence.
BEHIND = [
    ("<p>Davor:</p>", f'<ol start="4">{TWO}</ol>', f'<p>Davor:</p><ol start="4">{TWO}</ol>'),
    ("<p>Davor:</p>", f'<ol type="a">{TWO}</ol>', f'<p>Davor:</p><ol type="a">{TWO}</ol>'),
    ("<p>Davor:</p>", f"<ul>{TWO}</ul>", f"<p>Davor:</p><ul>{TWO}</ul>"),
    (
        "<p>Davor:</p>",
        "<ol><li><p>eins</p><ul><li><p>darin</p></li></ul></li></ol>",
        "<p>Davor:</p><ol><li><p>eins</p><ul><li><p>darin</p></li></ul></li></ol>",
    ),
    (
        "<blockquote><p>Davor:</p></blockquote>",
        f"<ul>{TWO}</ul>",
        f"<blockquote><p>Davor:</p><ul>{TWO}</ul></blockquote>",
    ),
    ("", f'<ol start="4">{TWO}</ol>', f'<ol start="4">{TWO}</ol>'),
    ("<ul><li><p>null</p></li><li><p></p></li></ul>", f"<ul>{TWO}</ul>", f"<ul><li><p>null</p></li>{TWO}</ul>"),
    ("<p>Davor-</p>", "<ul><li>und danach</li></ul>", "<p>Davor-und danach</p>"),
]


def test_a_pasted_list_stays_whole_behind_a_sentence(editor: Page) -> None:
    for before, pasted, after in BEHIND:
        assert sanitise(editor.evaluate(PASTE_BEHIND, [before, pasted])) == sanitise(after)


KINDS = """selector => [...document.querySelectorAll(`${selector} ol`)].map(list => [
    list.getAttribute("type"), getComputedStyle(list.querySelector("li")).listStyleType,
])"""
LETTERS = [
    ["a", "lower-alpha"],
    ["A", "upper-alpha"],
    ["i", "lower-roman"],
    ["I", "upper-roman"],
    [None, "decimal"],
]


def test_a_list_has_the_letters_of_its_author_wherever_it_is_shown(editor: Page, live_server: Any) -> None:
    lists = [f'<ol type="{kind}">{TWO}</ol>' if kind else f"<ol>{TWO}</ol>" for kind, _ in LETTERS]
    body = "<p>Und</p>".join(lists)
    paste(editor, body)
    assert editor.evaluate(KINDS, "#id_body_de_text") == LETTERS

    article = make_article(body_de=sanitise(body))
    drafting.save(article, version=0, by=None)
    publication = publish(article)
    editor.goto(live_server.url + publication.get_absolute_url())
    assert editor.evaluate(KINDS, ".prose") == LETTERS

    article.refresh_from_db()
    article.body_de = article.body_de.replace("eins", "ein")
    drafting.save(article, version=1, by=None)
    editor.goto(f"{live_server.url}/admin/news/article/{article.pk}/history/?old=1&new=2")
    assert editor.evaluate(KINDS, ".diff") == LETTERS


OUTSIDE = """box => [...box.querySelectorAll("*")].filter(element => {
    const {left, right} = element.getBoundingClientRect(), {left: from, right: to} = box.getBoundingClientRect();
    const [x, y] = [Math.max(to, left) + 4, element.getBoundingClientRect().top + 4];
    return right > to + 1 && box.contains(document.elementFromPoint(x, y));
}).map(element => element.outerHTML.slice(0, 80))"""


@pytest.mark.parametrize("width", [390, 1280])
def test_a_wide_table_stays_in_its_editor_and_no_topic_is_chopped(editor: Page, width: int) -> None:
    for name in ("Verwaltungsdigitalisierung", "D16 und Digitalministerkonferenz", "Registermodernisierung", "OZG"):
        make_topic(name)
    editor.set_viewport_size({"width": width, "height": 900})
    editor.reload()
    word = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
    paste(
        editor,
        f"<table><tr><td>Kurz</td><td>{word}</td><td>https://www.example.org/{'abschnitt_' * 9}</td></tr></table>",
    )
    box = editor.locator("#id_body_de_text")
    box.scroll_into_view_if_needed()
    assert box.evaluate(OUTSIDE) == []
    assert editor.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [width, width]
    # As wide as its longest word needs: none is broken in itself.
    labels = editor.locator(".ordered-topic label")
    assert (
        labels.evaluate_all(
            """labels => labels.filter(label => {
            const words = label.textContent.trim().split(" ").length;
            const range = document.createRange();
            range.selectNodeContents(label.lastChild);
            return new Set([...range.getClientRects()].map(({top}) => top)).size > words;
        }).map(label => label.textContent)"""
        )
        == []
    )
