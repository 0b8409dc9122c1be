"""Who sends which delivery: leases on the database's clock, and what became of each mail, durable before the next.

Each thread has a connection of its own and speaks SQL: this runs once a mail. A batch is sent in the order of `place`, so
of a dead sender's batch only the first row that is still in flight can have left.
"""

import re
from collections.abc import Sequence
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
LOOK = """
    SELECT i.status, s.id, s.email, s.moves, s.status
    FROM (SELECT) AS one
    LEFT JOIN newsletter_delivery AS d ON d.id = %(next)s::bigint
    LEFT JOIN newsletter_issue AS i ON i.id = d.issue_id
    LEFT JOIN newsletter_subscriber AS s ON s.id = d.subscriber_id
"""
WRITE = f"""
    WITH written AS (
        UPDATE newsletter_delivery SET state = %(state)s::text, answer = %(answer)s::text, attempts = attempts + %(counts)s::integer,
            lease_until = NULL, next_try_at = clock_timestamp() + %(wait)s::interval,
            sent_at = CASE WHEN %(state)s::text = 'sent' THEN clock_timestamp() END,
            possibly_twice = possibly_twice OR %(twice)s::boolean,
            judge_at = CASE WHEN %(final)s::boolean THEN clock_timestamp() + %(soon)s::interval END
        WHERE id = %(id)s::bigint AND state = 'flying' AND lease_until = %(lease)s::timestamptz
        RETURNING id
    )
    {LOOK}
"""  # noqa: S608 – put together from constants
RELEASE = """
    UPDATE newsletter_delivery SET state = 'queued', lease_until = NULL
    WHERE id = ANY(%s) AND state = 'flying' AND lease_until = %s
"""
# What differs between the recipients of the same answer: addresses, queue ids, numbers. Read alike by Python and by the
# database, whose word boundary is another sign.
NAMES = r"\S+@\S+|\b(?=\w*\d)\w{6,}\b"
UNDO = """
    UPDATE newsletter_delivery SET state = 'queued', attempts = greatest(attempts - 1, 0), next_try_at = NULL, answer = '',
        judge_at = NULL
    WHERE issue_id = %(issue)s AND {which} AND regexp_replace(answer, %(names)s, '…', 'g') = %(words)s
"""
# The first of each dead batch may have left. (Two batches claimed in the same microsecond differ by their lease.)
TAKE_OVER = """
    WITH locked AS MATERIALIZED (
        SELECT id, place, lease_until FROM newsletter_delivery
        WHERE state = 'flying' AND lease_until < clock_timestamp() ORDER BY id FOR UPDATE SKIP LOCKED
    ), dead AS (
        SELECT id, row_number() OVER (PARTITION BY lease_until ORDER BY place, id) = 1 AS first FROM locked
    )
    UPDATE newsletter_delivery AS d SET state = 'queued', lease_until = NULL, next_try_at = NULL,
        possibly_twice = possibly_twice OR first, attempts = attempts + first::integer
    FROM dead WHERE d.id = dead.id
"""
CANCELLED = """
    SELECT id FROM newsletter_issue AS i WHERE status = 'cancelled' AND 0 < (
        SELECT sum(count) FROM newsletter_tally AS t WHERE t.issue_id = i.id AND t.state = 'queued')
"""
CANCEL = """
    UPDATE newsletter_delivery SET state = 'cancelled' WHERE id IN (
        SELECT id FROM newsletter_delivery WHERE issue_id = %s AND state = 'queued' AND {which}
        LIMIT %s FOR UPDATE SKIP LOCKED)
"""
DUE = """
    SELECT FROM newsletter_delivery WHERE issue_id = ANY(%s::bigint[]) AND state = 'queued' AND {which} LIMIT 1
"""


# A refusal for good is judged once it is known not to be about us, which the sender says (`judge_now`): as soon as another
# recipient is answered otherwise. If it dies before, it is judged then: twenty refusals in a row do not take so long.
SOON = timedelta(minutes=10)
JUDGE_NOW = """
    UPDATE newsletter_delivery SET judge_at = clock_timestamp() WHERE id = ANY(%s) AND judge_at > clock_timestamp()
"""
UNJUDGED = """
    SELECT id, answer FROM newsletter_delivery WHERE judge_at <= clock_timestamp() ORDER BY judge_at LIMIT %s
"""
JUDGED = "UPDATE newsletter_delivery SET judge_at = clock_timestamp() + %s::interval WHERE id = %s"


@dataclass
class Claim:
    """A delivery in the hands of this thread."""

    id: int
    issue_id: int
    edition_id: int
    attempts: int
    lease: Any
    # Of its subscriber; without one, nothing of the sort, and it is not `wanted`.
    subscriber_id: int
    email: str
    moves: int
    status: str

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
    final: bool = False  # the relay does not take this recipient at all


Connection = psycopg.Connection[Any]


def sendable(connection: Connection) -> list[tuple[int, float | None]]:
    """The issues that may be sent now by their windows, and for how many seconds (None: no end)."""
    rows = connection.execute(SENDING, [INTERRUPTED]).fetchall()
    left = [(issue, pace.seconds_left(begin, end, now)) for issue, begin, end, now in rows]
    return [(issue, seconds) for issue, seconds in left if seconds != 0]


def due(connection: Connection, issues: list[int]) -> bool:
    """Whether any delivery of these issues may go now."""
    if not pace.allowed(connection, 1):
        return False
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

    False: it is not, for the issue rests, and the rest of the batch is to be given back. Who leaves later than this and
    before MAIL still gets it: that is the time in which one mail is made, a few thousandths of a second.
    """
    given = {
        **vars(outcome),
        "soon": SOON,
        "id": done.id,
        "lease": done.lease,
        "next": following.id if following else None,
    }
    [row] = connection.execute(WRITE, given, prepare=True).fetchall()
    if following is None:
        return True
    return _still_to_go(following, row)


def look(connection: Connection, claim: Claim) -> bool:
    """Asks again whether `claim` is still to go, where time has passed since; as `write` does of the next."""
    [row] = connection.execute(LOOK, {"next": claim.id}).fetchall()
    return _still_to_go(claim, row)


def _still_to_go(claim: Claim, row: tuple[Any, ...]) -> bool:
    status, claim.subscriber_id, claim.email, claim.moves, claim.status = row
    return status == "sending"


def release(connection: Connection, batch: Sequence[Claim]) -> None:
    """Gives back what was claimed and has not begun."""
    if batch:
        connection.execute(RELEASE, [[each.id for each in batch], batch[0].lease])


def nameless(answer: str) -> str:
    """An answer without what differs between its recipients."""
    return re.sub(NAMES, "…", answer)


def undo(connection: Connection, issue_id: int, words: str) -> None:
    """This answer was about us: whoever got it waits again, and it was no attempt."""
    given = {"issue": issue_id, "names": NAMES.replace(r"\b", r"\y"), "words": nameless(words)}
    for which in ("state = 'failed'", "state = 'queued' AND next_try_at IS NOT NULL"):
        connection.execute(UNDO.format(which=which), given)


def judge_now(connection: Connection, deliveries: Sequence[int]) -> None:
    """What these were answered for good was about them."""
    connection.execute(JUDGE_NOW, [list(deliveries)])


def unjudged(connection: Connection, many: int = 200) -> list[tuple[int, str]]:
    """Deliveries whose last answer is to be judged now."""
    return connection.execute(UNJUDGED, [many]).fetchall()


def judged(connection: Connection, delivery_id: int, *, again_in: timedelta | None = None) -> None:
    """That was done; or it could not be, and is tried again."""
    connection.execute(JUDGED, [again_in, delivery_id])


def take_over(connection: Connection) -> None:
    """Queues again what dead senders had in their hands."""
    connection.execute(TAKE_OVER)


def cancel(connection: Connection, issue_id: int, many: int = 10_000) -> bool:
    """Cancels up to so many that wait in a cancelled issue, and are in nobody's hands; whether there may be more."""
    return any(
        connection.execute(CANCEL.format(which=which), [issue_id, many]).rowcount == many
        for which in ("next_try_at IS NULL", "next_try_at IS NOT NULL")
    )


def cancelled(connection: Connection) -> list[int]:
    """The cancelled issues of which some still wait."""
    return [issue_id for (issue_id,) in connection.execute(CANCELLED)]
