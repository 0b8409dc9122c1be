"""The feeds: what readers of Atom and RSS get, what they know an article by, and what never gets into a feed."""

from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from django.test import Client, override_settings
from django.utils.feedgenerator import rfc3339_date

from news.models import Article, Attachment, Publication, Withdrawal
from news.publishing import publications
from sccon.clock import database_now
from tests.factories import make_article, make_author, make_image, make_topic, publish

pytestmark = pytest.mark.django_db

KINDS = ["atom", "rss"]
SITE = "https://news.example.org"


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL, settings.FEED_ID_HOST = SITE, "news.example.org"


def read(client: Client, path: str) -> feedparser.FeedParserDict:
    """The feed at `path`, well-formed."""
    response = client.get(path)
    assert response.status_code == 200
    headers = {"content-type": response["Content-Type"]}
    feed = feedparser.parse(
        response.content, response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


def titles(client: Client, path: str = "/de/news/feed.atom") -> list[str]:
    return [entry.title for entry in read(client, path).entries]


def withdraw(article: Article, **options) -> None:
    publications.withdraw(article, ["de"], by=None, reason="Ein Irrtum", **options)


def changed(client: Client, path: str = "/de/news/feed.atom") -> str:
    return read(client, path).feed.updated


# --- What an entry says -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_carries_the_whole_text_with_absolute_addresses(client: Client, kind: str):
    article = make_article(
        "Die „D16“ & ihr <Ziel>",
        slug_de="d16",
        lead_de="Länder & Bund.",
        body_de='<p>Mehr <a href="/de/news/">hier</a> und <a href="https://example.net/a">dort</a>.</p>',
        author=make_author("Jana Wetterau", email="jana@example.org"),
        image=make_image(alt_de="Eine Halle", caption_de="Die Halle", credit="A. Bild"),
        topics=[make_topic("Open Data"), make_topic("Cloud", name_en=None)],
    )
    Attachment.objects.create(article=article, file="AAAAAAAAAAAAAAAAAAAAAA/programm.pdf", title_de="Programm", size=8)
    story = publish(article)

    feed = read(client, f"/de/news/feed.{kind}")
    [entry] = feed.entries

    assert entry.title == "Die „D16“ & ihr <Ziel>"
    assert (entry.link, entry.id) == (f"{SITE}/de/news/d16/", f"tag:news.example.org,2026:article/{article.pk}/de")
    assert entry.summary == "Länder &amp; Bund."
    assert entry.author == "Jana Wetterau"
    assert "jana@example.org" not in str(feed)
    assert [term["term"] for term in entry.tags] == ["Open Data", "Cloud"]
    picture = f"{SITE}/media/{article.image.jpeg.name}"
    assert entry.content[0].value == (
        f'<figure><img src="{picture}" width="60" height="40" alt="Eine Halle">'
        '<figcaption>Die Halle <span class="credit">A. Bild</span></figcaption></figure>'
        "<p><em>Länder &amp; Bund.</em></p>"
        f'<p>Mehr <a href="{SITE}/de/news/">hier</a> und <a href="https://example.net/a">dort</a>.</p>'
        f'<ul><li><a href="{SITE}/media/AAAAAAAAAAAAAAAAAAAAAA/programm.pdf">Programm</a> (PDF)</li></ul>'
    )
    assert (entry.media_content[0]["url"], entry.media_content[0]["type"]) == (picture, "image/jpeg")
    assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == story.first_published_at.replace(microsecond=0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_inside_the_text_comes_along(client: Client, kind: str):
    image = make_image(alt_de="Ein Saal")
    figure = f'<figure data-image="{image.pk}" data-alt="Drei &amp; mehr"><figcaption>Im Saal</figcaption></figure>'
    publish(make_article(body_de=f"<p>Text</p>{figure}"))
    [entry] = read(client, f"/de/news/feed.{kind}").entries
    assert (
        f'<figure><img src="{SITE}/media/{image.jpeg.name}" width="60" height="40" alt="Drei &amp; mehr">'
        "<figcaption>Im Saal</figcaption></figure>" in entry.content[0].value
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_feed_speaks_one_language(client: Client, kind: str):
    topic = make_topic("Offene Daten", name_en="Open data", slug_en="open-data", description_de="Nur deutsch.")
    image = make_image(alt_de="Eine Halle", alt_en="A hall", caption_de="Die Halle", caption_en="The hall")
    publish(make_article("Meldung", image=image, topics=[topic]), "de", "en")
    publish(make_article("Nur deutsch"), "de")

    english = read(client, f"/en/news/feed.{kind}")

    assert (english.feed.language, english.feed.title) == ("en", "Smart Country Convention: News")
    assert [entry.title for entry in english.entries] == ["Meldung (English)"]
    text = str(english)
    assert "The hall" in text
    for german in ("Halle", "Vorspann", "Der Text", "Offene", "Nur deutsch", "/de/"):
        assert german not in text, german


@pytest.mark.parametrize("kind", KINDS)
def test_the_host_header_decides_nothing(client: Client, kind: str):
    publish(make_article(slug_de="eins", image=make_image()))
    with override_settings(ALLOWED_HOSTS=["evil.example"]):
        page = client.get(f"/de/news/feed.{kind}", headers={"host": "evil.example"}).content.decode()
    assert f"{SITE}/de/news/eins/" in page
    assert "evil.example" not in page


@pytest.mark.parametrize("kind", KINDS)
def test_characters_that_xml_cannot_hold_break_no_feed(client: Client, kind: str):
    publish(make_article("Ein\x0bTitel", lead_de="Vor\x1bspann"))
    [entry] = read(client, f"/de/news/feed.{kind}").entries
    assert entry.title == "EinTitel"


# --- Order, ids, dates ------------------------------------------------------------------------


def test_the_twenty_newest_come_first(client: Client):
    for number in range(22):
        publish(make_article(f"Nr. {number}"), first_published_at=datetime(2025, 1, 1 + number, tzinfo=UTC))
    assert titles(client) == [f"Nr. {number}" for number in range(21, 1, -1)]


def test_a_corrected_typo_makes_no_new_entry_and_no_new_date(client: Client):
    article = make_article("Erste", slug_de="erste")
    publish(article, first_published_at=datetime(2025, 1, 1, tzinfo=UTC))
    publish(make_article("Zweite"))
    before = read(client, "/de/news/feed.atom")
    Article.objects.filter(pk=article.pk).update(title_de="Erste, verbessert", slug_de="neue-adresse")
    publish(article)
    after = read(client, "/de/news/feed.atom")
    assert [entry.title for entry in after.entries] == ["Zweite", "Erste, verbessert"]
    assert [(e.id, e.published, e.updated) for e in after.entries] == [
        (e.id, e.published, e.updated) for e in before.entries
    ]
    assert after.entries[1].link == f"{SITE}/de/news/neue-adresse/"
    assert after.feed.updated > before.feed.updated or after.feed.updated_parsed == before.feed.updated_parsed


def test_new_content_moves_the_entrys_date_and_nothing_else(client: Client):
    article = make_article("Erste")
    first = publish(article, first_published_at=datetime(2025, 1, 1, tzinfo=UTC))
    publish(make_article("Zweite"))
    story = publish(article, substantial=True)
    old = read(client, "/de/news/feed.atom").entries[1]
    assert (old.id, old.updated) == (
        f"tag:news.example.org,2026:article/{article.pk}/de",
        rfc3339_date(story.updated_at),
    )
    assert old.published == rfc3339_date(first.first_published_at)


def last_moment(*rows: Publication) -> str:
    moments = [moment for row in rows for moment in (row.visible.lower, row.visible.upper) if moment]
    return rfc3339_date(max(moments))


def test_a_withdrawal_takes_the_entry_out_and_moves_the_feeds_date(client: Client):
    topic = make_topic("Open Data")
    publish(make_article("Bleibt", topics=[topic]))
    article = publish(make_article("Geht", topics=[topic])).article
    withdraw(article)
    gone = article.publications.get()
    for path in ("/de/news/feed.atom", "/de/news/topics/open-data/feed.atom"):
        assert titles(client, path) == ["Bleibt"]
        assert changed(client, path) == last_moment(gone) != rfc3339_date(gone.visible.lower)


def test_an_end_that_was_planned_moves_the_feeds_date_when_it_comes(client: Client):
    story = publish(make_article("Geht"), until=database_now() + timedelta(hours=1))
    assert changed(client) == rfc3339_date(story.visible.lower)


def test_what_happens_to_older_texts_moves_no_date(client: Client):
    old = make_article("Alt")
    publish(old, first_published_at=datetime(2024, 1, 1, tzinfo=UTC))
    rows = [
        publish(make_article(f"Nr. {n}"), first_published_at=datetime(2025, 1, 1 + n, tzinfo=UTC)) for n in range(20)
    ]
    withdraw(old)
    assert changed(client) == last_moment(*rows)


# --- Conditional requests ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_who_has_the_feed_gets_304_until_it_changes(client: Client, kind: str):
    article = publish(make_article("Erste")).article
    path = f"/de/news/feed.{kind}"
    first = client.get(path)
    again = client.get(path, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    withdraw(article)
    after = client.get(path, headers={"if-none-match": first["ETag"]})
    assert after.status_code == 200
    assert after["ETag"] != first["ETag"]


@pytest.mark.parametrize("since", ["Sat, 28 Nov 2037 10:00:00 GMT", "Saturday, 28-Nov-37 10:00:00 GMT"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_reader_whose_clock_is_fast_or_whose_dates_are_old_gets_304(client: Client, kind: str, since: str):
    publish(make_article("Erste"))
    for _time in range(2):  # made anew, then from memory
        assert client.get(f"/de/news/feed.{kind}", headers={"if-modified-since": since}).status_code == 304
        client.get(f"/de/news/feed.{kind}")


# --- What never gets in -----------------------------------------------------------------------


def test_nothing_planned_withdrawn_or_drafted_is_in_any_feed(client: Client):
    topic = make_topic("Open Data")
    publish(make_article("Öffentlich", topics=[topic]))
    before = {path: client.get(path).content for path in feeds()}
    publish(make_article("Geplant", topics=[topic]), at=database_now() + timedelta(seconds=30))
    make_article("Entwurf", topics=[topic])
    publish(make_article("Seite", kind="page", slug_de="seite"))
    assert {path: client.get(path).content for path in feeds()} == before


def feeds() -> list[str]:
    return [f"/de/news/{part}feed.{kind}" for part in ("", "topics/open-data/") for kind in KINDS]


@pytest.mark.parametrize("kind", KINDS)
def test_a_topic_without_public_news_has_no_feed(client: Client, kind: str):
    topic = make_topic("Open Data")
    assert client.get(f"/de/news/topics/open-data/feed.{kind}").status_code == 404
    publish(make_article(topics=[topic]), at=database_now() + timedelta(hours=1))
    assert client.get(f"/de/news/topics/open-data/feed.{kind}").status_code == 404
    assert client.get(f"/de/news/topics/nirgends/feed.{kind}").status_code == 404


def test_a_topics_feed_holds_its_news_alone_and_follows_the_topic(client: Client):
    topic = make_topic("Open Data", description_de="Daten für alle.")
    publish(make_article("Eins", topics=[topic]))
    publish(make_article("Zwei", topics=[make_topic("Cloud")]))
    feed = read(client, "/de/news/topics/open-data/feed.rss")
    assert [entry.title for entry in feed.entries] == ["Eins"]
    assert (feed.feed.title, feed.feed.subtitle) == ("Smart Country Convention: Open Data", "Daten für alle.")
    topic.slug_de = "offene-daten"
    topic.save()
    moved = client.get("/de/news/topics/open-data/feed.rss")
    assert (moved.status_code, moved["Location"]) == (301, "/de/news/topics/offene-daten/feed.rss")


def test_what_stays_under_a_notice_says_so_in_the_feed(client: Client):
    article = publish(make_article("Eins")).article
    withdraw(article, outcome=Withdrawal.Outcome.NOTICE, notice={"de": "Dieser Text ist überholt."})
    [entry] = read(client, "/de/news/feed.atom").entries
    assert entry.content[0].value.startswith("<p><strong>Dieser Text ist überholt.</strong></p>")


# --- How they are found, and what they cost ---------------------------------------------------


def test_the_pages_name_their_feeds(client: Client):
    topic = make_topic("Open Data")
    publish(make_article(slug_de="eins", topics=[topic]))
    own = {"/de/news/topics/open-data/": "/de/news/topics/open-data/"}
    for path in ("/de/", "/de/news/", "/de/news/eins/", "/de/news/topics/open-data/"):
        page = client.get(path).content.decode()
        feed = own.get(path, "/de/news/")
        assert f'<link rel="alternate" type="application/atom+xml" href="{feed}feed.atom"' in page, path
        assert f'<link rel="alternate" type="application/rss+xml" href="{feed}feed.rss"' in page, path


def test_an_empty_site_has_an_empty_feed(client: Client):
    for language in ("de", "en"):
        for kind in KINDS:
            assert read(client, f"/{language}/news/feed.{kind}").entries == []


def test_a_feed_asks_as_many_questions_for_twenty_stories_as_for_one(client: Client, django_assert_num_queries):
    def story(number: int) -> None:
        image, inside = make_image(), make_image()
        body = f'<p>Text</p><figure data-image="{inside.pk}"></figure>'
        publish(make_article(f"Nr. {number}", image=image, author=make_author(), body_de=body))

    story(0)
    with django_assert_num_queries(7) as captured:
        client.get("/de/news/feed.atom")
    for number in range(1, 5):
        story(number)
    with django_assert_num_queries(len(captured)):
        client.get("/de/news/feed.atom")
