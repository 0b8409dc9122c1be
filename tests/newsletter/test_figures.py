"""The dashboard's numbers, and the demo's people behind them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from newsletter import demo, figures
from newsletter.models import Change, Consent, Subscriber
from newsletter.subscribers import subscribing
from sccon.models import Mail
from tests.factories import make_topic
from tests.newsletter.people import make_subscriber

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
