"""Views in the archive: counted from memory or not, by edition and day, and nothing about who they were."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils.timezone import localdate

from newsletter.issues import archive, views
from newsletter.models import ArchiveViews, Edition
from sccon.models import PageVersion
from tests.newsletter.issues.made import freeze, make_issue

pytestmark = pytest.mark.django_db

# What a browser says of itself when somebody opens a page.
OPENS = {"sec-fetch-dest": "document", "sec-fetch-mode": "navigate", "user-agent": "Mozilla/5.0 (X11) Firefox/145.0"}
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.fixture
def editions() -> Iterator[dict[str, Edition]]:
    views.forget()
    yield freeze(make_issue())
    views.forget()


def counted() -> dict[int, int]:
    views.store()
    return dict(ArchiveViews.objects.values_list("edition", "count"))


def test_each_opening_counts_whether_the_page_was_rendered_or_came_from_memory(
    visitor: Client, editions: dict[str, Edition]
):
    german, english = (archive.path_of(editions[code]) for code in ("de", "en"))
    first = visitor.get(german, headers=OPENS)
    again = visitor.get(german, headers=OPENS)
    known = visitor.get(german, headers=OPENS | {"if-none-match": first["ETag"]})
    assert (first.status_code, again.content, known.status_code) == (200, first.content, 304)
    visitor.get(f"{german}?utm_source=x", headers=OPENS | {"user-agent": CHROME})
    visitor.get(english, headers=OPENS)
    assert counted() == {editions["de"].pk: 4, editions["en"].pk: 1}
    visitor.get(german, headers=OPENS)
    assert counted() == {editions["de"].pk: 5, editions["en"].pk: 1}, "added to what is there"
    assert set(ArchiveViews.objects.values_list("day", flat=True)) == {localdate()}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        OPENS | {"sec-fetch-dest": "empty"},
        OPENS | {"sec-fetch-dest": "iframe"},
        OPENS | {"sec-purpose": "prefetch"},
        OPENS | {"sec-purpose": "prefetch;prerender"},
        OPENS | {"user-agent": GOOGLE},
        OPENS | {"user-agent": CHROME.replace("Chrome", "HeadlessChrome")},
    ],
)
def test_what_is_no_reader_does_not_count(visitor: Client, editions: dict[str, Edition], headers: dict[str, str]):
    for _time in range(2):  # rendered, then from memory
        assert visitor.get(archive.path_of(editions["de"]), headers=headers).status_code == 200
    assert counted() == {}


def test_other_pages_and_other_methods_do_not_count(visitor: Client, editions: dict[str, Edition]):
    path = archive.path_of(editions["de"])
    visitor.head(path, headers=OPENS)
    visitor.post(path, headers=OPENS)
    for other in ("/de/newsletter/issues/", "/de/newsletter/issues/feed.atom", "/de/newsletter/issues/nie/"):
        visitor.get(other, headers=OPENS)
    assert counted() == {}


@pytest.mark.django_db(transaction=True)
def test_a_view_changes_no_page_and_sets_no_cookie(visitor: Client, editions: dict[str, Edition]):
    path = archive.path_of(editions["de"])
    answers = [visitor.get(path, headers=OPENS) for _time in range(2)]
    before = PageVersion.objects.get().version
    assert counted() == {editions["de"].pk: 2}
    assert PageVersion.objects.get().version == before
    assert not any(answer.cookies for answer in answers)
    assert {field.name for field in ArchiveViews._meta.concrete_fields} == {"edition", "day", "count"}


def test_views_of_many_threads_are_all_counted(visitor: Client, editions: dict[str, Edition]):
    path = archive.path_of(editions["de"])
    page = visitor.get(path, headers=OPENS).wsgi_request
    threads = [threading.Thread(target=lambda: [views.count(page) for _time in range(200)]) for _each in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted() == {editions["de"].pk: 1601}


def test_what_could_not_be_stored_is_stored_later(visitor: Client, editions: dict[str, Edition]):
    visitor.get(archive.path_of(editions["de"]), headers=OPENS)
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT here")
        cursor.execute("ALTER TABLE newsletter_archiveviews RENAME TO newsletter_archiveviews_away")
        views.store()
        cursor.execute("ROLLBACK TO here")
    visitor.get(archive.path_of(editions["de"]), headers=OPENS)
    assert counted() == {editions["de"].pk: 2}


def test_days_are_kept_apart(visitor: Client, editions: dict[str, Edition]):
    yesterday = localdate() - timedelta(days=1)
    ArchiveViews.objects.create(edition=editions["de"], day=yesterday, count=7)
    visitor.get(archive.path_of(editions["de"]), headers=OPENS)
    views.store()
    found = dict(ArchiveViews.objects.values_list("day", "count"))
    assert found == {yesterday: 7, localdate(): 1}
