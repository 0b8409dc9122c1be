"""Whether the English still says what the German says, and who said so."""

from typing import Any

import pytest

from news import translating
from news.models import Article, Confirmation
from tests.factories import make_image, make_user
from tests.news.bilingual import bilingual, change

pytestmark = pytest.mark.django_db


def is_outdated(article: Article) -> bool:
    return article.pk in translating.outdated()


def test_english_is_outdated_since_the_german_says_something_else() -> None:
    article = bilingual()
    assert translating.outdated() == {}
    change(article, body_de="<p>Neu</p>")
    change(article, lead_de="Auch neu")
    assert translating.outdated() == {article.pk: article.versions.get(number=2).at}


@pytest.mark.parametrize("fields", [{"image_position": "after"}, {"slug_de": "anders"}, {}])
def test_what_is_not_german_text_does_not_outdate_the_english(fields: dict[str, Any]) -> None:
    article = change(bilingual(), image=make_image(), **fields)
    assert not is_outdated(article)


def test_german_that_is_as_it_was_again_outdates_nothing() -> None:
    article = change(bilingual(), title_de="Anders")
    assert is_outdated(article)
    assert not is_outdated(change(article, title_de="Titel"))


def test_a_typo_that_does_not_concern_translations_leaves_the_english_up_to_date() -> None:
    article = change(bilingual(), title_de="Titell", saving={"spares_translations": True})
    assert (article.en_matches, is_outdated(article)) == (2, False)
    assert article.versions.get(number=2).spares_translations


def test_a_typo_in_an_outdated_text_does_not_hide_that_it_is_outdated() -> None:
    article = change(bilingual(), title_de="Neu")
    change(article, title_de="Neuer", saving={"spares_translations": True})
    assert is_outdated(article)


def test_changed_english_matches_unless_its_author_says_otherwise() -> None:
    article = change(bilingual(), title_de="Neu")
    change(article, title_en="Ne", saving={"english_matches": False})
    assert is_outdated(article)
    change(article, title_en="New")
    assert (is_outdated(article), article.en_matches) == (False, 3 + 1)
    assert list(Confirmation.objects.values_list("version", flat=True)) == [4]


def test_a_first_translation_matches_and_a_half_one_does_not() -> None:
    german = {"title_en": None, "body_en": None}
    whole = change(bilingual(**german), title_en="Title")
    half = change(bilingual(**german), title_en="Title", saving={"english_matches": False})
    assert (is_outdated(whole), is_outdated(half)) == (False, True)


def test_no_change_needed_is_kept_with_who_said_so() -> None:
    translator, article = make_user("editor"), change(bilingual(), title_de="Neu")
    assert translating.confirm(article, version=2, by=translator)
    assert not is_outdated(article)
    article.refresh_from_db()
    assert (last := translating.last_confirmed(article))
    assert (last.by, article.en_matches, article.version) == (translator, 2, 2)
    assert not translating.confirm(article, version=2, by=translator)
    assert Confirmation.objects.count() == 1


def test_a_confirmation_counts_for_the_german_its_author_saw() -> None:
    article = change(bilingual(), title_de="Neu")
    change(article, title_de="Neuer")
    assert translating.confirm(article, version=2, by=None)
    assert is_outdated(article)


def test_a_confirmation_survives_a_save_that_began_before_it() -> None:
    article = change(bilingual(), title_de="Neu")
    began = Article.objects.get(pk=article.pk)
    translating.confirm(article, version=2, by=None)
    change(began, lead_en="A lead", saving={"english_matches": False})
    assert not is_outdated(article)


def test_an_article_in_one_language_is_missing_not_outdated() -> None:
    german, english = bilingual(title_en=None, body_en=None), bilingual(title_de=None, body_de=None)
    change(german, title_de="Neu")
    assert translating.outdated() == {}
    assert set(Article.objects.filter(translating.needs_translation())) == {german, english}
