"""Who sends which delivery: leases on the database's clock, and what became of each mail, durable before the next.

Each thread has a connection of its own and speaks SQL: this runs once a mail. A batch is sent in the order of `place`, so
of a dead sender's batch only the first row that is still in flight can have left.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from django.conf import settings

from . import pace
from .connections import DOT

BATCH = 20

# A mail takes at most so long, in seconds: four answers, the last one four times as long, and the time to hand it over.
ONE_MAIL = settings.NEWSLETTER_TIMEOUT * (4 + DOT)
# No mail of a batch begins later than `pace.LATEST` after the claim; so nobody else has it while it is being sent.
LEASE = pace.LATEST + ONE_MAIL + settings.NEWSLETTER_TIMEOUT

INTERRUPTED = timedelta(hours=6)
SENDING = """
    SELECT id, window_from, window_until, clock_timestamp() FROM newsletter_issue
    WHERE status = 'sending' AND beat_at > clock_timestamp() - %s::interval ORDER BY started_at, id
"""
FRESH = "next_try_at IS NULL ORDER BY place"
AGAIN = "next_try_at <= clock_timestamp() ORDER BY next_try_at"
# Leases of two senders differ in their microseconds: a batch is known by its lease.
CLAIM = """
    WITH lease AS MATERIALIZED (
        SELECT date_trunc('milliseconds', clock_timestamp()) + %(lease)s
            + pg_backend_pid() %% 1000 * interval '1 microsecond' AS until
    ), picked AS MATERIALIZED (
        SELECT id FROM newsletter_delivery WHERE issue_id = %(issue)s AND state = 'queued' AND {which}
        LIMIT %(many)s FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE newsletter_delivery AS d SET state = 'flying', lease_until = lease.until
        FROM picked, lease WHERE d.id = picked.id
        RETURNING d.id, d.issue_id, d.edition_id, d.subscriber_id, d.attempts, d.lease_until, d.place
    )
    SELECT c.id, c.issue_id, c.edition_id, c.attempts, c.lease_until, s.id, s.email, s.moves, s.status
    FROM claimed AS c LEFT JOIN newsletter_subscriber AS s ON s.id = c.subscriber_id ORDER BY c.place, c.id
"""
WRITE = """
    WITH written AS (
        UPDATE newsletter_delivery SET state = %(state)s::text, answer = %(answer)s::text, attempts = attempts + %(counts)s::integer,
            lease_until = NULL, next_try_at = clock_timestamp() + %(wait)s::interval,
            sent_at = CASE WHEN %(state)s::text = 'sent' THEN clock_timestamp() END,
            possibly_twice = possibly_twice OR %(twice)s::boolean
        WHERE id = %(id)s::bigint AND state = 'flying' AND lease_until = %(lease)s::timestamptz
        RETURNING id
    )
    SELECT (SELECT count(*) FROM written), i.status, s.id, s.email, s.moves, s.status
    FROM (SELECT) AS one
    LEFT JOIN newsletter_delivery AS d ON d.id = %(next)s::bigint
    LEFT JOIN newsletter_issue AS i ON i.id = d.issue_id
    LEFT JOIN newsletter_subscriber AS s ON s.id = d.subscriber_id
"""
LOCK_ISSUE = "SELECT status FROM newsletter_issue WHERE id = %s FOR SHARE"
RELEASE = """
    UPDATE newsletter_delivery SET state = %(state)s, lease_until = NULL
    WHERE id = ANY(%(ids)s) AND state = 'flying' AND lease_until = %(lease)s
"""
UNDO = """
    UPDATE newsletter_delivery SET state = %(state)s, attempts = greatest(attempts - 1, 0), next_try_at = NULL
    WHERE id = ANY(%(ids)s) AND state IN ('failed', 'queued')
"""
# The first of each dead batch may have left.
EXPIRED = """
    SELECT DISTINCT issue_id FROM newsletter_delivery WHERE state = 'flying' AND lease_until < clock_timestamp()
"""
TAKE_OVER = """
    WITH locked AS MATERIALIZED (
        SELECT id, place, lease_until FROM newsletter_delivery
        WHERE state = 'flying' AND lease_until < clock_timestamp() AND issue_id = %(issue)s ORDER BY id FOR UPDATE
    ), dead AS (
        SELECT id, row_number() OVER (PARTITION BY lease_until ORDER BY place, id) = 1 AS first FROM locked
    )
    UPDATE newsletter_delivery AS d SET state = %(state)s, lease_until = NULL, next_try_at = NULL,
        possibly_twice = possibly_twice OR first, attempts = attempts + first::integer
    FROM dead WHERE d.id = dead.id
"""
DUE = """
    SELECT FROM newsletter_delivery WHERE issue_id = ANY(%s) AND state = 'queued' AND {which} LIMIT 1
"""


@dataclass
class Claim:
    """A delivery in the hands of this thread."""

    id: int
    issue_id: int
    edition_id: int
    attempts: int
    lease: Any
    subscriber_id: int | None
    email: str | None
    moves: int | None
    status: str | None

    @property
    def wanted(self) -> bool:
        """Whether its subscriber still gets the newsletter."""
        return self.status == "active"


@dataclass(frozen=True)
class Outcome:
    """What became of a mail: its new state, the relay's answer, and when it is tried again."""

    state: str
    answer: str
    counts: int = 1  # as an attempt
    wait: timedelta | None = None
    twice: bool = False


Connection = psycopg.Connection[Any]


def sendable(connection: Connection) -> list[tuple[int, float | None]]:
    """The issues that may be sent now, and for how many seconds (None: no end)."""
    rows = connection.execute(SENDING, [INTERRUPTED]).fetchall()
    left = [(issue, pace.seconds_left(begin, end, now)) for issue, begin, end, now in rows]
    return [(issue, seconds) for issue, seconds in left if seconds != 0]


def due(connection: Connection, issues: list[int]) -> bool:
    """Whether any delivery of these issues may go now."""
    conditions = ("next_try_at IS NULL", "next_try_at <= clock_timestamp()")
    return any(connection.execute(DUE.format(which=which), [issues]).fetchall() for which in conditions)


def claim(connection: Connection, issue_id: int) -> list[Claim]:
    """Up to a batch of the issue's deliveries whose turn it is, as many as the pace allows."""
    with connection.transaction():
        many = pace.allowed(connection, BATCH)
        if not many:
            return []
        given = {"issue": issue_id, "many": many, "lease": timedelta(seconds=LEASE)}
        for which in (AGAIN, FRESH):
            rows = connection.execute(CLAIM.format(which=which), given).fetchall()
            if rows:
                pace.take(connection, issue_id, len(rows))
                return [Claim(*row) for row in rows]
    return []


def write(connection: Connection, done: Claim, outcome: Outcome, following: Claim | None) -> bool:
    """Writes what became of `done`; in the same breath asks whether `following` is still to go.

    False: it is not, for the issue rests, and the rest of the batch is to be given back.
    """
    if outcome.state == "queued":
        with connection.transaction():
            outcome = Outcome(**{**vars(outcome), "state": _queued(connection, done.issue_id)})
            return _write(connection, done, outcome, following)
    return _write(connection, done, outcome, following)


def _write(connection: Connection, done: Claim, outcome: Outcome, following: Claim | None) -> bool:
    given = {**vars(outcome), "id": done.id, "lease": done.lease, "next": following.id if following else None}
    row = connection.execute(WRITE, given, prepare=True).fetchone()
    assert row is not None
    if following is None:
        return True
    _written, status, following.subscriber_id, following.email, following.moves, following.status = row
    return status == "sending"


def release(connection: Connection, batch: Iterable[Claim]) -> None:
    """Gives back what was claimed and has not begun."""
    batch = list(batch)
    if batch:
        with connection.transaction():
            state = _queued(connection, batch[0].issue_id)
            given = {"state": state, "ids": [each.id for each in batch], "lease": batch[0].lease}
            connection.execute(RELEASE, given)


def undo(connection: Connection, issue_id: int, ids: list[int]) -> None:
    """What these deliveries were answered was about us: they wait again, and it was no attempt."""
    with connection.transaction():
        connection.execute(UNDO, {"state": _queued(connection, issue_id), "ids": ids})


def take_over(connection: Connection) -> None:
    """Queues again what a dead sender had in its hands."""
    for (issue_id,) in connection.execute(EXPIRED).fetchall():
        with connection.transaction():
            state = _queued(connection, issue_id)
            connection.execute(TAKE_OVER, {"state": state, "issue": issue_id})


def _queued(connection: Connection, issue_id: int) -> str:
    """The state of what goes back into the queue. Whoever cancels waits until our transaction ends."""
    row = connection.execute(LOCK_ISSUE, [issue_id]).fetchone()
    return "cancelled" if row == ("cancelled",) else "queued"
