"""The dashboard's numbers, and the demo's people behind them."""

import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from newsletter import demo, figures
from newsletter.models import ArchiveViews, Change, Consent, Delivery, Return, Subscriber
from newsletter.subscribers import subscribing
from sccon.models import Mail
from tests.factories import make_topic
from tests.newsletter.issues.made import make_issue
from tests.newsletter.people import make_subscriber
from tests.newsletter.returns.sent import make_crowd, sent_issue

pytestmark = pytest.mark.django_db(transaction=True)


def test_weeks_count_who_came_who_went_and_who_is_there():
    now = timezone.now()
    for number, weeks in enumerate((0, 1, 1, 20)):
        subscriber = make_subscriber(f"p{number}@example.org")
        Subscriber.objects.filter(pk=subscriber.pk).update(confirmed_at=now - timedelta(weeks=weeks))
    gone = Subscriber.objects.get(email="p1@example.org")
    subscribing.unsubscribe(gone, source="link")
    subscribing.handle(subscribing.request("waiting@example.org", language="de", source="/", network=""))
    weeks = figures.subscribers_by_week(3)
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    assert [week.monday for week in weeks] == [monday - timedelta(weeks=2), monday - timedelta(weeks=1), monday]
    assert [(week.came, week.went, week.total) for week in weeks] == [(0, 0, 1), (2, 0, 3), (1, 1, 3)]


def test_a_week_in_which_nothing_happened_is_there():
    assert [(week.came, week.went, week.total) for week in figures.subscribers_by_week(12)] == [(0, 0, 0)] * 12


def test_the_demo_has_people_in_all_states_and_mails_nobody():
    make_topic()
    assert demo.fill() == demo.PEOPLE
    assert demo.fill() == 0, "running it again changes nothing"
    statuses = set(Subscriber.objects.values_list("status", flat=True))
    assert statuses == {"pending", "active", "unsubscribed", "bounced"}
    assert not Subscriber.objects.exclude(email__endswith="@example.org").exists()
    assert Consent.objects.count() == demo.PEOPLE
    assert Change.objects.count() > demo.PEOPLE
    assert Mail.objects.count() == 0
    weeks = figures.subscribers_by_week(demo.WEEKS + 1)
    assert all(week.came for week in weeks[-4:-1])
    assert weeks[-1].total == Subscriber.objects.active().count()


def test_the_demo_is_the_same_every_time():
    demo.fill()
    first = list(Subscriber.objects.order_by("pk").values_list("email", "status", "language"))
    for subscriber in Subscriber.objects.all():
        subscribing.erase(subscriber, suppress=False)
    demo.fill()
    assert list(Subscriber.objects.order_by("pk").values_list("email", "status", "language")) == first


def test_the_numbers_are_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        figures.subscribers_by_week()


# --- An issue ----------------------------------------------------------------------------------


def test_an_issue_adds_up_and_each_mail_that_came_back_counts_once_by_the_worst_that_was_said():
    issue = sent_issue()
    rows = make_crowd(issue, 12)
    now = timezone.now()
    for row, verdicts in zip(
        rows, (["dead"], ["soft", "dead"], ["soft"], ["soft", "soft"], ["ours"], []), strict=False
    ):
        Delivery.objects.filter(pk=row.pk).update(bounced_at=now)
        Return.objects.bulk_create(
            Return(way="mail", event=f"{row.pk}-{n}", raw=b"", verdict=verdict, delivery=row, judged_at=now)
            for n, verdict in enumerate(verdicts)
        )
    Return.objects.create(way="mail", event="x", raw=b"", verdict="complaint", delivery=rows[0], judged_at=now)
    Delivery.objects.filter(pk__in=[row.pk for row in rows[6:8]]).update(left_at=now)
    Delivery.objects.filter(pk=rows[8].pk).update(complained_at=now, left_at=now)
    Delivery.objects.filter(pk=rows[9].pk).update(possibly_twice=True)
    Delivery.objects.filter(pk__in=[row.pk for row in rows[10:]]).update(state="failed", sent_at=None)
    other = sent_issue()
    Delivery.objects.filter(pk=make_crowd(other, 1, "anders.example")[0].pk).update(bounced_at=now, left_at=now)
    became = figures.outcome(issue)
    assert (became.planned, became.accepted, became.failed) == (12, 10, 2)
    assert became.came_back == {"dead": 2, "ours": 1, "soft": 2, "": 1}
    assert (became.bounced, became.left, became.complained, became.possibly_twice) == (6, 3, 1, 1)
    assert became.source == f"issue-{issue.pk}"


def test_reasons_of_failures_are_grouped_without_addresses_and_add_up():
    issue = sent_issue()
    rows = make_crowd(issue, 30)
    answers = [f"550 5.1.1 <p{n}@gross.example> unknown" for n in range(12)] + [
        f"552 5.2.{n % 2 + 2} Full" for n in range(8)
    ]
    answers += [f"5{n} Reason of its own" for n in range(50, 58)] + ["", ""]
    for row, answer in zip(rows, answers, strict=True):
        Delivery.objects.filter(pk=row.pk).update(state="failed", sent_at=None, answer=answer)
    found = figures.failures(issue, 30)
    assert found[0] == ("550 5.1.1 … unknown", 12)
    assert found[-1][0] == "" and sum(number for _words, number in found) == 30
    assert not any("@" in words for words, _number in found)
    assert figures.failures(sent_issue(), 0) == []


def test_views_are_shown_by_day_from_the_first_on_and_those_later_are_in_the_sum():
    issue = sent_issue(days_ago=20)
    german = issue.editions.get()
    first = timezone.localdate(issue.started_at)
    for days, count in ((0, 5), (2, 3), (18, 4)):
        ArchiveViews.objects.create(edition=german, day=first + timedelta(days=days), count=count)
    days = figures.views_by_day(issue)
    assert [each.day for each in days] == [first + timedelta(days=n) for n in range(figures.DAYS)]
    assert [each.total for each in days[:4]] == [5, 0, 3, 0]
    assert figures.outcome(issue).viewed == 12
    assert len(figures.views_by_day(sent_issue(days_ago=1))) == 2, "no day that has not come"


def test_the_last_issue_is_the_one_that_began_last():
    assert figures.last_issue() is None
    sent_issue(days_ago=3)
    newest = sent_issue(days_ago=1)
    make_issue()
    assert figures.last_issue() == newest


def test_no_figure_reads_the_mails_that_went_well():
    """A million mails that went well cost nothing: every question is answered by an index of what did not."""
    issue = sent_issue()
    make_crowd(issue, 2000)
    with CaptureQueriesContext(connection) as asked:
        figures.outcome(issue)
        figures.failures(issue, 1)
    about = [
        query["sql"]
        for query in asked
        if '"newsletter_delivery"' in query["sql"] or "newsletter_delivery AS" in query["sql"]
    ]
    assert len(about) == 4
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ANALYZE newsletter_delivery")
        for sql in about:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert re.search(r"delivery_(lost|bounced|possibly_twice|not_sent)\b", plan), plan
