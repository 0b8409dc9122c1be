"""Several publishers at once, with real transactions; each race has a twin without its guard."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db.models import QuerySet

from news import publishing
from news.models import Article, Publication, Withdrawal
from sccon.clock import database_now
from tests.at_once import at_once, kinds
from tests.factories import make_article, publish

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
    monkeypatch.setattr(publishing, "database_now", now)


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
                lambda article=article: publishing.withdraw(article, ["de"], by=None, reason="Falsch"),
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
                lambda article=article, at=at: publishing.cancel_plan(article, ["de"], at),
                lambda article=article, at=at: publishing.move_plan(
                    article, ["de"], at, at=at + timedelta(days=1), until=None
                ),
            )
        )
        assert results["NotPlanned"] == 1
        assert article.publications.count() == results["list"]
