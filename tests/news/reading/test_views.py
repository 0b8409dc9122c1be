"""What addresses answer: texts, lists, the way from one language to the other, and what stays out of every page."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from news.models import Article, Publication, Withdrawal
from news.publishing import publications
from sccon import pagecache
from sccon.clock import database_now
from tests.factories import make_article, make_author, make_image, make_topic, make_user, publish
from tests.news.shown import headline

pytestmark = pytest.mark.django_db


def titles(response: HttpResponse) -> list[str]:
    """The stories of a list, as they follow each other."""
    return [headline(row) for month in response.context["months"] for row in month.rows]


def alternates(response: HttpResponse) -> dict[str, str]:
    site = settings.SITE_URL
    return {item.language: item.url.removeprefix(site) for item in response.context["alternates"]}


def switch(response: HttpResponse) -> dict[str, str]:
    return {choice.language: choice.url for choice in response.context["switch"]}


def published(title: str, *languages: str, year: int = 2025, **fields: Any) -> Publication:
    first = datetime(year, 10, 1, 12, tzinfo=UTC)
    return publish(make_article(title, **fields), *(languages or ["de"]), first_published_at=first)


def withdraw(article: Article, **options: Any) -> None:
    publications.withdraw(article, ["de"], by=None, reason="Ein Irrtum", **options)


# --- What an address answers ------------------------------------------------------------------


def test_an_address_of_today_shows_its_text(client: Client):
    publication = published("Die D16 tagt", slug_de="d16-tagt")
    response = client.get("/de/news/d16-tagt/")
    assert (response.status_code, response.context["story"]) == (200, publication)
    assert "<h1>Die D16 tagt</h1>" in response.content.decode()


def test_an_older_address_leads_to_the_one_of_today(client: Client):
    article = published("Eins", slug_de="alt").article
    Article.objects.filter(pk=article.pk).update(slug_de="neu")
    publish(article)
    response = client.get("/de/news/alt/")
    assert (response.status_code, response["Location"]) == (301, "/de/news/neu/")
    assert client.get("/de/news/neu/").status_code == 200


def test_what_is_gone_says_so(client: Client):
    article = published("Eins", slug_de="eins").article
    withdraw(article)
    response = client.get("/de/news/eins/")
    assert (response.status_code, [t.name for t in response.templates][:1]) == (410, ["410.html"])
    assert 'name="robots" content="noindex"' in response.content.decode()


def test_what_has_ended_by_itself_says_so(client: Client):
    publish(make_article("Eins", slug_de="eins"), until=database_now() + timedelta(hours=1))
    assert client.get("/de/news/eins/").status_code == 200
    end = public_for_a_moment(make_article("Zwei", slug_de="zwei"))
    while database_now() < end:
        time.sleep(0.05)
    assert client.get("/de/news/zwei/").status_code == 410


def public_for_a_moment(article: Article, seconds: float = 0.1) -> datetime:
    """Publishes `article`; returns when it ends. The slower the machine, the later: it must not end before it begins."""
    end = database_now() + timedelta(seconds=seconds)
    try:
        publish(article, until=end)
    except publications.NotPublishable:
        return public_for_a_moment(article, seconds * 4)
    return end


def test_what_was_replaced_leads_to_its_successor_in_one_hop(client: Client):
    first, second = published("Eins", slug_de="eins").article, published("Zwei", slug_de="zwei").article
    third = published("Drei", slug_de="drei").article
    withdraw(first, outcome=Withdrawal.Outcome.REPLACED, target=second)
    assert client.get("/de/news/eins/")["Location"] == "/de/news/zwei/"
    withdraw(second, outcome=Withdrawal.Outcome.REPLACED, target=third)
    for slug in ("eins", "zwei"):
        response = client.get(f"/de/news/{slug}/")
        assert (response.status_code, response["Location"]) == (301, "/de/news/drei/")


def test_what_was_replaced_by_something_gone_is_gone(client: Client):
    first, second = published("Eins", slug_de="eins").article, published("Zwei").article
    withdraw(first, outcome=Withdrawal.Outcome.REPLACED, target=second)
    withdraw(second)
    assert client.get("/de/news/eins/").status_code == 410


def test_what_stays_under_a_notice_shows_it(client: Client):
    article = published("Eins", slug_de="eins").article
    withdraw(article, outcome=Withdrawal.Outcome.NOTICE, notice={"de": "Dieser Text ist überholt."})
    response = client.get("/de/news/eins/")
    assert response.status_code == 200
    assert "Dieser Text ist überholt." in response.content.decode()


def test_planned_and_unknown_answer_the_same_byte_for_byte(client: Client):
    publish(make_article("Geplant", slug_de="geplant"), at=database_now() + timedelta(days=1))
    planned, unknown = client.get("/de/news/geplant/"), client.get("/de/news/nirgends/")
    assert (planned.status_code, unknown.status_code) == (404, 404)
    assert planned.content == unknown.content
    assert dict(planned.items()) == dict(unknown.items())


def test_a_draft_is_unknown(client: Client):
    make_article(slug_de="entwurf")
    assert client.get("/de/news/entwurf/").status_code == 404


def test_one_language_is_no_page_of_the_other(client: Client):
    published("Eins", "de", slug_de="eins", slug_en="one")
    assert client.get("/en/news/one/").status_code == 404
    assert client.get("/en/news/eins/").status_code == 404


def test_pages_stand_at_the_top_and_in_the_foot(client: Client):
    publish(make_article("Impressum", kind="page", role="imprint", slug_de="impressum", slug_en="imprint"), "de", "en")
    response = client.get("/de/impressum/")
    assert response.status_code == 200
    assert '<a href="/de/impressum/">Impressum</a>' in response.content.decode()
    assert client.get("/de/news/impressum/").status_code == 404
    assert alternates(response) == {"de": "/de/impressum/", "en": "/en/imprint/"}


@pytest.mark.parametrize(("accept", "path"), [("de-DE,de", "/de/"), ("en-GB,en;q=0.9", "/en/"), ("fr", "/de/")])
def test_the_root_leads_to_the_browsers_language_and_is_kept_by_no_cache(client: Client, accept: str, path: str):
    response = client.get("/", headers={"accept-language": accept})
    assert (response.status_code, response["Location"]) == (302, path)
    assert (response["Cache-Control"], response["Vary"]) == ("no-store", "Accept-Language")


# --- Lists ------------------------------------------------------------------------------------


def test_the_overview_shows_the_newest_first_and_twenty_a_page(client: Client):
    for number in range(23):
        publish(make_article(f"Nr. {number}"), first_published_at=datetime(2025, 1, 1 + number, tzinfo=UTC))
    assert titles(client.get("/de/news/")) == [f"Nr. {number}" for number in range(22, 2, -1)]
    assert titles(client.get("/de/news/?page=2")) == ["Nr. 2", "Nr. 1", "Nr. 0"]


@pytest.mark.parametrize("page", ["99999", "0", "-1", "2", "zwei", "1.0", "²"])
def test_a_page_that_is_not_there_is_not_found(client: Client, page: str):
    published("Eins")
    assert client.get("/de/news/", {"page": page}).status_code == 404


@pytest.mark.parametrize("year", ["2024", "0000", "99", "20255", "zwei", "²²²²", "10000"])
def test_a_year_without_news_is_not_found(client: Client, year: str):
    published("Eins", year=2025)
    assert client.get("/de/news/", {"year": year}).status_code == 404


@pytest.mark.parametrize("slug", ["nirgends", "open data", "\x00", "a" * 300])
def test_a_topic_that_is_not_there_is_not_found(client: Client, slug: str):
    published("Eins")
    assert client.get("/de/news/", {"topic": slug}).status_code == 404


def test_unknown_parameters_change_no_byte(client: Client):
    published("Eins")
    assert client.get("/de/news/?utm_source=brief&q=x").content == client.get("/de/news/").content


def test_filters_narrow_the_list_and_count_what_they_leave(client: Client):
    data, cloud = make_topic("Open Data"), make_topic("KI und Cloud", slug_de="ki")
    published("Eins", topics=[data], year=2024)
    published("Zwei", topics=[data, cloud], year=2025)
    published("Drei", topics=[cloud], year=2025)
    published("Vier", topics=[data], year=2025)

    response = client.get("/de/news/?topic=open-data&year=2025")

    assert titles(response) == ["Vier", "Zwei"]
    assert '<span class="count">1<span class="visually-hidden"> Text</span></span>' in response.content.decode()
    assert [(f.name, f.count, f.current) for f in response.context["topic_filters"]] == [
        ("KI und Cloud", 2, False),
        ("Open Data", 2, True),
    ]
    assert [(f.name, f.count, f.current) for f in response.context["year_filters"]] == [
        ("2025", 2, True),
        ("2024", 1, False),
    ]
    assert [f.url for f in response.context["topic_filters"]] == ["?topic=ki&year=2025", "?topic=open-data&year=2025"]
    assert (response.context["all_topics_url"], response.context["all_years_url"]) == ("?year=2025", "?topic=open-data")


def test_a_filter_that_would_leave_nothing_is_not_offered(client: Client):
    published("Eins", topics=[make_topic("Open Data")], year=2024)
    published("Zwei", topics=[make_topic("Cloud")], year=2025)
    response = client.get("/de/news/?topic=open-data")
    assert [filter.url for filter in response.context["year_filters"]] == ["?topic=open-data&year=2024"]
    response = client.get("/de/news/?year=2025")
    assert [filter.url for filter in response.context["topic_filters"]] == ["?topic=cloud&year=2025"]


def test_a_topic_page_shows_its_news_alone(client: Client):
    data, cloud = make_topic("Open Data"), make_topic("Cloud")
    published("Eins", topics=[data])
    published("Zwei", topics=[cloud])
    assert titles(client.get("/de/news/topics/open-data/")) == ["Eins"]


def test_a_topic_without_public_news_has_no_page(client: Client):
    make_topic("Cloud")
    assert client.get("/de/news/topics/cloud/").status_code == 404


def test_an_older_address_of_a_topic_leads_to_the_one_of_today(client: Client):
    topic = make_topic("Open Data")
    published("Eins", topics=[topic])
    topic.slug_de = "offene-daten"
    topic.save()
    response = client.get("/de/news/topics/open-data/")
    assert (response.status_code, response["Location"]) == (301, "/de/news/topics/offene-daten/")
    assert titles(client.get("/de/news/?topic=open-data")) == ["Eins"]


def test_a_topic_without_a_name_in_a_language_is_not_shown_there(client: Client):
    topic = make_topic("Ehrenamt", name_en=None, slug_en=None)
    published("Eins", "de", "en", topics=[topic], slug_en="one")
    for path in ("/en/news/one/", "/en/news/", "/en/"):
        page = client.get(path).content.decode()
        assert 'href=""' not in page
        assert ">None" not in page


def test_home_opens_with_the_pinned_story_and_names_no_story_twice(client: Client):
    from news.models import Pin

    first = published("Eins", year=2024)
    published("Zwei", year=2025)
    Pin.objects.create(article=first.article)
    response = client.get("/de/")
    assert response.context["lead_story"].title == "Eins"
    assert [headline(card) for card in response.context["stories"]] == ["Zwei"]


def test_an_empty_site_has_a_home_and_an_overview(client: Client):
    for language in ("de", "en"):
        assert client.get(f"/{language}/").status_code == 200
        assert client.get(f"/{language}/news/").status_code == 200


# --- From one language to the other -------------------------------------------------------------


def test_the_switch_leads_to_the_same_article(client: Client):
    published("Eins", "de", "en", slug_de="eins", slug_en="one")
    response = client.get("/de/news/eins/")
    assert switch(response) == {"de": "/de/news/eins/", "en": "/en/news/one/"}
    assert alternates(response) == {"de": "/de/news/eins/", "en": "/en/news/one/"}
    page = response.content.decode()
    assert f'hreflang="x-default" href="{settings.SITE_URL}/de/news/eins/"' in page
    assert f'<link rel="canonical" href="{settings.SITE_URL}/de/news/eins/">' in page


def test_only_what_is_public_at_this_instant_is_named_as_the_other_language(client: Client):
    article = published("Eins", "de", slug_de="eins").article
    publish(article, "en", at=database_now() + timedelta(hours=1))
    response = client.get("/de/news/eins/")
    assert alternates(response) == {"de": "/de/news/eins/"}
    assert switch(response)["en"] == f"/en/news/?from={article.pk}"


@pytest.mark.parametrize(
    ("language", "notice"),
    [
        ("en", "The page you came from is not available in English. Here is all our news in English."),
        (
            "de",
            "Die Seite, von der Sie kommen, gibt es nicht auf Deutsch. Hier sind alle unsere Nachrichten auf Deutsch.",
        ),
    ],
)
def test_who_comes_from_an_article_without_this_language_is_told_so(client: Client, language: str, notice: str):
    article = published("Eins", {"en": "de", "de": "en"}[language]).article
    published("Zwei", language)
    response = client.get(f"/{language}/news/?from={article.pk}")
    page = response.content.decode()
    assert notice in page
    assert 'name="robots" content="noindex"' in page
    assert '<link rel="canonical"' not in page


@pytest.mark.parametrize("given", ["0", "-1", "abc", "²", "9" * 40, ""])
def test_nobody_is_told_of_an_article_that_is_not_there(client: Client, given: str):
    published("Eins", "en")
    response = client.get("/en/news/", {"from": given})
    assert (response.status_code, response.context["from_notice"]) == (200, "")


def test_the_switch_takes_topic_and_year_along_but_not_the_page(client: Client):
    topic = make_topic("Open Data", slug_de="offene-daten", slug_en="open-data")
    for number in range(21):
        published(f"Nr. {number}", "de", "en", topics=[topic], year=2025)
    response = client.get("/de/news/?topic=offene-daten&year=2025&page=2")
    assert switch(response)["en"] == "/en/news/?topic=open-data&year=2025"


@pytest.mark.parametrize("english", [{"slug_en": "open-data"}, {"name_en": None, "slug_en": None}])
def test_a_filter_that_leaves_nothing_in_the_other_language_is_dropped_there(client: Client, english: dict[str, Any]):
    published("Eins", "de", topics=[make_topic("Open Data", **english)])
    response = client.get("/de/news/?topic=open-data")
    assert switch(response)["en"] == "/en/news/"
    assert alternates(response) == {"de": "/de/news/?topic=open-data"}


def test_the_switch_of_a_topic_without_news_there_leads_to_the_overview(client: Client):
    published("Eins", "de", topics=[make_topic("Open Data")])
    assert switch(client.get("/de/news/topics/open-data/"))["en"] == "/en/news/"


# --- What every page keeps to -------------------------------------------------------------------

PUBLIC = [
    "/de/",
    "/en/",
    "/de/news/",
    "/de/news/?year=2025",
    "/de/news/eins/",
    "/en/news/one/",
    "/de/news/topics/daten/",
]
OTHER = ["/", "/de/news/nirgends/", "/de/news/gone/", "/healthz"]


@pytest.fixture
def small_site() -> None:
    published("Eins", "de", "en", slug_de="eins", slug_en="one", topics=[make_topic("Daten")])
    withdraw(published("Weg", slug_de="gone").article)


@pytest.mark.parametrize("path", PUBLIC + OTHER)
def test_a_public_page_knows_nobody(client: Client, small_site: None, path: str):
    stranger = client.get(path)
    client.force_login(make_user())
    known = client.get(path)
    for response in (stranger, known):
        assert not response.cookies
        assert "cookie" not in response.get("Vary", "").lower()
    assert stranger.content == known.content


@pytest.mark.parametrize("path", PUBLIC)
def test_a_public_page_says_its_language_and_keeps_scripts_out(client: Client, small_site: None, path: str):
    response = client.get(path)
    language = path[1:3]
    assert response["Content-Language"] == language
    assert f'<html lang="{language}">' in response.content.decode()
    policy = {part.split()[0]: part.split()[1:] for part in response["Content-Security-Policy"].split("; ")}
    assert (policy["default-src"], policy["script-src"], policy["style-src"][:1]) == (
        ["'none'"],
        ["'self'"],
        ["'self'"],
    )
    assert "'unsafe-inline'" not in response["Content-Security-Policy"]


# --- Queries ------------------------------------------------------------------------------------

MOST = 10


def queries(client: Client, path: str) -> int:
    """Of a page that is rendered: at the configured host, what many pages show has been asked for before."""
    pagecache.cache.forget()
    client = Client(headers={"host": settings.SITE_URL.removeprefix("http://")})
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def rich_article(number: int, related: list[Article]) -> Article:
    image = make_image()
    topics = [make_topic(f"Thema {number}"), make_topic(f"Zweites {number}")]
    body = f'<p>Text</p><figure data-image="{make_image().pk}"></figure><p>Text</p>'
    article = make_article(f"Nr. {number}", topics=topics, image=image, author=make_author(), body_de=body)
    article.related.set(related)
    publish(article, "de", "en")
    return article


def test_pages_ask_the_database_the_same_few_questions_however_many_articles_there_are(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    settings.PAGE_CACHE_BYTES = 0
    monkeypatch.setattr(pagecache, "LOOK_EVERY", 600)
    articles: list[Article] = []
    for number in range(5):
        articles.append(rich_article(number, articles[-1:]))
    paths = ["/de/", "/de/news/", "/de/news/?topic=thema-4", articles[4].publications.get(language="de").url]
    few = {path: queries(client, path) for path in paths}
    for number in range(5, 60):
        articles.append(rich_article(number, articles[-1:]))
    many = {path: queries(client, path) for path in paths}
    assert many == few
    assert max(few.values()) <= MOST, few


# --- The same instant ---------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_planned_article_appears_everywhere_in_the_same_instant_without_a_worker(client: Client):
    topic = make_topic("Open Data")
    published("Vorher", topics=[topic])
    begin = database_now() + timedelta(seconds=2)
    publish(make_article("Geplant", topics=[topic], slug_de="geplant"), at=begin)
    paths = ["/de/news/geplant/", "/de/news/", "/de/", "/de/news/topics/open-data/"]
    paths += ["/de/news/feed.atom", "/de/news/topics/open-data/feed.rss", "/sitemap-articles-de.xml"]

    def shown(path: str) -> bool:
        page = client.get(path).content.decode()
        return ">Geplant<" in page or "/de/news/geplant/<" in page

    before = begin
    seen = [False] * len(paths)
    while not all(seen) and before < begin + timedelta(seconds=30):  # only catches a hang
        before = database_now()
        seen = [shown(path) for path in paths]
        after = database_now()
        if after < begin:
            assert seen == [False] * len(paths)
        elif before >= begin:
            assert seen == [True] * len(paths)
        else:  # the instant fell into this round: who was asked later must not know less
            assert seen == sorted(seen)
        time.sleep(0.05)
    assert seen == [True] * len(paths)
    assert [shown(path) for path in paths] == [True] * len(paths)
