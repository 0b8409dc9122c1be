"""What keeps a text back, what it is only told, and that both cost the same however long it is."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from news.models import Article, Image
from news.publishing import checks, publications, rechecking
from sccon import mail
from sccon.clock import database_now
from sccon.models import Mail
from tests.factories import make_article, make_image, make_user, publish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def found(article: Article, language: str = "de", **options: object) -> list[tuple[str, bool]]:
    """The sentences of the findings, and whether they block."""
    return [(str(each.sentence), each.blocks) for each in checks.findings(article, language, **options)]


def about(body: str, **fields: object) -> list[tuple[str, bool]]:
    return found(make_article(body_de=body, **fields))


def test_a_finished_text_has_nothing_against_it():
    assert (
        about('<p>Ein Text mit <a href="https://www.example.org/">einem Verweis</a>.</p><h2>Gut</h2><h3>So</h3>') == []
    )


@pytest.mark.parametrize(
    ("body", "sentence", "blocks"),
    [
        ("<h3>Klein</h3><p>Text</p>", "The first heading in the text is a small one.", True),
        ('<p><a href="https://example.org/">hier</a></p>', "The link “hier” does not say where it leads.", False),
        ('<p><a href="https://example.org/">Klicken Sie hier!</a></p>', "The link “Klicken Sie hier!” does", False),
        ('<p><a href="https://example.org/">click <em>here</em></a></p>', "The link “click here” does not", False),
        ('<p><a href="/de/news/nirgends/">Neues</a></p>', "The link “Neues” leads to /de/news/nirgends/, where", True),
        ('<p><a href="/de/gibt/es/nicht/">Nichts</a></p>', "The link “Nichts” leads to /de/gibt/es/nicht/", True),
        ('<p><a href="/admin/">Innen</a></p>', "The link “Innen” leads to /admin/, where nothing is public.", True),
        ('<p>T</p><figure data-image="4711"></figure>', "A picture in the text is no longer in the library.", True),
    ],
)
def test_what_is_wrong_in_a_text_is_said(body: str, sentence: str, blocks: bool):
    [(said, blocking)] = about(body)
    assert said.startswith(sentence)
    assert blocking is blocks


@pytest.mark.parametrize(
    "href",
    [
        "/de/",
        "/en/news/",
        "/de/newsletter/",
        "/de/tickets/",
        "https://www.example.org/de/news/x/",
        "mailto:a@example.org",
    ],
)
def test_links_to_what_everyone_can_open_are_right(href: str):
    assert about(f'<p>Siehe <a href="{href}">diese Seite</a>.</p>') == []


@pytest.mark.parametrize("form", ["{path}", "{site}{path}", "{path}?a=1#b", "{bare}"])
def test_links_to_a_public_article_are_right_and_to_a_withdrawn_one_wrong(form: str):
    other = make_article("Andere")
    row = publish(other)
    href = form.format(path=row.url, site=settings.SITE_URL, bare=row.url.rstrip("/"))
    article = make_article(body_de=f'<p>Siehe <a href="{href}">die andere</a>.</p>')
    assert found(article) == []
    publications.withdraw(other, ["de"], by=None, reason="Weg")
    assert [blocks for _said, blocks in found(article)] == [True]
    with pytest.raises(publications.NotPublishable):
        publish(article)


def test_a_link_to_a_replaced_article_leads_on():
    other, successor = make_article("Alt"), make_article("Neu")
    row = publish(other)
    publish(successor)
    publications.withdraw(other, ["de"], by=None, reason="Neu", outcome="replaced", target=successor)
    assert about(f'<p>Siehe <a href="{row.url}">die alte</a>.</p>') == []


def test_a_link_is_judged_at_the_moment_that_is_planned():
    other, at = make_article("Bald"), database_now() + timedelta(days=1)
    row = publish(other, at=at)
    article = make_article(body_de=f'<p>Siehe <a href="{row.url}">das andere</a>.</p>')
    assert found(article)[0][1] is True
    assert found(article, at=at) == []
    with pytest.raises(publications.NotPublishable):
        publish(article)
    assert publish(article, at=at).visible.lower == at


def test_a_draft_is_not_public_and_its_title_is_not_told():
    draft = make_article("Streng geheim", slug_de="geheim")
    [(said, _blocks)] = about(f'<p>Siehe <a href="/de/news/{draft.slug_de}/">das da</a>.</p>')
    assert "Streng geheim" not in said


def test_pictures_in_the_text_need_words_or_are_decorative_on_purpose():
    bare = make_image("stumm.png", width=700, height=500, alt_de=None, credit="Jana Meer", ready_key="x")
    figure = f'<p>T</p><figure data-image="{bare.pk}"{{}}></figure>'
    assert found(make_article(body_de=figure.format("")))[0] == (
        "The picture “stumm” in the text has no alternative text in this language and is not decorative.",
        True,
    )
    assert about(figure.format(' data-alt="Ein Saal"')) == []
    assert about(figure.format(' data-alt=""')) == []
    Image.objects.update(decorative=True)
    assert about(figure.format("")) == []


@pytest.mark.parametrize("credit", ["", "  "])
@pytest.mark.parametrize("fields", [{}, {"decorative": True, "alt_de": None}, {"caption_de": "Ein Saal"}])
def test_a_picture_without_a_credit_is_a_hint_wherever_it_stands(credit: str, fields: dict):
    image = make_image("saal.png", width=1300, height=900, credit=credit, ready_key="x", **fields)
    above = checks.findings(make_article(image=image), "en")
    inside = checks.findings(make_article(body_de=f'<p>T</p><figure data-image="{image.pk}"></figure>'), "de")
    for (finding,), field in ((above, "image"), (inside, "body_de")):
        assert "has no credit" in finding.sentence
        assert (finding.blocks, finding.field) == (False, field)
    Image.objects.update(credit="Foto: Jana Meer")
    assert found(make_article(image=Image.objects.get(pk=image.pk))) == []


def test_small_pictures_and_long_words_are_only_hints():
    small = make_image("winzig.png", width=600, height=400, credit="Jana Meer", ready_key="x")
    said = found(make_article(title_de="T" * 91, lead_de="L" * 301, image=small))
    assert [blocks for _said, blocks in said] == [False, False, False]
    assert said[2][0] == "The picture “winzig” is 600 pixels wide; from 1200 on it is sharp everywhere."


def test_missing_language_is_a_hint_on_the_other():
    article = make_article(title_en=None, lead_en=None, body_en=None)
    assert found(article) == [("There is no text in the other language (English).", False)]


def test_many_pictures_and_links_cost_no_more_queries_than_one():
    rows = [publish(make_article(f"Nr. {number}")) for number in range(6)]
    images = [make_image(f"b{number}.png") for number in range(6)]

    def body(count: int) -> str:
        parts = [f'<p><a href="{row.url}">Text {row.pk}</a></p>' for row in rows[:count]]
        return "".join(parts + [f'<figure data-image="{image.pk}"></figure>' for image in images[:count]])

    counts = []
    for count in (1, 6):
        article = Article.objects.get(pk=make_article(body_de=body(count)).pk)
        with CaptureQueriesContext(connection) as queries:
            checks.findings(article, "de")
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[1] <= 8


# --- Before a planned text's time ---------------------------------------------------------------


def planned_with_link() -> tuple[Article, Article]:
    """A planned article, and the public one it links to; a publisher has planned it."""
    other = make_article("Andere")
    row = publish(other)
    article = make_article("Geplant", body_de=f'<p>Siehe <a href="{row.url}">die andere</a>.</p>')
    publisher = make_user("publisher", language="en", email="jana@example.org")
    publish(article, at=database_now() + timedelta(hours=3), by=publisher)
    return article, other


def test_publisher_is_mailed_once_when_a_check_fails_before_the_time():
    _article, other = planned_with_link()
    rechecking.recheck_planned(0)
    assert not Mail.objects.exists()
    publications.withdraw(other, ["de"], by=None, reason="Weg")
    for _time in range(2):
        rechecking.recheck_planned(0)
    [sent] = Mail.objects.all()
    rendered = mail.render(sent)
    assert sent.recipient == "jana@example.org"
    assert "leads to" in rendered.text
    assert "Berlin time" in rendered.text
    assert f"/admin/news/article/{_article.pk}/plan/" in rendered.html


def test_all_publishers_are_mailed_when_who_planned_cannot_be():
    _article, other = planned_with_link()
    make_user("publisher", email="zwei@example.org")
    publications.withdraw(other, ["de"], by=None, reason="Weg")
    planner = _article.publications.get().published_by
    planner.is_active = False
    planner.save()
    rechecking.recheck_planned(0)
    assert [sent.recipient for sent in Mail.objects.all()] == ["zwei@example.org"]


def test_alternative_text_taken_away_fails_too():
    image = make_image()
    publish(
        make_article(image=image), at=database_now() + timedelta(hours=3), by=make_user("publisher", email="a@b.de")
    )
    Image.objects.update(alt_de=None)
    rechecking.recheck_planned(0)
    assert "/admin/news/article/" in Mail.objects.get().context["url"]
