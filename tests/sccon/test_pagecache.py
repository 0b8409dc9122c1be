"""The page cache: what is kept, until when, and what the visitor's browser and a CDN are told."""

import gzip
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, connections, transaction
from django.http import HttpResponse
from django.test import Client

from news.models import Article, Pin
from sccon import pagecache
from sccon.clock import database_now
from sccon.models import PageVersion
from sccon.outage import outage
from sccon.pages import Page
from tests.factories import make_article, make_topic, make_user, publish
from tests.tickets.factories import make_shop
from tickets.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("remembering")]
commits = pytest.mark.django_db(transaction=True)


@pytest.fixture
def renders(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses whose pages were rendered, each time."""
    seen: list[str] = []
    finish = pagecache.PageCacheMiddleware._finish

    def counting(self: Any, request: Any, response: Any) -> HttpResponse:
        seen.append(request.get_full_path())
        return finish(self, request, response)

    monkeypatch.setattr(pagecache.PageCacheMiddleware, "_finish", counting)
    return seen


def version() -> int:
    return PageVersion.objects.get().version


# --- What is kept -----------------------------------------------------------------------------


def test_a_page_is_rendered_once(visitor: Client, renders: list[str]):
    publish(make_article("Eins", slug_de="eins"))
    first = visitor.get("/de/news/eins/")
    assert (first.status_code, visitor.get("/de/news/eins/").content) == (200, first.content)
    assert renders == ["/de/news/eins/"]


@commits
def test_what_is_published_shows_at_once(visitor: Client):
    article = publish(make_article("Eins", slug_de="eins")).article
    assert "<h1>Eins</h1>" in visitor.get("/de/news/eins/").text
    Article.objects.filter(pk=article.pk).update(title_de="Zwei")
    assert "<h1>Eins</h1>" in visitor.get("/de/news/eins/").text, "saving changes no public byte"
    publish(article)
    assert "<h1>Zwei</h1>" in visitor.get("/de/news/eins/").text


def test_unknown_parameters_neither_change_a_page_nor_add_one(visitor: Client, renders: list[str]):
    publish(make_article("Eins", slug_de="eins"))
    for path in ("/de/news/eins/", "/de/news/", "/de/", "/de/newsletter/"):
        page = visitor.get(path)
        assert page.status_code == 200
        for query in ("utm_source=mail", "x", "page_=2", "utm=1&topic_=open-data", "%00=%ff"):
            assert visitor.get(f"{path}?{query}").content == page.content
    assert renders == ["/de/news/eins/", "/de/news/", "/de/", "/de/newsletter/"]


def test_allowed_parameters_make_pages_of_their_own_in_any_order(visitor: Client, renders: list[str]):
    topic = make_topic("Open Data", slug_de="offene-daten")
    for number in range(21):
        publish(make_article(f"Nr. {number}", topics=[topic]))
    first, second = visitor.get("/de/news/"), visitor.get("/de/news/?page=2")
    assert first.content != second.content
    filtered = visitor.get("/de/news/?topic=offene-daten&page=2")
    assert filtered.content == visitor.get("/de/news/?utm=1&page=2&topic=offene-daten").content != second.content
    assert len(renders) == 3


def test_what_a_view_changes_for_a_passing_parameter_is_not_kept(visitor: Client, renders: list[str]):
    article = publish(make_article("Eins"), "de").article
    plain = visitor.get("/en/news/")
    noticed = visitor.get(f"/en/news/?from={article.pk}")
    assert "not available in English" in noticed.text
    assert visitor.get("/en/news/").content == plain.content != noticed.content
    visitor.get(f"/en/news/?from={article.pk}")
    assert len(renders) == 3


@pytest.mark.parametrize("path", ["/de/news/nirgends/", "/de/news/?page=99", "/de/news/?topic=nirgends", "/de/nichts/"])
def test_what_is_not_found_is_not_kept(visitor: Client, renders: list[str], path: str):
    publish(make_article("Eins"))
    visitor.get("/de/news/")
    renders.clear()
    answers = [visitor.get(path), visitor.get(path)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert len(renders) == 2


def test_errors_are_not_kept(visitor: Client, monkeypatch: pytest.MonkeyPatch):
    publish(make_article("Eins", slug_de="eins"))
    with monkeypatch.context() as broken:
        broken.setattr("news.reading.views._text", lambda request, path: 1 / 0)
        assert visitor.get("/de/news/eins/").status_code == 500
    assert visitor.get("/de/news/eins/").status_code == 200


def test_what_comes_to_another_host_is_neither_kept_nor_answered_from_memory(visitor: Client, renders: list[str]):
    publish(make_article("Eins", slug_de="eins"))
    for host in ("localhost", "127.0.0.1", "evil.example"):
        visitor.get("/de/news/eins/", headers={"host": host})
    visitor.get("/de/news/eins/")
    assert visitor.get("/de/news/eins/", headers={"host": "evil.example"}).status_code == 400
    assert len(renders) == 5


def test_a_page_that_sets_a_cookie_or_knows_its_visitor_is_not_kept(visitor: Client, caplog: pytest.LogCaptureFixture):
    @pagecache.public
    def greeting(request: Any) -> HttpResponse:
        response = HttpResponse("Hallo")
        response.set_cookie("visitor", "7")
        return response

    def answer(request: Any) -> HttpResponse:
        return greeting(request)

    request = Client().request().wsgi_request
    response = pagecache.PageCacheMiddleware(answer)(request)
    assert (response.cookies["visitor"].value, "ETag" in response) == ("7", False)
    assert "is not public" in caplog.text


def test_staff_read_the_same_public_pages_and_bring_no_cookie_into_them(visitor: Client):
    publish(make_article("Eins", slug_de="eins"))
    for path in ("/de/news/eins/", "/de/news/", "/de/", "/de/newsletter/"):
        staff = Client(headers={"host": settings.SITE_URL.removeprefix("http://")})
        staff.force_login(make_user("publisher"))
        made_by_staff = staff.get(path)
        pagecache.cache.forget()
        made_by_visitor = visitor.get(path)
        assert made_by_staff.content == made_by_visitor.content == staff.get(path).content
        assert not made_by_staff.cookies and not made_by_visitor.cookies


def test_memory_is_bounded_and_the_oldest_page_goes_first(visitor: Client, renders: list[str], settings: Any):
    for slug in ("eins", "zwei", "drei"):
        publish(make_article(slug, slug_de=slug))
    one = Page(visitor.get("/de/news/eins/", headers={"host": "localhost"}), 0).size
    settings.PAGE_CACHE_BYTES = int(one * 2.5)
    renders.clear()
    for slug in ("eins", "zwei", "drei", "zwei", "drei", "eins"):
        visitor.get(f"/de/news/{slug}/")
    assert [path.split("/")[3] for path in renders] == ["eins", "zwei", "drei", "eins"]


def test_the_shop_is_kept_a_second_at_most(visitor: Client):
    make_shop()
    page = visitor.get("/de/tickets/")
    assert page["Cache-Control"].endswith("s-maxage=0")
    generation = pagecache.cache.generation()
    assert generation is not None
    kept = generation.page(("/de/tickets/",))
    assert kept is not None
    assert 0 < kept.ends - time.monotonic() <= 1


# --- What is told -----------------------------------------------------------------------------


def test_a_cdn_may_keep_a_page_for_seconds_and_a_browser_asks_each_time(visitor: Client):
    publish(make_article("Eins", slug_de="eins"))
    for response in (visitor.get("/de/news/eins/"), visitor.get("/de/news/eins/")):
        assert response["Cache-Control"] == "public, max-age=0, must-revalidate, s-maxage=5"
        assert response["Vary"] == "Accept-Encoding"
        assert not response.cookies


def test_a_cdn_is_told_when_something_changes_soon(visitor: Client):
    publish(make_article("Eins", slug_de="eins"), until=database_now() + timedelta(seconds=3))
    told = visitor.get("/de/news/eins/")["Cache-Control"].rpartition("=")[2]
    assert told in {"0", "1", "2"}


def test_a_page_comes_compressed_to_those_who_take_it(visitor: Client):
    publish(make_article("Eins", slug_de="eins"))
    plain = visitor.get("/de/news/eins/")
    for accepted in ("gzip", "br, gzip;q=0.8", "gzip, deflate"):
        packed = visitor.get("/de/news/eins/", headers={"accept-encoding": accepted})
        assert (packed["Content-Encoding"], gzip.decompress(packed.content)) == ("gzip", plain.content)
        assert packed["Content-Length"] == str(len(packed.content))
    for accepted in ("", "br", "gzip;q=0", "gzip; q=0.0, br"):
        response = visitor.get("/de/news/eins/", headers={"accept-encoding": accepted})
        assert ("Content-Encoding" in response, response.content) == (False, plain.content)


@commits
def test_a_page_that_the_browser_has_is_not_sent_again(visitor: Client):
    article = publish(make_article("Eins", slug_de="eins")).article
    tag = visitor.get("/de/news/eins/")["ETag"]
    assert tag.startswith('W/"')
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        answer = visitor.get("/de/news/eins/", headers={"if-none-match": known, "accept-encoding": "gzip"})
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
    assert visitor.get("/de/news/eins/", headers={"if-none-match": '"other"'}).status_code == 200
    Article.objects.filter(pk=article.pk).update(lead_de="Anders.")
    publish(article)
    assert visitor.get("/de/news/eins/", headers={"if-none-match": tag}).status_code == 200


def test_head_says_what_get_would(visitor: Client):
    publish(make_article("Eins", slug_de="eins"))
    for _asked in ("cold", "kept"):
        head = visitor.head("/de/news/eins/")
        got = visitor.get("/de/news/eins/")
        assert (head.status_code, head.content, dict(head.items())) == (200, b"", dict(got.items()))


@commits
def test_a_buyers_page_is_kept_nowhere_shares_what_all_pages_show_and_follows_a_change(
    visitor: Client, renders: list[str]
):
    event, _quota, product = make_shop()
    visitor.post("/de/tickets/cart/add/", {f"product-{product.pk}": 1}, headers={"sec-fetch-site": "same-origin"})
    for _time in range(2):
        assert event.venue_de in visitor.get("/de/tickets/cart/").content.decode()
    assert renders == ["/de/tickets/cart/"] * 2
    generation = pagecache.cache.generation()
    assert generation is not None
    assert len(generation.parts([("once", "foot", "de"), ("tickets/event_line.html", "de")])) == 2
    Event.objects.update(venue_de="Woanders")
    assert "Woanders" in visitor.get("/de/tickets/cart/").content.decode()


@commits
def test_what_moved_or_is_gone_is_asked_for_each_time(visitor: Client):
    article = publish(make_article("Eins", slug_de="alt")).article
    visitor.get("/de/news/alt/")
    Article.objects.filter(pk=article.pk).update(slug_de="neu")
    publish(article)
    moved = visitor.get("/de/news/alt/")
    assert (moved.status_code, moved["Cache-Control"]) == (301, "public, max-age=0, must-revalidate")


# --- What counts as a change ------------------------------------------------------------------


@commits
def test_a_transaction_counts_once_and_only_when_it_commits():
    make_topic("Anfang")
    before = version()
    with transaction.atomic():
        publish(make_article("Eins"))
        make_topic("Zwei", slug_de="zwei", slug_en="two")
        assert version() == before
    assert version() == before + 1
    with transaction.atomic():
        make_topic("Drei", slug_de="drei", slug_en="three")
        transaction.set_rollback(True)
    assert version() == before + 1


def test_every_table_that_pages_show_counts_and_those_of_orders_do_not():
    counting = {
        model._meta.db_table
        for model in apps.get_models()
        if any(trigger.name == "changes_pages" for trigger in getattr(model._meta, "triggers", []))
    }
    assert counting == {
        *("news_publication", "news_publicationtopic", "news_publicationrelated", "news_publicationimage"),
        *("news_publicationattachment", "news_pin", "news_topic", "news_author", "news_image", "news_rendition"),
        *("news_sharepicture", "newsletter_edition", "newsletter_correction", "tickets_event", "tickets_product"),
    }


@commits
def test_two_publishers_who_refer_to_each_others_articles_do_not_lock_each_other_out():
    """Each holds its article's lock; with the version's row in hand it must not need the other's."""
    one, two = make_article("Eins"), make_article("Zwei")
    one.related.add(two)
    two.related.add(one)

    def publishing(article: Article) -> None:
        try:
            for _time in range(10):
                publish(article)
        finally:
            connections.close_all()

    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(publishing, article) for article in (one, two)]:
            done.result()


@commits
def test_when_the_look_fails_by_a_fault_of_ours_pages_are_rendered_and_it_is_no_outage(
    visitor: Client, renders: list[str], caplog: pytest.LogCaptureFixture
):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE sccon_pageversion RENAME TO sccon_pageversion_away")
        try:
            assert [visitor.get("/de/newsletter/").status_code for _time in range(2)] == [200, 200]
        finally:
            cursor.execute("ALTER TABLE sccon_pageversion_away RENAME TO sccon_pageversion")
    assert renders == ["/de/newsletter/"] * 2
    assert not outage.lasts()
    assert "Whether pages are the latest cannot be found out." in caplog.text


def test_at_midnight_in_berlin_all_pages_end_for_the_dates_on_them():
    berlin = ZoneInfo("Europe/Berlin")
    for at, midnight in (
        (datetime(2026, 11, 25, 12, tzinfo=berlin), datetime(2026, 11, 26, tzinfo=berlin)),
        (datetime(2026, 3, 29, 0, tzinfo=berlin), datetime(2026, 3, 30, tzinfo=berlin)),
    ):
        assert pagecache.next_change(at) == midnight


def test_pages_end_when_a_text_or_a_pin_begins_or_ends():
    article, begun = publish(make_article("Eins")).article, database_now()
    for seconds, act in (
        (50, lambda at: publish(article, at=at)),
        (40, lambda at: publish(make_article("Zwei"), until=at)),
        (30, lambda at: Pin.objects.create(article=article, until=at)),
    ):
        moment = begun + timedelta(seconds=seconds)
        act(moment)
        assert pagecache.next_change(database_now()) == moment


# --- Threads ----------------------------------------------------------------------------------


def slowly(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """The article's view waits: returns what it sets when it has read, and what it waits for before it answers."""
    from news.reading import views

    read, go_on = threading.Event(), threading.Event()
    original: Callable = views._text

    def waiting(request: Any, path: str) -> HttpResponse:
        response = original(request, path)
        read.set()
        assert go_on.wait(60)
        return response

    monkeypatch.setattr(views, "_text", waiting)
    return read, go_on


def ask(visitor: Client, path: str) -> HttpResponse:
    try:
        return visitor.get(path)
    finally:
        connections.close_all()


@commits
def test_a_page_rendered_late_does_not_land_among_newer_ones(visitor: Client, monkeypatch: pytest.MonkeyPatch):
    article = publish(make_article("Eins", slug_de="eins")).article
    Article.objects.filter(pk=article.pk).update(title_de="Zwei")
    with monkeypatch.context() as patched, ThreadPoolExecutor() as pool:
        read, go_on = slowly(patched)
        late = pool.submit(ask, visitor, "/de/news/eins/")
        assert read.wait(60)
        publish(article)
        assert pagecache.cache.generation() is not None
        go_on.set()
        assert "<h1>Eins</h1>" in late.result().text
    assert "<h1>Zwei</h1>" in visitor.get("/de/news/eins/").text


@commits
def test_with_the_version_read_after_rendering_a_late_page_would_stay(visitor: Client, monkeypatch: pytest.MonkeyPatch):
    """The twin of the test above, without the guard."""
    article = publish(make_article("Eins", slug_de="eins")).article
    Article.objects.filter(pk=article.pk).update(title_de="Zwei")
    with monkeypatch.context() as patched, ThreadPoolExecutor() as pool:
        patched.setattr(pagecache, "generation_of", lambda request: pagecache.cache.generation())
        read, go_on = slowly(patched)
        late = pool.submit(ask, visitor, "/de/news/eins/")
        assert read.wait(60)
        publish(article)
        go_on.set()
        late.result()
    assert "<h1>Eins</h1>" in visitor.get("/de/news/eins/").text


@commits
def test_after_a_change_one_thread_renders_and_the_others_wait_for_it(
    visitor: Client, renders: list[str], monkeypatch: pytest.MonkeyPatch
):
    article = publish(make_article("Eins", slug_de="eins")).article
    visitor.get("/de/news/eins/")
    publish(article)
    renders.clear()
    with monkeypatch.context() as patched, ThreadPoolExecutor(8) as pool:
        read, go_on = slowly(patched)
        asking = [pool.submit(ask, visitor, "/de/news/eins/") for _visitor in range(8)]
        assert read.wait(60)
        go_on.set()
        assert {asked.result().status_code for asked in asking} == {200}
    assert renders == ["/de/news/eins/"]
