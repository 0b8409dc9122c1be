"""The mail as it leaves: complete without style blocks, made of what every mailbox shows, the same for everybody."""

import re
from html import unescape
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html as parser

from newsletter.issues.rendering import render
from newsletter.models import Issue, IssueItem
from tests.factories import make_article, make_image, publish
from tests.newsletter.issues.made import add, make_issue

pytestmark = pytest.mark.django_db

MARK = "m0123456789abcdef01234567"
FORBIDDEN = re.compile(r"table-layout|flex|grid|position|gradient|float|url\(|var\(|calc\(|transform|@import")
BLOCKS = {"p", "div", "table", "h1", "h2", "h3", "ul", "ol", "li", "blockquote", "td", "tr"}

WORDS = st.text(st.sampled_from("ab {}%=<>&\"'äöüßé😀—=20{{x}}"), min_size=1, max_size=40).filter(str.strip)


def made(issue: Issue, language: str = "de", **options: Any) -> Any:
    return render(issue, list(issue.items.all()), language, mark=MARK, **options)


def well_made(html: str) -> None:
    """What holds for every mail of ours."""
    page = parser.fromstring(html)
    for element in page.iter():
        if not isinstance(element.tag, str):
            continue
        assert not FORBIDDEN.search(element.get("style", "")), element.get("style")
        if element.tag == "table":
            assert element.get("role") == "presentation"
        if element.tag == "img":
            assert element.get("alt") is not None
            assert element.get("width").isdigit()
            assert re.search(r"width: ?100%", element.get("style"))
            assert re.search(r"max-width: ?\d+px", element.get("style"))
            assert re.search(r"\.(jpg|png)$", element.get("src"))
        if element.tag == "a":
            assert not BLOCKS & {each.tag for each in element.iter()}
            assert element.text_content().strip()
    levels = [int(each.tag[1]) for each in page.iter("h1", "h2", "h3")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    inside = page.find("body")[0]
    assert inside.get("lang") in {"de", "en"}
    assert inside.get("dir") == "ltr"
    assert len("".join(re.findall(r"<style.*?</style>", html, re.DOTALL))) < 8000


@given(WORDS, WORDS, WORDS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_written_arrives_as_it_was_written(subject: str, heading: str, text: str):
    issue = Issue(pk=7, subject_de=subject, subject_en=subject, preheader_de=text, preheader_en=text)
    item = IssueItem(issue=issue, heading_de=heading, heading_en=heading, text_de=f"<p>{text.replace('<', '&lt;')}</p>")
    for language in ("de", "en"):
        mail = render(issue, [item], language, mark=MARK)
        well_made(mail.html)
        page = parser.fromstring(mail.html)
        flat = " ".join(page.xpath("//h1")[0].text_content().split())
        assert flat == " ".join(subject.split())
        assert " ".join(heading.split()) in " ".join(page.text_content().split())
        # The marks are the two places that are filled in, and nothing else looks like one.
        for part in (mail.html, mail.text):
            assert set(re.findall(f"{MARK}-?[a-z]*", part)) == {f"{MARK}-leave", f"{MARK}-preferences"}
        assert f"<{MARK}-leave>" in mail.text


def test_the_first_words_are_the_preheader_and_much_nothing():
    page = parser.fromstring(made(make_issue(preheader_de="Drei Meldungen")).html)
    first = page.find("body").text_content().strip()
    assert first.startswith("Drei Meldungen")
    filler = page.xpath("//span[@aria-hidden='true']")[0].text_content()
    assert len(filler) >= 200
    assert "\u200c" not in filler


def test_an_article_brings_picture_title_lead_and_link_and_can_be_reworded():
    article = make_article("Amt öffnet", image=make_image(width=1300, height=900), lead_de="Ab Mai.")
    publish(article, "de")
    issue = make_issue()
    row = add(issue, article=article)
    mail = made(issue)
    well_made(mail.html)
    assert "Amt öffnet" in mail.html
    assert "Ab Mai." in mail.html
    assert f"http://127.0.0.1:8000{article.publications.get().url}" in mail.text
    assert mail.text.count("/de/news/") == 1
    assert 'alt="Ein Bild"' in mail.html
    row.heading_de, row.text_de, row.with_picture = "Neuer Titel", "<p>Neue <strong>Worte</strong></p>", False
    row.save()
    mail = made(issue)
    assert "Neuer Titel" in mail.html
    assert "Amt öffnet" not in mail.html
    assert "<img" not in mail.html
    # It has no English: there it is left out, and the editor is told.
    assert [item.article for item in made(issue, "en").left_out] == [article]


def test_the_foot_says_how_to_leave_first_why_one_gets_it_and_who_sends(settings: Any):
    foot = parser.fromstring(made(make_issue()).html).xpath("//td[a or p]")[-1]
    links = [a.get("href") for a in foot.iter("a")]
    assert links[:2] == [f"{MARK}-leave", f"{MARK}-preferences"]
    assert settings.SITE_IMPRINT in foot.text_content()
    assert "bestätigt" in foot.text_content()


def test_what_advertises_says_so_in_subject_and_head():
    mail = made(make_issue(commercial=True))
    assert mail.subject == "Anzeige: Neues im Mai"
    assert mail.text.startswith("Anzeige\n")
    assert made(make_issue(commercial=True), "en").subject.startswith("Advertisement: ")


def test_links_are_absolute_and_those_to_the_shop_name_the_issue():
    issue = make_issue(intro_de='<p><a href="/de/tickets/?a=1">Karten</a> <a href="/de/news/">Neues</a></p>')
    mail = made(issue)
    assert f"http://127.0.0.1:8000/de/tickets/?a=1&src=issue-{issue.pk}" in unescape(mail.html)
    assert "<http://127.0.0.1:8000/de/news/>" in mail.text


def test_pictures_and_tables_of_the_editor_are_left_out_and_headings_stand_in_order():
    issue = make_issue(intro_de="<h3>Vorweg</h3><p>Ja</p>")
    add(
        issue,
        heading_de="Kopf",
        text_de="<h2>Zwischen</h2><p>Wort</p><table><tbody><tr><td>x</td></tr></tbody></table>"
        '<figure data-image="1"></figure><blockquote class="pull"><p>Zitat</p></blockquote>',
    )
    mail = made(issue)
    well_made(mail.html)
    assert "figure" not in mail.html
    assert "Zitat" in mail.text


def test_text_keeps_paragraphs_and_order():
    issue = make_issue()
    add(issue, heading_de="Zweiter", text_de="<p>Eins.</p><p>Zwei.</p><ul><li>a</li><li>b</li></ul>")
    text = made(issue).text
    assert text.index("Ein Block") < text.index("Zweiter") < text.index("Eins.")
    assert "Eins.\n\nZwei.\n\n- a\n- b\n" in text
