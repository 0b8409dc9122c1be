"""The run of an issue in the database: ordered once, planned whole or not at all, asking before it goes on."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F

from newsletter.delivery import audience, claims, running
from newsletter.delivery.sending import connect
from newsletter.models import Delivery, Issue, Subscriber
from sccon.clock import database_now
from tests.factories import make_user
from tests.newsletter.issues.made import make_issue
from tests.newsletter.issues_factory import begun, make_subscribers

pytestmark = pytest.mark.django_db(transaction=True)


def ordered() -> Issue:
    make_subscribers(30)
    issue = make_issue(only="de", preheader_de="Kurz", intro_de="<p>Guten Tag</p>")
    assert running.order(issue, by=make_user(), expected=audience.count(issue).languages)
    issue.refresh_from_db()
    return issue


def due(issue: Issue, **ago: float) -> Issue:
    Issue.objects.filter(pk=issue.pk).update(begin_at=database_now() - timedelta(**(ago or {"seconds": 1})))
    return issue


def test_it_is_ordered_once_taken_back_within_a_minute_and_then_begins_by_itself_without_its_job():
    issue = ordered()
    assert not running.order(issue, by=make_user(), expected={"de": 30})
    assert timedelta(seconds=50) < issue.begin_at - database_now() <= timedelta(seconds=60)
    running.look_after_runs(timestamp=0)
    assert not Delivery.objects.exists()
    assert running.take_back(issue)
    due(issue)
    assert not running.begin(issue.pk)
    assert running.order(issue, by=make_user(), expected={"de": 30})
    due(issue)
    running.look_after_runs(timestamp=0)
    issue.refresh_from_db()
    assert (issue.status, issue.pause_words, Delivery.objects.count()) == ("sending", "", 30)
    assert not running.take_back(issue) and not running.begin(issue.pk)
    assert Delivery.objects.count() == 30


def test_it_rests_and_asks_where_the_readers_changed_a_check_blocks_or_it_is_hours_late():
    issue = ordered()
    make_subscribers(30, name="neu")
    assert not running.begin(due(issue).pk)
    issue.refresh_from_db()
    assert (issue.status, issue.pause, issue.pause_words) == ("paused", "changed", "30 → 60")
    assert running.resume(issue)
    issue.items.all().delete()
    Issue.objects.filter(pk=issue.pk).update(intro_de=None)  # nothing is left to be said
    running.begin(due(issue).pk)
    issue.refresh_from_db()
    assert issue.pause == "checks" and issue.pause_words
    assert running.resume(issue)
    running.begin(due(issue, hours=7).pk)
    issue.refresh_from_db()
    assert issue.pause == "interrupted" and not Delivery.objects.exists()
    with pytest.raises(running.Refused):
        running.order(make_issue(to_all=False), by=make_user(), expected={"de": 60})
    with pytest.raises(running.Refused):
        running.order(make_issue(only="de"), by=make_user(), expected={"de": 30})


def test_an_interruption_of_six_hours_asks():
    issue = begun(3)
    Issue.objects.filter(pk=issue.pk).update(beat_at=F("beat_at") - timedelta(hours=6, minutes=1))
    with connect() as database:
        assert claims.sendable(database) == []
    running.look_after()
    issue.refresh_from_db()
    assert (issue.status, issue.pause) == ("paused", "interrupted")
    assert running.resume(issue)
    with connect() as database:
        assert claims.sendable(database) == [(issue.pk, None)]


@contextmanager
def without_scans() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE newsletter_delivery")
        cursor.execute("SET enable_seqscan = off")
        yield
        cursor.execute("RESET enable_seqscan")


def test_no_question_of_a_sender_reads_rows_that_are_sent():
    issue = begun(3000)
    Delivery.objects.filter(pk__gt=Delivery.objects.order_by("pk")[100].pk).update(
        state="sent", sent_at=database_now(), answer="250 OK"
    )
    given = {"issue": issue.pk, "many": 20, "lease": timedelta(minutes=5), "names": "x", "words": "x"}
    claim = {**vars(claims.Outcome("sent", "250")), "soon": claims.SOON, "id": 1, "next": 2, "lease": database_now()}
    questions = [
        (claims.CLAIM.format(which=claims.FRESH), given),
        (claims.CLAIM.format(which=claims.AGAIN), given),
        (claims.TAKE_OVER, None),
        (claims.CANCEL.format(which="next_try_at IS NULL"), [issue.pk, 10]),
        (claims.CANCEL.format(which="next_try_at IS NOT NULL"), [issue.pk, 10]),
        (claims.UNDO.format(which="state = 'failed'"), given),
        (claims.UNDO.format(which="state = 'queued' AND next_try_at IS NOT NULL"), given),
        (claims.DUE.format(which="next_try_at IS NULL"), [[issue.pk]]),
        (claims.DUE.format(which="next_try_at <= clock_timestamp()"), [[issue.pk]]),
        (claims.RELEASE, [[1, 2], database_now()]),
        (claims.LOOK, {"next": 1}),
        (claims.WRITE, claim),
        (claims.JUDGE_NOW, [[1, 2]]),
        (claims.UNJUDGED, [200]),
        (claims.JUDGED, [None, 1]),
        (claims.CANCELLED, None),
        (claims.SENDING, [timedelta(hours=6)]),
    ]
    assert {name for name, sql in vars(claims).items() if isinstance(sql, str) and "newsletter_delivery" in sql} == {
        *("CLAIM", "LOOK", "WRITE", "RELEASE", "UNDO", "TAKE_OVER", "CANCEL", "DUE", "JUDGE_NOW", "UNJUDGED", "JUDGED")
    }
    with without_scans(), connection.cursor() as cursor:
        for question, values in questions:
            cursor.execute(f"EXPLAIN {question}", values)
            plan = "\n".join(row for (row,) in cursor)
            read = [line for line in plan.splitlines() if "Scan" in line and "on newsletter_delivery" in line]
            assert all("newsletter_delivery_pkey" in line or "delivery_" in line.split(" on ")[0] for line in read), (
                plan
            )
    assert Subscriber.objects.count() == 3000
