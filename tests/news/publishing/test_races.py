"""Several publishers at once, with real transactions; each race has a twin without its guard."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from news.models import Article, Image, Publication, Rendition, Withdrawal
from news.pictures import library
from news.publishing import publications, reviewing, take_down
from sccon.clock import database_now
from tests.at_once import at_once, kinds
from tests.factories import make_article, make_image, picture_bytes, publish

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("crowds")]


def stretches(article: Article) -> list[tuple[datetime, datetime | None]]:
    rows = article.publications.order_by("visible")
    return [(row.visible.lower, row.visible.upper) for row in rows]


def test_two_publishers_at_once_leave_two_texts_one_after_the_other():
    for _round in range(3):
        article = make_article()
        assert kinds(at_once(*[lambda article=article: publish(article)] * 3)) == {"Publication": 3}
        (_one, end), (second, last), (third, forever) = stretches(article)
        assert (end, last, forever) == (second, third, None)


@pytest.fixture
def no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The article is not locked, and both look before either writes."""
    looked = threading.Barrier(2)

    def now() -> datetime:
        looked.wait(30)
        return database_now()

    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows)
    monkeypatch.setattr(publications, "database_now", now)


def test_the_same_without_the_lock_is_refused_by_the_database(no_lock: None):
    article = make_article()
    results = kinds(at_once(*[lambda: publish(article)] * 2))
    assert results["Publication"] == 1
    assert sum(results.values()) == 2
    assert len(stretches(article)) == 1


def test_publishing_while_withdrawing_ends_in_one_of_the_two():
    for _round in range(4):
        article = make_article()
        publish(article)
        results = kinds(
            at_once(
                lambda article=article: publish(article),
                lambda article=article: publications.withdraw(article, ["de"], by=None, reason="Falsch"),
            )
        )
        assert results == {"Publication": 1, "list": 1}
        at = Withdrawal.objects.get(article=article).at
        ends = [end for _begin, end in stretches(article)]
        assert at in ends
        public = Publication.objects.public("de", database_now()).filter(article=article)
        assert public.exists() is (ends[-1] is None)
        assert not Publication.objects.public("de", at).filter(article=article, visible__startswith__lt=at).exists()


def test_plan_moved_and_given_up_at_once_is_one_of_the_two():
    for _round in range(3):
        article, at = make_article(), database_now() + timedelta(days=1)
        publish(article, at=at)
        results = kinds(
            at_once(
                lambda article=article, at=at: publications.cancel_plan(article, ["de"], at),
                lambda article=article, at=at: publications.move_plan(
                    article, ["de"], at, at=at + timedelta(days=1), until=None
                ),
            )
        )
        assert results["NotPlanned"] == 1
        assert article.publications.count() == results["list"]


# --- Locks and the page version -----------------------------------------------------------------
#
# Who publishes an article holds the page version while the foreign keys of what it wrote are checked, and everybody
# else who changes a page needs that version at the end (docs/decisions/page-cache.md, "Locks").

Act = Callable[[], Any]


def moving_a_plan() -> tuple[Article, Act]:
    article, at = make_article(), database_now() + timedelta(days=1)
    publish(article, at=at)
    return article, lambda: publications.move_plan(article, ["de"], at, at=at + timedelta(days=1), until=None)


def giving_up_a_plan() -> tuple[Article, Act]:
    article, at = make_article(), database_now() + timedelta(days=1)
    publish(article, at=at)
    return article, lambda: publications.cancel_plan(article, ["de"], at)


def publishing() -> tuple[Article, Act]:
    article = make_article()
    publish(article)
    return article, lambda: publish(article)


def withdrawing() -> tuple[Article, Act]:
    article = make_article()
    publish(article)
    return article, lambda: publications.withdraw(article, ["de"], by=None, reason="Falsch")


def redacting() -> tuple[Article, Act]:
    article = make_article()
    publication = publish(article)
    return article, lambda: publications.redact(publication, reason="Urteil", by=None)


def taking_down() -> tuple[Article, Act]:
    article = make_article()
    publication = publish(article)
    return article, lambda: take_down.take_down(article, [publication], reason="Urteil", by=None, drafts=True)


def replacing_a_picture() -> tuple[Image, Act]:
    image, upload = make_image(), SimpleUploadedFile("neu.png", picture_bytes(color="#ff0000"))
    return image, lambda: library.replace_file(image, upload)


def removing_old_renditions() -> tuple[Image, Act]:
    image = make_image()
    Rendition.objects.create(image=image, key="old", crop="full", format="webp", width=60, height=40, file="old.webp")
    Image.objects.update(ready_key="new", ready_at=database_now() - timedelta(days=2))
    return image, lambda: library.remove_old_renditions(0)


def asking() -> tuple[Article, Act]:
    article = make_article()
    return article, lambda: reviewing.ask(article, ["de"], by=None)


def returning() -> tuple[Article, Act]:
    article = make_article()
    reviewing.ask(article, ["de"], by=None)
    return article, lambda: reviewing.give_back(article, ["de"], by=None, answer="Zu lang")


def taking_back() -> tuple[Article, Act]:
    article = make_article()
    reviewing.ask(article, ["de"], by=None)
    return article, lambda: reviewing.take_back(article, ["de"], by=None)


CHANGING_PAGES = [
    moving_a_plan,
    giving_up_a_plan,
    publishing,
    withdrawing,
    redacting,
    taking_down,
    replacing_a_picture,
    removing_old_renditions,
]


def that_shows(thing: Article | Image) -> Article:
    """An article to be published that refers to `thing`."""
    if isinstance(thing, Image):
        return make_article(body_de=f'<p>Text</p><figure data-image="{thing.pk}"></figure>')
    article = make_article()
    article.related.add(thing)
    return article


def while_open(act: Act, other: Act) -> tuple[bool, Counter[str]]:
    """Does `act`, and commits it once `other`, begun after it in a connection of its own, has ended or waits for it.

    Returns whether it waited, and in what the two ended.
    """
    ended: list[str] = []
    pids: list[int] = []
    begun = threading.Event()

    def transact(does: Callable[[int], Any]) -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL deadlock_timeout = '10ms'")
                cursor.execute("SELECT pg_backend_pid()")
                does(cursor.fetchone()[0])
            ended.append("done")
        except OperationalError as error:
            ended.append(type(error.__cause__).__name__)

    def work(pid: int) -> None:
        pids.append(pid)
        begun.set()
        other()

    def run() -> None:
        try:
            transact(work)
        finally:
            begun.set()
            connection.close()

    thread = threading.Thread(target=run)
    waited = []

    def first(_pid: int) -> None:
        act()
        thread.start()
        assert begun.wait(30)
        waited.append(waits(thread, pids[0]))

    transact(first)
    thread.join(60)
    assert not thread.is_alive()
    return waited[0], Counter(ended)


def waits(thread: threading.Thread, pid: int) -> bool:
    """Whether the thread's connection `pid` comes to wait for ours; False once it has ended."""
    with connection.cursor() as cursor:
        while thread.is_alive():
            cursor.execute("SELECT pg_backend_pid() = ANY(pg_blocking_pids(%s))", [pid])
            if cursor.fetchone()[0]:
                return True
            time.sleep(0.01)
    return False


@pytest.mark.parametrize("making", [*CHANGING_PAGES, asking, returning, taking_back])
def test_who_publishes_waits_for_nobody_that_holds_what_the_text_refers_to(making: Callable) -> None:
    thing, act = making()
    article = that_shows(thing)
    assert while_open(act, lambda: publish(article)) == (False, {"done": 2})


@pytest.fixture
def locking_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is locked FOR UPDATE."""
    lock = QuerySet.select_for_update
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, no_key=False, **options: lock(rows, **options))


@pytest.mark.parametrize("making", CHANGING_PAGES)
def test_the_same_with_keys_locked_is_a_deadlock(locking_keys: None, making: Callable) -> None:
    thing, act = making()
    article = that_shows(thing)
    assert while_open(act, lambda: publish(article)) == (True, {"done": 1, "DeadlockDetected": 1})


def test_asking_with_keys_locked_keeps_who_publishes_waiting_with_the_page_version(locking_keys: None) -> None:
    thing, act = asking()
    article = that_shows(thing)
    assert while_open(act, lambda: publish(article)) == (True, {"done": 2})
