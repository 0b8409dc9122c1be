"""How fast, and when: the limit over any 60 minutes, and a day's window in Berlin, also in the nights when clocks change."""

from datetime import UTC, datetime, time, timedelta

import pytest

from newsletter.delivery import claims, pace
from newsletter.delivery.sending import connect
from newsletter.models import Slice
from tests.newsletter.issues.made import make_issue
from tests.newsletter.issues_factory import add_run, begun


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        ("2026-06-10", "2026-06-10T00:30Z", "2026-06-10T01:45Z"),
        ("2026-01-10", "2026-01-10T01:30Z", "2026-01-10T02:45Z"),
        ("2026-03-29", "2026-03-29T01:00Z", "2026-03-29T01:45Z"),  # there is no 02:30: it opens when clocks jump
        ("2026-10-25", "2026-10-25T00:30Z", "2026-10-25T02:45Z"),  # 02:30 is twice: it opens at the first
    ],
)
def test_a_window_is_open_at_the_times_that_clocks_show(day: str, opens: str, closes: str):
    window = pace.window(datetime.fromisoformat(day).date(), time(2, 30), time(3, 45))
    assert window == (datetime.fromisoformat(opens), datetime.fromisoformat(closes))


def test_a_window_in_the_hour_left_out_does_not_open_and_that_in_the_double_hour_holds_for_both():
    begin, end = time(2, 10), time(2, 50)
    spring = datetime(2026, 3, 29, tzinfo=UTC)
    assert not any(pace.seconds_left(begin, end, spring + timedelta(minutes=minute)) for minute in range(0, 240, 5))
    assert pace.opens_next(begin, end, spring) == datetime(2026, 3, 30, 0, 10, tzinfo=UTC)
    autumn = datetime(2026, 10, 25, tzinfo=UTC)
    assert pace.seconds_left(begin, end, autumn + timedelta(minutes=20)) == 90 * 60
    assert pace.seconds_left(None, None, autumn) is None


@pytest.mark.django_db(transaction=True)
def test_the_limit_of_an_hour_holds_over_any_hour_for_all_issues_and_connections(settings):
    settings.NEWSLETTER_PER_HOUR = 50
    first = begun(100)
    second = make_issue()
    add_run(second)
    with (
        connect() as one,
        connect() as other,
    ):  # two senders, each after a restart as well as before: all is in the database
        got = [
            len(claims.claim(*each))
            for each in [(one, first.pk), (other, second.pk), (one, second.pk), (other, first.pk)]
        ]
        assert got == [20, 20, 10, 0]
        assert not claims.due(one, [first.pk, second.pk])
        # What a slice allows leaves a little later: so long the hour is longer.
        Slice.objects.update(at=datetime.now(UTC) - timedelta(hours=1, seconds=pace.LATEST - 5))
        assert claims.claim(one, first.pk) == []
        Slice.objects.update(at=datetime.now(UTC) - timedelta(hours=1, seconds=pace.LATEST + 1))
        assert claims.due(one, [first.pk])
        assert len(claims.claim(one, first.pk)) == 20
