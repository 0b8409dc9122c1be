"""The archive by year and month, and the pages of authors."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.forms import ModelForm, modelform_factory
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from news.admin.topics import AuthorForm
from news.models import Author, Publication
from news.publishing import publications
from sccon.clock import database_now
from tests.factories import make_article, make_author, make_image, publish
from tests.news.shown import headline

pytestmark = pytest.mark.django_db


def published(title: str, *languages: str, first: datetime | None = None, **fields: Any) -> Publication:
    first = first or datetime(2025, 10, 1, 12, tzinfo=UTC)
    return publish(make_article(title, **fields), *(languages or ["de"]), first_published_at=first)


def titles(response: HttpResponse) -> list[str]:
    return [headline(row) for month in response.context["months"] for row in month.rows]


def alternates(response: HttpResponse) -> dict[str, str]:
    site = settings.SITE_URL
    return {item.language: item.url.removeprefix(site) for item in response.context["alternates"]}


def not_public(**fields: Any) -> None:
    """A draft, a planned and a withdrawn text with these fields."""
    draft, planned, withdrawn = (make_article(**fields) for _ in range(3))
    publish(planned, at=database_now() + timedelta(days=1), first_published_at=datetime(2019, 3, 1, tzinfo=UTC))
    publish(withdrawn, first_published_at=datetime(2018, 3, 1, tzinfo=UTC))
    publications.withdraw(withdrawn, ["de"], by=None, reason="Irrtum")
    assert draft.publications.count() == 0


def author_form(name: str) -> ModelForm:
    form = modelform_factory(Author, form=AuthorForm, fields=["name", "slug"])({"name": name, "slug": ""})
    form.full_clean()
    return form


def same_answer(client: Client, path: str, other: str) -> bool:
    """Whether both are 404, byte for byte."""
    first, second = client.get(path), client.get(other)
    return (first.status_code, second.status_code, first.content) == (404, 404, second.content)


# --- Years and months -------------------------------------------------------------------------


def test_the_archive_counts_by_year_and_month_in_berlin(client: Client):
    published("Silvester", first=datetime(2024, 12, 31, 23, 30, tzinfo=UTC))  # in Berlin it is New Year
    published("Januar", first=datetime(2025, 1, 15, tzinfo=UTC))
    published("Dezember", first=datetime(2024, 12, 31, 22, 30, tzinfo=UTC))
    years = client.get("/de/news/archive/").context["years"]
    assert [(year.year, year.count) for year in years] == [(2025, 2), (2024, 1)]
    assert [(month.url, month.count) for year in years for month in year.months] == [
        ("/de/news/archive/2025/01/", 2),
        ("/de/news/archive/2024/12/", 1),
    ]
    assert titles(client.get("/de/news/archive/2025/01/")) == ["Januar", "Silvester"]
    assert titles(client.get("/de/news/archive/2024/12/")) == ["Dezember"]
    assert titles(client.get("/de/news/archive/2025/")) == ["Januar", "Silvester"]


def test_a_month_names_itself_and_its_languages(client: Client):
    published("Eins", "de", "en", first=datetime(2025, 3, 5, tzinfo=UTC))
    published("Zwei", "de", first=datetime(2025, 4, 5, tzinfo=UTC))
    both, german = client.get("/de/news/archive/2025/03/"), client.get("/de/news/archive/2025/04/")
    assert alternates(both) == {"de": "/de/news/archive/2025/03/", "en": "/en/news/archive/2025/03/"}
    assert alternates(german) == {"de": "/de/news/archive/2025/04/"}
    assert alternates(client.get("/de/news/archive/2025/")) == {
        "de": "/de/news/archive/2025/",
        "en": "/en/news/archive/2025/",
    }
    assert "<title>Archiv: März 2025 – " in both.content.decode()
    assert "<title>Archive: March 2025 – " in client.get("/en/news/archive/2025/03/").content.decode()
    assert f'<link rel="canonical" href="{settings.SITE_URL}/de/news/archive/2025/03/">' in both.content.decode()


def test_what_is_not_public_is_in_no_archive(client: Client):
    published("Eins")
    not_public()
    publish(make_article(kind="page", role="imprint"), first_published_at=datetime(2017, 3, 1, tzinfo=UTC))
    published("Englisch", "en", first=datetime(2016, 3, 1, tzinfo=UTC))
    years = client.get("/de/news/archive/").context["years"]
    assert [(year.year, year.count) for year in years] == [(2025, 1)]
    for unpublic in ("2016/", "2017/", "2018/03/", "2019/", "2019/03/"):
        assert same_answer(client, f"/de/news/archive/{unpublic}", "/de/news/archive/1999/")


def test_odd_years_and_months_are_unknown(client: Client):
    published("Eins", first=datetime(2025, 10, 1, tzinfo=UTC))
    for odd in ("0000/", "9999/", "9999/12/", "25/", "2025/1/", "2025/13/", "2025/00/", "02025/", "x/", "2025/10/1/"):
        assert client.get(f"/de/news/archive/{odd}").status_code == 404
    assert client.get("/de/news/archive/2025/?page=2").status_code == 404
    assert client.get("/de/news/archive/2025/?page=x").status_code == 404


def test_an_empty_archive_says_so(client: Client):
    assert "Noch keine Meldungen" in client.get("/de/news/archive/").content.decode()


# --- Authors ----------------------------------------------------------------------------------


def test_an_author_has_a_page_with_their_texts(client: Client):
    portrait = make_image(alt_de="Jana Wetterau am Pult")
    author = make_author("Jana Wetterau", slug="jana-wetterau", role_de="Redaktion", portrait=portrait)
    published("Eins", author=author, slug_de="eins")
    published("Zwei", author=make_author("Jemand"))
    response = client.get("/de/news/authors/jana-wetterau/")
    page = response.content.decode()
    assert titles(response) == ["Eins"]
    for shown in ('<h1 class="display long">Jana Wetterau</h1>', "Redaktion", 'alt="Jana Wetterau am Pult"'):
        assert shown in page
    assert alternates(response) == {"de": "/de/news/authors/jana-wetterau/"}
    article = client.get("/de/news/eins/").content.decode()
    assert '<a href="/de/news/authors/jana-wetterau/" rel="author">Jana Wetterau</a>' in article


def test_an_author_without_public_texts_in_the_language_has_no_page(client: Client):
    author = make_author("Jana Wetterau", slug="jana")
    not_public(author=author)
    published("Eins", "en", author=author)
    assert same_answer(client, "/de/news/authors/jana/", "/de/news/authors/niemand/")
    assert client.get("/en/news/authors/jana/").status_code == 200


def test_an_authors_older_address_leads_to_the_one_of_today(client: Client):
    author = make_author("Jana Wetterau", slug="jana-wetterau")
    published("Eins", author=author)
    Author.objects.filter(pk=author.pk).update(slug="jana-schmidt")
    response = client.get("/de/news/authors/jana-wetterau/")
    assert (response.status_code, response["Location"]) == (301, "/de/news/authors/jana-schmidt/")
    assert client.get("/de/news/authors/jana-schmidt/").status_code == 200
    form = author_form("Jana Wetterau")
    assert form.errors["slug"] == ["Diese Adresse hat oder hatte schon jemand anderes."]


def test_an_authors_address_is_made_from_the_name():
    form = author_form("Jörg Müßig")
    assert form.cleaned_data["slug"] == "joerg-muessig"


@pytest.mark.parametrize("path", ["/de/news/archive/", "/de/news/archive/2025/10/", "/de/news/authors/jana/"])
def test_the_number_of_queries_does_not_grow(client: Client, path: str):
    author = make_author("Jana", slug="jana")
    published("Eins", author=author, image=make_image())
    with CaptureQueriesContext(connection) as one:
        client.get(path)
    for number in range(5):
        published(f"Meldung {number}", "de", "en", author=author, image=make_image())
    with CaptureQueriesContext(connection) as six:
        client.get(path)
    assert len(six) <= len(one)
