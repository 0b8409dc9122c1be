"""Numbers about subscribers, for the dashboard."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection

# One row per week, also for weeks without changes. Weeks begin on Monday, in the site's time zone.
BY_WEEK = """
    WITH weeks AS (
        SELECT monday, monday + interval '1 week' AS next
        FROM generate_series(
            date_trunc('week', clock_timestamp() AT TIME ZONE %(zone)s) - %(weeks)s * interval '1 week',
            date_trunc('week', clock_timestamp() AT TIME ZONE %(zone)s),
            interval '1 week'
        ) AS monday
    ), people AS (
        SELECT confirmed_at AT TIME ZONE %(zone)s AS came, ended_at AT TIME ZONE %(zone)s AS went
        FROM newsletter_subscriber WHERE confirmed_at IS NOT NULL
    )
    SELECT monday::date,
           count(*) FILTER (WHERE came >= monday AND came < next),
           count(*) FILTER (WHERE went >= monday AND went < next),
           count(*) FILTER (WHERE came < next AND (went IS NULL OR went >= next))
    FROM weeks LEFT JOIN people ON true
    GROUP BY monday ORDER BY monday
"""


@dataclass(frozen=True)
class Week:
    """How many came and went in a week, and how many were subscribed at its end (or are now)."""

    monday: date
    came: int
    went: int
    total: int


def subscribers_by_week(weeks: int = 12) -> list[Week]:
    """The last `weeks` weeks, the current one last. Erased subscribers are not counted."""
    with connection.cursor() as cursor:
        cursor.execute(BY_WEEK, {"zone": settings.TIME_ZONE, "weeks": weeks - 1})
        return [Week(*row) for row in cursor.fetchall()]
