"""The sitemap: every public address once, with its languages, and nothing else."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.test import Client, override_settings

from news.publishing import publications
from news.reading.sitemaps import Articles
from sccon.clock import database_now
from tests.factories import make_article, make_topic, publish
from tests.tickets.factories import make_event

pytestmark = pytest.mark.django_db

SITE = "https://www.example.org"
SPACES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "x": "http://www.w3.org/1999/xhtml",
    "n": "http://www.google.com/schemas/sitemap-news/0.9",
}


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = SITE


def xml(client: Client, path: str) -> ElementTree.Element:
    response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (200, "application/xml")
    return ElementTree.fromstring(response.content)  # noqa: S314 – what we wrote ourselves


def index(client: Client) -> list[str]:
    return [found.text.removeprefix(SITE) for found in xml(client, "/sitemap.xml").findall("s:sitemap/s:loc", SPACES)]


def addresses(client: Client, path: str) -> dict[str, dict[str, str]]:
    """Each address of the part with its alternates."""
    return {
        url.find("s:loc", SPACES).text.removeprefix(SITE): {
            link.get("hreflang"): link.get("href").removeprefix(SITE) for link in url.findall("x:link", SPACES)
        }
        for url in xml(client, path).findall("s:url", SPACES)
    }


def test_every_public_address_stands_in_a_part_of_the_index(client: Client):
    topic = make_topic("Open Data")
    publish(make_article(slug_de="eins", slug_en="one", topics=[topic]), "de", "en")
    publish(make_article(kind="page", role="imprint", slug_de="impressum", slug_en="imprint"), "de", "en")
    found = {address for part in index(client) for address in addresses(client, part)}
    assert found == {
        "/de/", "/en/", "/de/news/", "/en/news/", "/de/newsletter/", "/en/newsletter/",
        "/de/news/topics/open-data/", "/en/news/topics/open-data/",
        "/de/news/eins/", "/en/news/one/", "/de/impressum/", "/en/imprint/",
    }  # fmt: skip
    assert all(client.get(address).status_code == 200 for address in found)


def test_the_shop_stands_in_it_while_it_is_there(client: Client):
    make_event()
    assert "/de/tickets/" in addresses(client, "/sitemap-site.xml")
    assert client.get("/de/tickets/").status_code == 200


def test_only_languages_that_are_public_now_are_named(client: Client):
    both = make_article(slug_de="beide", slug_en="both")
    publish(both, "de", "en")
    german = make_article(slug_de="deutsch")
    publish(german, "de")
    publish(german, "en", at=database_now() + timedelta(hours=1))
    pair = {"de": "/de/news/beide/", "en": "/en/news/both/", "x-default": "/de/news/beide/"}
    assert addresses(client, "/sitemap-articles-de.xml") == {"/de/news/beide/": pair, "/de/news/deutsch/": {}}
    assert addresses(client, "/sitemap-articles-en.xml") == {"/en/news/both/": pair}


def test_the_date_is_that_of_the_last_new_content(client: Client):
    article = make_article(slug_de="eins")
    publish(article, first_published_at=datetime(2025, 5, 1, 10, tzinfo=UTC))
    date = "s:url/s:lastmod"
    path = "/sitemap-articles-de.xml"
    assert xml(client, path).find(date, SPACES).text == "2025-05-01T12:00:00+02:00"
    publish(article)  # a typo
    assert xml(client, path).find(date, SPACES).text == "2025-05-01T12:00:00+02:00"
    updated = publish(article, substantial=True).updated_at
    assert datetime.fromisoformat(xml(client, path).find(date, SPACES).text) == updated
    index_date = [
        part.find("s:lastmod", SPACES) for part in xml(client, "/sitemap.xml") if "articles-de" in part[0].text
    ]
    assert datetime.fromisoformat(index_date[0].text) == updated


def test_nothing_planned_drafted_or_withdrawn_is_in_any_part(client: Client):
    topic = make_topic("Open Data")
    publish(make_article(slug_de="eins", topics=[topic]))
    gone = publish(make_article(slug_de="weg")).article
    publications.withdraw(gone, ["de"], by=None, reason="Ein Irrtum")
    parts = ["/sitemap.xml", *index(client), "/sitemap-articles-en.xml", "/sitemap-pages-de.xml"]
    before = {path: client.get(path).content for path in parts}
    assert b"weg" not in b"".join(before.values())
    later = database_now() + timedelta(minutes=5)
    publish(make_article(topics=[topic]), "de", "en", at=later)
    publish(make_article(kind="page", slug_de="seite"), at=later)
    make_article(topics=[make_topic("Cloud")])
    assert {path: client.get(path).content for path in parts} == before


def test_the_news_sitemap_holds_the_last_two_days(client: Client):
    now = database_now()
    publish(make_article("Neu\x0b & wichtig", slug_de="neu"), first_published_at=now - timedelta(hours=47))
    publish(make_article("Alt"), first_published_at=now - timedelta(hours=49))
    [url] = xml(client, "/sitemap-news.xml").findall("s:url", SPACES)
    assert url.find("s:loc", SPACES).text == f"{SITE}/de/news/neu/"
    assert url.find("n:news/n:title", SPACES).text == "Neu & wichtig"
    assert url.find("n:news/n:publication/n:language", SPACES).text == "de"
    assert url.find("n:news/n:publication/n:name", SPACES).text == "Smart Country Convention"


def test_what_would_be_empty_is_not_in_the_index(client: Client):
    assert index(client) == ["/sitemap-site.xml"]


def test_a_long_part_has_pages_and_no_others(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Articles, "limit", 2)
    for number in range(3):
        publish(make_article(slug_de=f"nr-{number}"), first_published_at=datetime(2025, 1, 1 + number, tzinfo=UTC))
    assert [part for part in index(client) if "articles" in part] == [
        "/sitemap-articles-de.xml",
        "/sitemap-articles-de.xml?p=2",
    ]
    assert list(addresses(client, "/sitemap-articles-de.xml?p=2")) == ["/de/news/nr-2/"]
    for page in ("3", "0", "-1", "zwei", "²", "9" * 30):
        assert client.get("/sitemap-articles-de.xml", {"p": page}).status_code == 404
    assert client.get("/sitemap-nirgends.xml").status_code == 404


def test_the_host_header_decides_nothing(client: Client):
    publish(make_article(slug_de="eins"))
    with override_settings(ALLOWED_HOSTS=["evil.example"]):
        for path in ("/sitemap.xml", "/sitemap-articles-de.xml", "/sitemap-site.xml", "/robots.txt"):
            page = client.get(path, headers={"host": "evil.example"}).content.decode()
            assert SITE in page
            assert "evil.example" not in page


def test_who_has_the_sitemap_gets_304_until_it_changes(client: Client):
    publish(make_article())
    etag = client.get("/sitemap-articles-de.xml")["ETag"]
    assert client.get("/sitemap-articles-de.xml", headers={"if-none-match": etag}).status_code == 304
    publish(make_article())
    assert client.get("/sitemap-articles-de.xml", headers={"if-none-match": etag}).status_code == 200


def test_a_part_asks_as_many_questions_for_many_articles_as_for_one(client: Client, django_assert_num_queries):
    publish(make_article(), "de", "en")
    with django_assert_num_queries(5) as captured:
        client.get("/sitemap-articles-de.xml")
    for _number in range(5):
        publish(make_article(), "de", "en")
    with django_assert_num_queries(len(captured)):
        client.get("/sitemap-articles-de.xml")
