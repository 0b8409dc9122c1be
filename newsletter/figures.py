"""Numbers without spying: how the list grows, and what became of an issue. No mail tells whether it was opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q, Sum
from django.utils.timezone import localdate

from newsletter.delivery import progress
from newsletter.delivery.progress import Progress
from newsletter.models import ArchiveViews, Delivery, Issue, Return
from sccon.clock import database_now
from sccon.translated import LANGUAGES

State, Verdict = Delivery.State, Return.Verdict

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


# --- An issue ----------------------------------------------------------------------------------

REASONS, AMONG = 8, 20_000  # reasons shown, and the refused mails that are looked at for them
DAYS = 14  # of the archive, from when it was sent

# Each mail that came back once, by the worst that was said of it; NULL where its words are forgotten.
CAME_BACK = """
    SELECT worst, count(*) FROM (
        SELECT d.id, min(array_position(%(worst_first)s::text[], r.verdict)) AS worst
        FROM newsletter_delivery AS d
        LEFT JOIN newsletter_return AS r ON r.delivery_id = d.id AND r.verdict = ANY(%(worst_first)s::text[])
        WHERE d.issue_id = %(issue)s AND d.bounced_at IS NOT NULL
        GROUP BY d.id
    ) AS each GROUP BY worst
"""
WORST_FIRST = (Verdict.DEAD, Verdict.OURS, Verdict.SOFT)


@dataclass(frozen=True)
class Day:
    """Views of an issue in the archive on a day, by language."""

    day: date
    views: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.views.values())


@dataclass(frozen=True)
class Outcome:
    """What became of an issue. `came_back` by verdict ("": no longer known) adds up to `bounced`."""

    planned: int
    accepted: int
    failed: int
    came_back: Mapping[str, int]
    left: int
    complained: int
    possibly_twice: int
    views: Mapping[str, int]  # in the archive, by language
    source: str  # of the mails' links to the shop

    @property
    def bounced(self) -> int:
        return sum(self.came_back.values())

    @property
    def unreached(self) -> int:
        return self.failed + self.bounced

    @property
    def viewed(self) -> int:
        return sum(self.views.values())


def outcome(issue: Issue, stands: Progress | None = None) -> Outcome:
    """Of an issue that has begun. None of the queries looks at the mails that went well."""
    stands = stands or progress.of(issue)
    lost = Delivery.objects.filter(Q(left_at__isnull=False) | Q(complained_at__isnull=False), issue=issue).aggregate(
        left=Count("pk", filter=Q(left_at__isnull=False)), complained=Count("pk", filter=Q(complained_at__isnull=False))
    )
    viewed = ArchiveViews.objects.filter(edition__issue=issue).values_list("edition__language")
    return Outcome(
        planned=stands.planned,
        accepted=stands.counts[State.SENT],
        failed=stands.counts[State.FAILED],
        came_back=_came_back(issue),
        possibly_twice=Delivery.objects.filter(issue=issue, possibly_twice=True).count(),
        views=dict(viewed.annotate(number=Sum("count")).order_by()),
        source=f"issue-{issue.pk}",
        **lost,
    )


def _came_back(issue: Issue) -> dict[str, int]:
    verdicts = [verdict.value for verdict in WORST_FIRST]
    with connection.cursor() as cursor:
        cursor.execute(CAME_BACK, {"issue": issue.pk, "worst_first": verdicts})
        return {verdicts[worst - 1] if worst else "": number for worst, number in cursor.fetchall()}


def failures(issue: Issue, failed: int) -> list[tuple[str, int]]:
    """Why mails failed, in the relay's words, and how many; they add up to `failed` with a last line without words."""
    reasons = list(progress.refusals(issue, among=AMONG, most=REASONS)) if failed else []
    rest = failed - sum(number for _words, number in reasons)
    return [*reasons, ("", rest)] if rest > 0 else reasons


def views_by_day(issue: Issue) -> Sequence[Day]:
    """The first days in the archive, those without a view among them, up to today."""
    if not issue.started_at:
        return []
    first, today = localdate(issue.started_at), localdate(database_now())
    days = [first + timedelta(days=number) for number in range(min(DAYS, (today - first).days + 1))]
    found: dict[date, dict[str, int]] = {day: dict.fromkeys(LANGUAGES, 0) for day in days}
    counted = ArchiveViews.objects.filter(edition__issue=issue, day__in=days)
    for day, language, number in counted.values_list("day", "edition__language", "count"):
        found[day][language] = number
    return [Day(day, views) for day, views in found.items()]


def last_issue() -> Issue | None:
    """The one that began last."""
    return Issue.objects.exclude(started_at=None).order_by("-started_at", "-pk").first()
