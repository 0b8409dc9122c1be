"""What helps to read an article: the way on, headings to link to, tables on a phone, and that an event is over."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import FieldFetchBlocked
from django.test import Client
from django.utils import timezone, translation

from news.models import Article, Publication, SharePicture
from news.publishing import publications
from news.publishing.states import state
from news.reading import queries
from news.reading.body import render_body
from sccon.clock import database_now
from sccon.html import sanitise
from tests.factories import make_article, make_author, make_image, publish


def rendered(html: str) -> str:
    return render_body(sanitise(html), {}, translation.get_language())


# --- The text -----------------------------------------------------------------------------------


def test_headings_can_be_linked_to():
    html = rendered(
        "<h2>Was sich ändert: Größe &amp; <em>Maß</em></h2><p>a</p><h3>???</h3><h2>Was sich ändert: Größe Maß</h2>"
    )
    assert html == (
        '<h2 id="was-sich-aendert-groesse-mass">Was sich ändert: Größe &amp; <em>Maß</em></h2><p>a</p>'
        '<h3 id="section">???</h3><h2 id="was-sich-aendert-groesse-mass-2">Was sich ändert: Größe Maß</h2>'
    )


@pytest.mark.django_db
def test_no_id_of_a_heading_is_one_of_the_pages_own(client: Client):
    words = ["Content", "Share", "Related", "Newsletter call", "Ticket call", "Attachments", "Neighbours", "Topics"]
    publish(make_article(slug_de="a", body_de="".join(f"<h2>{word}</h2><p>x</p>" for word in words)))
    publish(make_article())
    page = client.get("/de/news/a/").content.decode()
    ids = [part.split('"')[0] for part in page.split(' id="')[1:]]
    assert len(ids) == len(set(ids))
    assert "newsletter-call-2" in ids


def test_a_table_scrolls_by_itself_and_has_a_name():
    table = "<table><tr><th>Jahr</th><th>Gäste</th></tr><tr><td>2025</td><td>23.000</td></tr></table>"
    kept = sanitise(table)
    german = rendered(f"{table}<h2>Zahlen &amp; „Fakten“</h2>{table}")
    assert german == (
        f'<div class="table" role="region" tabindex="0" aria-label="Tabelle 1">{kept}</div>'
        '<h2 id="zahlen-fakten">Zahlen &amp; „Fakten“</h2>'
        f'<div class="table" role="region" tabindex="0" aria-label="Tabelle 2: Zahlen &amp; „Fakten“">{kept}</div>'
    )
    with translation.override("en"):
        assert 'aria-label="Table 1"' in rendered(table)


@pytest.mark.django_db
def test_the_text_at_an_address_is_what_the_queryset_gives(django_assert_num_queries):
    article = make_article("Eins", image=make_image(), author=make_author("Jana Wetterau"))
    written, at = publish(article), database_now()
    SharePicture.objects.create(publication=written, file="a/share.png", key="1")
    public = Publication.objects.public("de", at).select_related("image", "author", "contact", "share_picture")
    expected = public.get(path=written.path)
    with django_assert_num_queries(1):
        found = queries.text("de", written.path, at)
        assert found is not None
        pairs = [
            (found, expected),
            *((getattr(found, name), getattr(expected, name)) for name in ("image", "author", "share_picture")),
        ]
        for ours, theirs in pairs:
            fields = {field.attname for field in theirs._meta.concrete_fields} - theirs.get_deferred_fields()
            assert {name: getattr(ours, name) for name in fields} == {name: getattr(theirs, name) for name in fields}
            assert (ours.get_deferred_fields(), ours._state.adding) == (theirs.get_deferred_fields(), False)
        assert found.contact is None


@pytest.mark.django_db
def test_a_text_fetches_nothing_behind_the_callers_back():
    written, at = publish(make_article()), database_now()
    found = queries.text("de", written.path, at)
    assert found is not None
    with pytest.raises(FieldFetchBlocked):
        _ = found.article
    with pytest.raises(SharePicture.DoesNotExist):
        _ = found.share_picture
    assert queries.text("en", written.path, at) is None
    assert queries.text("de", "news/anders", at) is None


# --- Before and after ---------------------------------------------------------------------------


def neighbours(story: Publication) -> tuple[str | None, str | None]:
    """The addresses of what appeared just before and after `story`."""
    around = queries.surroundings(story, database_now())
    return around.older and around.older.url, around.newer and around.newer.url


def day(number: int) -> datetime:
    return datetime(2025, 1, number, tzinfo=UTC)


@pytest.mark.django_db
def test_each_article_leads_to_what_appeared_before_and_after_it(client: Client):
    rows = [publish(make_article(f"Nr. {n}", slug_de=f"nr-{n}"), first_published_at=day(n)) for n in (1, 2, 3)]
    assert [neighbours(row) for row in rows] == [
        (None, rows[1].url),
        (rows[0].url, rows[2].url),
        (rows[1].url, None),
    ]
    page = client.get("/de/news/nr-2/").content.decode()
    assert '<a class="older" rel="prev" href="/de/news/nr-1/">' in page
    assert '<a class="newer" rel="next" href="/de/news/nr-3/">' in page


@pytest.mark.django_db
def test_of_two_that_appeared_at_once_none_is_left_out():
    rows = [publish(make_article(f"Nr. {n}"), first_published_at=day(1)) for n in range(3)]
    urls = [row.url for row in rows]
    assert [neighbours(row)[0] for row in rows] == [None, *urls[:-1]]
    assert [neighbours(row)[1] for row in rows] == [*urls[1:], None]


@pytest.mark.django_db
def test_only_what_is_public_now_in_this_language_is_a_neighbour():
    story = publish(make_article("Mitte"), "de", "en", first_published_at=day(5))
    publish(make_article("Nur englisch"), "en", first_published_at=day(4))
    publish(make_article("Seite", kind="page", slug_de="seite"), first_published_at=day(6))
    publish(make_article("Geplant"), at=database_now() + timedelta(hours=1))
    gone = publish(make_article("Weg"), first_published_at=day(3)).article
    publications.withdraw(gone, ["de"], by=None, reason="Ein Irrtum")
    assert neighbours(story) == (None, None)


@pytest.mark.django_db
def test_all_that_stands_round_a_text_costs_one_question(django_assert_num_queries):
    rows = [publish(make_article(f"Nr. {n}"), first_published_at=day(n)) for n in (1, 2, 3)]
    at = database_now()
    with django_assert_num_queries(1):
        around = queries.surroundings(rows[1], at)
        assert (around.older.url, around.newer.url, around.older.title) == (rows[0].url, rows[2].url, "Nr. 1")
        assert around.paths == {"de": rows[1].url}


@pytest.mark.django_db
def test_a_page_has_no_neighbours():
    publish(make_article("Nr. 1"))
    assert neighbours(publish(make_article("Seite", kind="page", slug_de="seite"))) == (None, None)


# --- An event that has passed -------------------------------------------------------------------

OVER = {"de": "Diese Veranstaltung ist vorbei", "en": "This event is over"}


@pytest.mark.django_db
def test_the_day_after_its_last_the_page_says_that_the_event_is_over(client: Client):
    today = timezone.localdate()
    for slug, last in (("gestern", today - timedelta(days=1)), ("heute", today), ("ohne", None)):
        publish(make_article(slug_de=slug, slug_en=f"{slug}-en", event_last_day=last), "de", "en")
    for language, slug in (("de", "gestern"), ("en", "gestern-en")):
        assert OVER[language] in client.get(f"/{language}/news/{slug}/").content.decode()
    for slug in ("heute", "ohne"):
        assert OVER["de"] not in client.get(f"/de/news/{slug}/").content.decode()


@pytest.mark.django_db
def test_the_day_ends_at_midnight_in_berlin():
    story = publish(make_article(event_last_day=date(2027, 10, 14)))
    midnight = datetime(2027, 10, 14, 22, tzinfo=UTC)  # summer time
    assert not story.event_is_over(midnight - timedelta(seconds=1))
    assert story.event_is_over(midnight)


@pytest.mark.django_db
def test_the_day_is_frozen_with_the_text_and_its_change_is_one():
    article = make_article(event_last_day=date(2027, 10, 14))
    story = publish(article)
    assert state(article, "de", database_now()).changes == ()
    Article.objects.filter(pk=article.pk).update(event_last_day=date(2027, 10, 15))
    article.refresh_from_db()
    story.refresh_from_db()
    assert story.event_last_day == date(2027, 10, 14)
    assert state(article, "de", database_now()).changes == ("event_last_day",)
