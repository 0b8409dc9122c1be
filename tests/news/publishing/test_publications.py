"""How a text becomes public, stays, changes and goes."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from news.models import Article, Pin, Publication, Withdrawal
from news.publishing import publications
from news.publishing.states import state
from sccon.clock import database_now
from tests.factories import make_article, make_author, make_image, make_topic, publish

pytestmark = pytest.mark.django_db


def later(**delta: float) -> datetime:
    return database_now() + timedelta(**delta)


def ranges(article: Article, language: str = "de") -> list[tuple[datetime, datetime | None, str]]:
    rows = article.publications.filter(language=language).order_by("visible")
    return [(row.visible.lower, row.visible.upper, row.title) for row in rows]


def titles_at(at: datetime, language: str = "de") -> list[str]:
    return [row.title for row in Publication.objects.public(language, at).newest_first()]


def test_a_published_text_is_public_from_now_on_without_end():
    article = make_article("Erste")
    before = database_now()
    publication = publish(article)
    assert before < publication.visible.lower < database_now()
    assert publication.visible.upper is None
    assert titles_at(before) == []
    assert titles_at(database_now()) == ["Erste"]


def test_saving_an_article_changes_no_publication():
    article = make_article("Erste")
    publication = publish(article)
    article.title_de, article.lead_de, article.body_de = "Anders", "Anders", "<p>Anders</p>"
    article.save()
    stored = Publication.objects.get()
    assert (stored.title, stored.lead, stored.body) == ("Erste", publication.lead, publication.body)


def test_publishing_german_never_touches_english():
    article = make_article("Erste")
    publish(article, "de", "en")
    english = article.publications.get(language="en")
    article.title_de, article.title_en = "Neu", "New"
    article.save()
    publish(article, "de")
    assert [row.pk for row in article.publications.filter(language="en")] == [english.pk]
    assert titles_at(database_now(), "en") == ["Erste (English)"]
    assert titles_at(database_now(), "de") == ["Neu"]


def test_english_alone_can_be_public():
    article = make_article(title_de=None, slug_de=None, lead_de=None, body_de=None)
    publish(article, "en")
    assert titles_at(database_now(), "de") == []
    assert titles_at(database_now(), "en") == ["Meldung (English)"]


def test_both_languages_begin_in_the_same_instant():
    article = make_article()
    german, english = publications.publish(article, ["de", "en"], by=None)
    assert german.visible.lower == english.visible.lower


def test_a_correction_ends_the_old_text_where_the_new_one_begins():
    article = make_article("Alt")
    first = publish(article)
    article.title_de = "Neu"
    article.save()
    second = publish(article)
    assert ranges(article) == [
        (first.visible.lower, second.visible.lower, "Alt"),
        (second.visible.lower, None, "Neu"),
    ]


def test_a_planned_text_is_public_from_its_instant_on():
    article = make_article("Bald")
    at = later(hours=1)
    publish(article, at=at)
    assert titles_at(at - timedelta(microseconds=1)) == []
    assert titles_at(at) == ["Bald"]


def test_a_correction_keeps_a_planned_version():
    article = make_article("Heute")
    first = publish(article)
    article.title_de = "Morgen"
    article.save()
    at = later(days=1)
    publish(article, at=at)
    article.title_de = "Heute, berichtigt"
    article.save()
    correction = publish(article)
    assert ranges(article) == [
        (first.visible.lower, correction.visible.lower, "Heute"),
        (correction.visible.lower, at, "Heute, berichtigt"),
        (at, None, "Morgen"),
    ]


def test_a_planned_version_goes_when_told_so():
    article = make_article("Heute")
    publish(article)
    publish(article, at=later(days=1))
    only = publish(article, replace_planned=True)
    assert ranges(article)[-1] == (only.visible.lower, None, "Heute")
    assert len(ranges(article)) == 2


def test_planning_the_same_instant_again_replaces_the_plan():
    article = make_article("Erster Plan")
    at = later(days=1)
    publish(article, at=at)
    article.title_de = "Zweiter Plan"
    article.save()
    publish(article, at=at)
    assert ranges(article) == [(at, None, "Zweiter Plan")]


def test_a_text_with_an_end_disappears_by_itself():
    article = make_article("Kurz")
    until = later(hours=2)
    publication = publish(article, until=until)
    assert ranges(article) == [(publication.visible.lower, until, "Kurz")]
    assert titles_at(until - timedelta(microseconds=1)) == ["Kurz"]
    assert titles_at(until) == []


def test_a_time_in_the_past_means_now():
    before = database_now()
    publication = publish(make_article(), at=before - timedelta(days=3))
    assert before < publication.visible.lower <= database_now()


def test_an_end_before_the_beginning_is_refused():
    article = make_article()
    at = later(days=1)
    with pytest.raises(publications.NotPublishable):
        publish(article, at=at, until=at - timedelta(minutes=1))
    assert not article.publications.exists()


def test_order_and_date_come_from_the_first_publication():
    article = make_article("Erste")
    first = publish(article)
    article.title_de = "Berichtigt"
    article.save()
    second = publish(article)
    assert second.first_published_at == first.visible.lower
    assert second.updated_at is None


def test_a_substantial_change_shows_its_date_and_a_correction_keeps_it():
    article = make_article()
    publish(article)
    substantial = publish(article, substantial=True)
    assert substantial.updated_at == substantial.visible.lower
    assert publish(article).updated_at == substantial.updated_at


def test_imported_texts_keep_their_date():
    date = datetime(2023, 11, 2, 9, tzinfo=timezone.get_default_timezone())
    assert publish(make_article(), first_published_at=date).first_published_at == date


def test_what_is_published_is_sanitised():
    article = make_article()
    Article.objects.filter(pk=article.pk).update(body_de='<p onclick="x()">Gut<script>alert(1)</script></p>')
    article.refresh_from_db()
    assert publish(article).body == "<p>Gut</p>"


def test_parts_are_copied_in_their_order():
    first, second = make_topic("Zuerst"), make_topic("Danach")
    inside = make_image()
    other = make_article("Andere")
    article = make_article(
        topics=[first, second],
        body_de=f'<p>Text</p><figure data-image="{inside.pk}" data-alt="Alt"></figure>',
        image=make_image(),
        author=make_author(),
    )
    article.related.set([other])
    publication = publish(article)
    assert [part.topic for part in publication.publication_topics.all()] == [first, second]
    assert [part.article for part in publication.publication_related.all()] == [other]
    assert [part.image for part in publication.publication_images.all()] == [inside]
    assert (publication.image, publication.author) == (article.image, article.author)


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("title_de", "Der Titel fehlt."),
        ("body_de", "Der Text fehlt."),
        ("slug_de", "Die Adresse fehlt. Sie entsteht beim Speichern aus dem Titel."),
    ],
)
def test_an_incomplete_text_is_refused_with_a_sentence(missing: str, sentence: str):
    article = make_article(**{missing: None})
    with pytest.raises(publications.NotPublishable) as refused:
        publish(article)
    assert [str(finding.sentence) for finding in refused.value.findings["de"]] == [sentence]
    assert not Publication.objects.exists()


def test_one_incomplete_language_keeps_both_back():
    article = make_article(body_en=None)
    with pytest.raises(publications.NotPublishable):
        publish(article, "de", "en")
    assert not Publication.objects.exists()


def test_a_page_needs_neither_lead_nor_topic():
    page = make_article("Impressum", kind="page", role="imprint", slug_de="impressum", lead_de=None)
    assert publish(page).path == "impressum"


def test_a_news_article_needs_a_topic():
    with pytest.raises(publications.NotPublishable) as refused:
        publish(make_article(topics=[]))
    assert [finding.field for finding in refused.value.findings["de"]] == ["topics"]


def test_a_picture_needs_an_alternative_text_or_to_be_decorative():
    image = make_image(alt_de=None)
    article = make_article(image=image)
    with pytest.raises(publications.NotPublishable):
        publish(article)
    image.decorative = True
    image.save()
    assert publish(article).image == image


@pytest.mark.parametrize("slug", ["search", "topics", "2026", "feed"])
def test_our_own_words_are_no_addresses(slug: str):
    with pytest.raises(publications.NotPublishable):
        publish(make_article(slug_de=slug))


def test_an_address_once_public_is_refused_to_another_article():
    publish(make_article("Erste", slug_de="gleich"))
    with pytest.raises(publications.NotPublishable) as refused:
        publish(make_article("Zweite", slug_de="gleich"))
    assert [f.field for f in refused.value.findings["de"]] == ["slug_de"]


def test_the_same_address_may_serve_the_other_language():
    publish(make_article(slug_de="sccon"))
    assert publish(make_article(slug_en="sccon"), "en").path == "news/sccon"


# --- Withdrawal --------------------------------------------------------------------------------


def withdraw(article: Article, *languages: str, **options):
    return publications.withdraw(article, languages or ["de"], **{"by": None, "reason": "Falsch", **options})


def test_a_withdrawn_text_ends_now_and_its_plans_with_it():
    article = make_article()
    publish(article)
    publish(article, at=later(days=1))
    [withdrawal] = withdraw(article)
    assert [upper for _lower, upper, _title in ranges(article)] == [withdrawal.at]
    assert titles_at(later(days=2)) == []


def test_withdrawing_german_leaves_english():
    article = make_article()
    publish(article, "de", "en")
    withdraw(article, "de")
    assert titles_at(database_now(), "de") == []
    assert titles_at(database_now(), "en") == ["Meldung (English)"]


def test_a_replaced_text_names_its_successor():
    article, successor = make_article("Alt"), make_article("Neu")
    publish(article)
    publish(successor)
    [withdrawal] = withdraw(article, outcome=Withdrawal.Outcome.REPLACED, target=successor)
    assert withdrawal.target == successor


@pytest.mark.parametrize("target", ["none", "itself"])
def test_replaced_needs_another_article(target: str):
    article = make_article()
    publish(article)
    with pytest.raises(publications.NotWithdrawable):
        withdraw(article, outcome="replaced", target=article if target == "itself" else None)
    assert titles_at(database_now()) == ["Meldung"]


def test_a_text_can_stay_under_a_notice():
    topic = make_topic()
    article = make_article(topics=[topic])
    publish(article)
    withdraw(article, outcome="notice", notice={"de": "Überholt."})
    current = Publication.objects.public("de", database_now()).get()
    assert (current.title, current.notice) == ("Meldung", "Überholt.")
    assert [part.topic_id for part in current.publication_topics.all()] == [topic.pk]


def test_a_notice_must_say_something():
    article = make_article()
    publish(article)
    with pytest.raises(publications.NotWithdrawable):
        withdraw(article, outcome="notice", notice={"de": "  "})
    assert Publication.objects.public("de", database_now()).get().notice == ""


def test_a_pin_ends_with_the_last_public_language():
    article = make_article()
    publish(article, "de", "en")
    Pin.objects.create(article=article)
    withdraw(article, "de")
    assert Pin.objects.exists()
    withdraw(article, "en")
    assert not Pin.objects.exists()


def test_legal_pages_cannot_be_withdrawn():
    page = make_article(kind="page", role="privacy", slug_de="datenschutz")
    publish(page)
    with pytest.raises(publications.NotWithdrawable):
        withdraw(page)


def test_what_is_not_public_cannot_be_withdrawn():
    with pytest.raises(publications.NotWithdrawable):
        withdraw(make_article())


def test_a_withdrawn_text_can_be_published_again_at_its_address():
    article = make_article()
    first = publish(article)
    withdraw(article)
    again = publish(article)
    assert (again.path, again.first_published_at) == (first.path, first.first_published_at)


# --- States ------------------------------------------------------------------------------------


def test_states_follow_an_article_through_its_life():
    article = make_article("Erste", title_en=None, lead_en=None, body_en=None)
    words = [state(article, "de", database_now()).word]
    publish(article, at=later(hours=1))
    words.append(state(article, "de", database_now()).word)
    publish(article)
    words.append(state(article, "de", database_now()).word)
    withdraw(article)
    words.append(state(article, "de", database_now()).word)
    assert words == ["draft", "planned", "live", "withdrawn"]
    assert state(article, "en", database_now()).word == "missing"


def test_unpublished_changes_are_named():
    article = make_article("Erste")
    publish(article)
    assert state(article, "de", database_now()).changes == ()
    article.title_de, article.body_de = "Zweite", "<p>Neu</p>"
    article.save()
    assert state(article, "de", database_now()).changes == ("title", "body")


def test_changed_topics_are_unpublished_changes():
    article = make_article(topics=[make_topic("Eins")])
    publish(article)
    article.article_topics.create(topic=make_topic("Zwei"), position=1)
    assert state(article, "de", database_now()).changes == ("topics",)


# --- Plans -------------------------------------------------------------------------------------


def test_a_text_published_before_its_plan_gives_the_plan_its_date():
    article = make_article("Morgen")
    at = later(days=1)
    publish(article, at=at)
    article.title_de = "Heute"
    article.save()
    first = publish(article)
    planned = article.publications.get(title="Morgen")
    assert ranges(article) == [(first.visible.lower, at, "Heute"), (at, None, "Morgen")]
    assert planned.first_published_at == first.visible.lower


def test_a_substantial_change_is_not_forgotten_by_the_version_that_follows():
    article = make_article()
    publish(article)
    publish(article, at=later(days=1))
    substantial = publish(article, substantial=True)
    assert article.publications.order_by("visible").last().updated_at == substantial.updated_at


def planned_over_public() -> tuple[Article, datetime]:
    """An article of which "Heute" is public and "Morgen" is planned."""
    article, at = make_article("Heute"), later(days=1)
    publish(article)
    article.title_de = "Morgen"
    article.save()
    publish(article, at=at)
    return article, at


def test_what_a_plan_was_to_replace_goes_on_when_it_is_given_up():
    article, at = planned_over_public()
    publications.cancel_plan(article, ["de"], at)
    assert titles_at(at + timedelta(days=9)) == ["Heute"]
    now = state(article, "de", database_now())
    assert (now.word, now.planned, now.current.visible.upper) == ("live", (), None)


def test_a_plan_given_up_leaves_no_trace_after_the_next_correction():
    article, at = planned_over_public()
    publications.cancel_plan(article, ["de"], at)
    article.title_de = "Berichtigt"
    article.save()
    publish(article)
    assert [title for _lower, _upper, title in ranges(article)] == ["Heute", "Berichtigt"]
    assert ranges(article)[-1][1] is None


def test_a_plan_can_be_made_again_before_and_after_the_one_given_up():
    for days in (0.5, 2):
        article, at = planned_over_public()
        publications.cancel_plan(article, ["de"], at)
        again = later(days=days)
        publish(article, at=again)
        assert titles_at(again - timedelta(microseconds=1)) == ["Heute"]
        assert titles_at(again) == ["Morgen"]
        assert titles_at(again + timedelta(days=30)) == ["Morgen"]
        withdraw(article)


def test_a_plan_given_up_leaves_the_article_a_draft_when_nothing_is_public():
    article, at = make_article(), later(days=1)
    publish(article, at=at)
    publications.cancel_plan(article, ["de"], at)
    assert not article.publications.exists()


def test_a_plan_between_two_is_given_up_and_the_later_one_stays():
    article, at = planned_over_public()
    publish(article, at=at + timedelta(days=1))
    publications.cancel_plan(article, ["de"], at)
    assert titles_at(at) == ["Heute"]
    assert titles_at(at + timedelta(days=1)) == ["Morgen"]


@pytest.mark.parametrize("hours", [6, 48])
def test_a_plan_is_moved_to_an_earlier_or_later_time(hours: int):
    article, at = planned_over_public()
    moved = later(hours=hours)
    publications.move_plan(article, ["de"], at, at=moved, until=None)
    assert titles_at(moved - timedelta(microseconds=1)) == ["Heute"]
    assert titles_at(moved) == ["Morgen"]
    assert titles_at(moved + timedelta(days=30)) == ["Morgen"]
    assert len(state(article, "de", database_now()).planned) == 1


@pytest.mark.parametrize("hours", [6, 48])
def test_the_first_text_moves_with_its_date(hours: int):
    article, at = make_article(), later(days=1)
    publish(article, at=at)
    moved = later(hours=hours)
    [row] = publications.move_plan(article, ["de"], at, at=moved, until=moved + timedelta(days=1))
    assert (row.first_published_at, row.visible.lower) == (moved, moved)
    assert ranges(article) == [(moved, moved + timedelta(days=1), "Meldung")]


def test_a_plan_is_not_moved_across_another():
    article, at = planned_over_public()
    publish(article, at=at + timedelta(days=1))
    before = ranges(article)
    with pytest.raises(publications.NotPlanned):
        publications.move_plan(article, ["de"], at, at=at + timedelta(days=2), until=None)
    assert ranges(article) == before


def test_both_languages_are_moved_or_given_up_in_one_instant_or_each_for_itself():
    article, at = make_article(), later(days=1)
    publish(article, "de", "en", at=at)
    moved = later(days=2)
    german, english = publications.move_plan(article, ["de", "en"], at, at=moved, until=None)
    assert german.visible == english.visible
    publications.cancel_plan(article, ["en"], moved)
    assert [row.language for row in article.publications.all()] == ["de"]


def test_what_has_become_public_is_no_plan_any_more():
    article = make_article()
    publication = publish(article)
    for act in (
        lambda: publications.cancel_plan(article, ["de"], publication.visible.lower),
        lambda: publications.move_plan(article, ["de"], publication.visible.lower, at=later(days=1), until=None),
        lambda: publications.cancel_plan(article, ["en"], later(days=1)),
    ):
        with pytest.raises(publications.NotPlanned):
            act()
    assert titles_at(database_now()) == ["Meldung"]
