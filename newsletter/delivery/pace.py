"""How fast, and at what times of the day: the limit per hour and the daily window of an issue."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.utils import timezone

# A mail leaves at the latest so long after its slice was taken (seconds), so that the limit holds where it is counted.
LATEST = 2.0 * settings.NEWSLETTER_TIMEOUT

TAKEN = "SELECT coalesce(sum(mails), 0) FROM newsletter_slice WHERE at > clock_timestamp() - %s::interval"
TAKE = "INSERT INTO newsletter_slice (issue_id, at, mails) VALUES (%s, clock_timestamp(), %s)"


def allowed(connection: psycopg.Connection[Any], wanted: int) -> int:
    """How many of the `wanted` mails may leave now. Others wait for the answer until this transaction ends."""
    limit = settings.NEWSLETTER_PER_HOUR
    if not limit:
        return wanted
    connection.execute("SELECT pg_advisory_xact_lock(hashtext('newsletter.pace'))")
    [(taken,)] = connection.execute(TAKEN, [timedelta(hours=1, seconds=LATEST)]).fetchall()
    return max(0, min(wanted, limit - taken))


def take(connection: psycopg.Connection[Any], issue_id: int, mails: int) -> None:
    """Counts `mails` as leaving now."""
    connection.execute(TAKE, [issue_id, mails])


def window(day: date, begin: time, end: time) -> tuple[datetime, datetime]:
    """When the daily window opens and closes on `day`, in the site's time zone.

    An hour that comes twice is in it twice; of an hour that is left out, its end counts.
    """
    return _instant(datetime.combine(day, begin), fold=0), _instant(datetime.combine(day, end), fold=1)


def seconds_left(begin: time | None, end: time | None, now: datetime) -> float | None:
    """For how long an issue with this window may be sent from `now` on; 0: not now; None: without end."""
    if begin is None or end is None:
        return None
    opens, closes = window(timezone.localdate(now), begin, end)
    return max(0.0, (closes - now).total_seconds()) if opens <= now else 0.0


def opens_next(begin: time, end: time, now: datetime) -> datetime:
    """When the window is open again: `now` while it is."""
    today = timezone.localdate(now)
    for day in (today + timedelta(days=more) for more in range(3)):
        opens, closes = window(day, begin, end)
        if max(now, opens) < closes:
            return max(now, opens)
    raise AssertionError  # a window can fall into the hour left out on one day only


def _instant(wall: datetime, *, fold: int) -> datetime:
    """The instant at which clocks show `wall`; where they jump over it, that of the jump."""
    zone = timezone.get_default_timezone()
    instant = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
        return instant
    instant = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)  # before the jump
    offset = instant.astimezone(zone).utcoffset()
    while instant.astimezone(zone).utcoffset() == offset:
        instant += timedelta(minutes=1)
    return instant.replace(second=0, microsecond=0)
