"""Cards are written once, and never older than the page they stand on."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from news.reading.cards import RELATED, ROW, cards
from news.reading.lists import by_month
from sccon import pagecache
from sccon.clock import database_now
from tests.factories import make_article, make_image, make_topic, publish
from tests.news.shown import headline

pytestmark = pytest.mark.django_db


def test_cards_come_in_the_order_asked_for_and_leave_out_what_is_not_public():
    first, second = (publish(make_article(title)).pk for title in ("Eins", "Zwei"))
    with translation.override("de"):
        found = cards(ROW, [second, 10**9, first], "de", database_now())
    assert [headline(card) for card in found] == ["Zwei", "Eins"]


def test_what_ended_meanwhile_moves_no_story_into_another_month():
    march, may = datetime(2025, 3, 5, tzinfo=UTC), datetime(2025, 5, 5, tzinfo=UTC)
    older, newer = (
        publish(make_article(title), first_published_at=day).pk for title, day in (("März", march), ("Mai", may))
    )
    with translation.override("de"):
        months = by_month([(may, newer), (may, 10**9), (march, older)], "de", database_now())
    assert [(month.first_day.month, list(map(headline, month.rows))) for month in months] == [
        (5, ["Mai"]),
        (3, ["März"]),
    ]


def test_each_place_has_its_own_shape():
    number = publish(make_article("Eins", image=make_image())).pk
    with translation.override("de"):
        row, related = (cards(style, [number], "de", database_now())[0] for style in (ROW, RELATED))
    assert ("card row" in row, "card row" in related) == (True, False)
    assert (ROW.sizes in row, RELATED.sizes in related) == (False, False)  # no rendition is ready, so none is chosen


def test_a_second_page_with_the_same_stories_asks_for_none_of_them(visitor: Client):
    topic = make_topic("Register")
    for title in ("Eins", "Zwei"):
        publish(make_article(title, topics=[topic]))
    visitor.get("/de/news/")
    with CaptureQueriesContext(connection) as asked:
        page = visitor.get("/de/news/topics/register/")
    assert [headline(row) for month in page.context["months"] for row in month.rows] == ["Zwei", "Eins"]
    assert not [query["sql"] for query in asked.captured_queries if '"news_publication"."lead"' in query["sql"]]


@pytest.mark.django_db(transaction=True)
def test_a_card_is_written_anew_when_what_it_shows_changes(visitor: Client):
    topic = make_topic("Register")
    publish(make_article("Eins", topics=[topic]))
    assert "<b>Register</b>" in visitor.get("/de/news/").text
    topic.name_de = "Datenpolitik"
    topic.save()
    assert "<b>Datenpolitik</b>" in visitor.get("/de/news/").text


def test_the_oldest_cards_make_room(visitor: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pagecache, "PARTS", 5)
    for number in range(8):
        publish(make_article(f"Nr. {number}"))
    assert visitor.get("/de/news/").text.count('class="card row"') == 8
    assert len(pagecache.cache.generation()._parts) == 5
