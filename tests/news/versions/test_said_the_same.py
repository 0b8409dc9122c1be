"""Whether something changed is asked of what a text says, not of how it is written: everywhere in the newsroom.

A text of an import, of the demo or of an older editor is written otherwise than this editor writes it. Each case goes
through every place that asks: translations, history, differences, merging, reviews, open changes, the form, search.
"""

import unicodedata
from typing import Any

import pytest

from news.models import Article, ArticleVersion, Confirmation, Publication
from news.publishing import reviewing
from news.publishing.states import differences, state
from news.versions import comparing, snapshots, translating
from news.writing import drafting, merging
from sccon.clock import database_now
from sccon.fields import LineField, LinesField
from tests.factories import make_article, make_user, publish, signed_in
from tests.news.admin_forms import filled

pytestmark = pytest.mark.django_db

BODY = "<p>Größe <strong>zählt</strong>.</p><ul><li>Eins</li><li>Zwei</li></ul>"
WRITTEN = {  # the field, as something else than this editor has written it
    "line breaks between blocks": ("body", BODY.replace("><", ">\n  <")),
    "browsers' line ends": ("body", BODY.replace("><", ">\r\n<")),
    "other elements": ("body", BODY.replace("strong", "b")),
    "capital elements": ("body", BODY.replace("<p>", "<P>").replace("</p>", "</P>")),
    "styles": ("body", BODY.replace("<p>", '<p class="MsoNormal" style="margin:0">')),
    "an empty paragraph": ("body", f"{BODY}<p>&nbsp;</p>"),
    "a comment": ("body", f"<!-- imported -->{BODY}"),
    "entities": ("body", BODY.replace("ö", "&ouml;").replace("ä", "&#228;")),
    "decomposed letters": ("body", unicodedata.normalize("NFD", BODY)),
    "a soft hyphen": ("body", BODY.replace("zählt", "zäh\u00adlt")),
    "paragraphs in items": ("body", BODY.replace("<li>Eins</li>", "<li><p>Eins</p></li>")),
    "a decomposed title": ("title", unicodedata.normalize("NFD", "Größe")),
    "a line break in a title": ("title", "Größe\nund Gewicht"),
    "two spaces in a lead": ("lead", "Größe  und Gewicht"),
    "line ends in a lead": ("lead", "Größe\r\nund Gewicht"),
    "something unseen in a lead": ("lead", "Grö\u200bße \u202eund Gewicht"),
    "a space after the title for search engines": ("seo_title", "Größe "),
    "a decomposed description": ("seo_description", unicodedata.normalize("NFD", "Größe")),
}
written = pytest.mark.parametrize(("name", "words"), WRITTEN.values(), ids=WRITTEN.keys())


def imported(name: str, words: str) -> Article:
    """An article in both languages, up to date, whose field was not written in our form."""
    article = make_article(**{f"{name}_{language}": words for language in ("de", "en")})
    return drafting.save(article, version=0, by=None, english_matches=True)


def save_in_form(article: Article, **changes: Any) -> Article:
    """Somebody opens the article's form and saves it, with `changes` in some fields."""
    client = signed_in(make_user("editor", language="en"))
    url = f"/admin/news/article/{article.pk}/change/"
    posted = filled(client, url, translation_asked="1", english_matches="on", **changes)
    assert client.post(url, posted).status_code == 302
    return Article.objects.get(pk=article.pk)


@written
def test_saving_one_language_confirms_nothing_of_the_other(name: str, words: str) -> None:
    article = save_in_form(imported(name, words), title_de="Anderes")
    assert article.pk in translating.outdated()
    assert not Confirmation.objects.exists()


@written
def test_a_save_that_changes_nothing_is_a_change_nowhere(name: str, words: str) -> None:
    article = imported(name, words)
    row = publish(article, "de")
    reviewing.ask(article, ["en"], by=None)
    before = snapshots.current(article)
    article = save_in_form(article)
    now = snapshots.current(article)
    assert ArticleVersion.objects.get(number=2).changed == []
    assert not comparing.compare(before, now).changes
    assert comparing.german_since(before, now) == []
    assert differences(article, row) == []
    assert article.pk not in translating.outdated()
    assert translating.matched_in(now)
    assert not state(article, "en", database_now()).review.outdated
    fields = [merging.fields_of(side) for side in (before, now)]
    assert merging.merge(fields[0], fields[0], fields[1]) == merging.Merge((), ())


@written
def test_the_form_of_an_untouched_text_says_that_nothing_changed(name: str, words: str) -> None:
    article = imported(name, words)
    client = signed_in(make_user("publisher", language="en"))
    url = f"/admin/news/article/{article.pk}/change/"
    assert client.post(url, filled(client, url, _publish="1")).status_code == 302
    assert Article.objects.get(pk=article.pk).version == article.version


@written
def test_who_only_opened_the_form_takes_over_what_another_wrote(name: str, words: str) -> None:
    article = imported(name, words)
    client = signed_in(make_user("editor", language="en"))
    url = f"/admin/news/article/{article.pk}/change/"
    mine = filled(client, url, seo_title_en="Mine", **({"seo_description_de": "Mein"} if name == "title" else {}))
    other = "<p>Von anderen.</p>" if name == "body" else "Von anderen."
    save_in_form(article, **{f"{name}_de": other})
    response = client.post(url, mine)
    assert response.status_code == 302, response.context["adminform"].form.errors
    assert getattr(Article.objects.get(pk=article.pk), f"{name}_de") == other


@written
def test_search_reads_both_alike(name: str, words: str) -> None:
    if "\u200b" in words:
        return  # of a field in plain text only our form takes away what nobody sees
    article = imported(name, words)
    rows = [publish(article, "de"), publish(save_in_form(article), "de")]
    first, second = Publication.objects.filter(pk__in=[row.pk for row in rows]).values_list("search", flat=True)
    assert first == second


def test_a_review_has_not_changed_by_a_save_of_the_other_language() -> None:
    article = imported("title", "Titel")
    reviewing.ask(article, ["en"], by=None)
    article = save_in_form(article, title_de="Anderes")
    assert not state(article, "en", database_now()).review.outdated
    article = save_in_form(article, image_position="after")
    assert state(article, "en", database_now()).review.outdated


def test_german_that_is_written_anew_stays_what_was_confirmed() -> None:
    """Rows of before this rule hold a hash of the letters as they were written."""
    article = imported("body", BODY.replace("><", ">\n<"))
    ArticleVersion.objects.update(german="of the letters")
    article = save_in_form(article)
    assert article.pk not in translating.outdated()
    assert save_in_form(article, lead_de="Neu").pk in translating.outdated()


@pytest.mark.parametrize("field", [LineField, LinesField])
def test_no_field_of_the_house_calls_a_text_changed_that_it_only_cleans(field: type[LineField]) -> None:
    said = field(required=False)
    for typed in (" Größe ", unicodedata.normalize("NFD", "Größe"), "Größe\u200b", "Größe  und", "Grö\u00adße"):
        assert not said.has_changed(typed, typed)
        assert not said.has_changed(typed, said.clean(typed))
    assert said.has_changed("Größe", "Grösse")
    assert said.has_changed(None, "Größe")
    assert not said.has_changed(None, "")
