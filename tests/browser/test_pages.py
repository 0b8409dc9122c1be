"""Every kind of page, in both languages, light and dark, on a phone and at a desk."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from playwright.sync_api import Page

from news.models import Topic
from tests.browser.conftest import Site
from tests.browser.inspecting import inspect
from tests.browser.kinds import KINDS, LANGUAGES, STATUS
from tests.factories import make_article, publish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/news/"])
def test_an_empty_sites_pages_are_right(page: Page, site: Site, language: str, path: str):
    inspect(page, site, f"/{language}{path}", 200)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_page_is_right(page: Page, site: Site, content: None, kind: str, language: str):
    inspect(page, site, f"/{language}{KINDS[kind]}", STATUS.get(kind, 200))


def test_what_is_missing_from_the_other_language_is_told_and_right(page: Page, site: Site, content: None):
    article = make_article("Nur deutsch", topics=list(Topic.objects.filter(slug_de="ki")))
    publish(article, "de")
    inspect(page, site, f"/en/news/?from={article.pk}", 200)
    assert page.get_by_text("not available in English").is_visible()


@contextmanager
def broken_database() -> Iterator[None]:
    """Nothing can be asked of the publications."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE news_publication RENAME TO news_publication_away")
        try:
            yield
        finally:
            cursor.execute("ALTER TABLE news_publication_away RENAME TO news_publication")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_an_error_is_right_and_needs_no_database(page: Page, site: Site, content: None, language: str):
    with broken_database():
        inspect(page, site, f"/{language}/news/", 500)
    assert page.locator("html").get_attribute("lang") == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_a_bad_request_is_right(page: Page, site: Site, content: None, language: str):
    elsewhere = Site(site.url.replace("127.0.0.1", "localhost"), site.media)  # a host that is not ours
    inspect(page, elsewhere, f"/{language}/", 400)
