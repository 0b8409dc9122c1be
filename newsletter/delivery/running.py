"""The run of an issue: ordered, taken back, begun, paused, resumed, cancelled, ended. The only writer of `Issue.status`.

Nothing hangs on a job: what was ordered is a row, and every minute the worker begins what is due.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, Sum
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from newsletter.doctor import keeping
from newsletter.issues import checks, freezing
from newsletter.models import Delivery, Issue, Slice, Tally
from sccon.clock import Clock, database_now
from sccon.jobs import app
from sccon.models import User

from . import audience, claims, planning

logger = logging.getLogger("newsletter.delivery")

GRACE = timedelta(seconds=60)  # in which "at once" can be taken back

AWAKE: dict[str, Any] = {"pause": "", "pause_words": "", "paused_at": None, "paused_by": None}


@dataclass
class Refused(Exception):
    """It does not happen; says why in a sentence for whoever clicked."""

    sentence: str

    def __str__(self) -> str:
        return self.sentence


@transaction.atomic
def order(issue: Issue, *, by: User, expected: Mapping[str, int], confirmed: Sequence[str] = ()) -> bool:
    """DRAFT → SCHEDULED, for `expected` persons by language. False: it was ordered before. Raises `Refused`.

    "At once" is in a minute, and can be taken back until then.
    """
    issue = Issue.objects.select_for_update().get(pk=issue.pk)
    if issue.status != Issue.Status.DRAFT:
        return False
    try:
        counted = audience.count(issue).total
    except audience.NoChoice:
        raise Refused(_("Please choose topics, or send it to everybody.")) from None
    if audience.differs(sum(expected.values()), counted):
        sentence = _("Nothing was sent: it would now go to %(now)d persons, not to %(then)d. Please look again.")
        raise Refused(sentence % {"now": counted, "then": sum(expected.values())})
    if not counted:
        raise Refused(_("Nobody would get this issue."))
    now = database_now()
    begin_at = issue.send_at if issue.send_at and issue.send_at > now else now + GRACE
    Issue.objects.filter(pk=issue.pk).update(
        status=Issue.Status.SCHEDULED,
        ordered_by=by,
        ordered_at=now,
        expected=dict(expected),
        confirmed=list(confirmed),
        begin_at=begin_at,
    )
    begin_due_one.configure(schedule_at=begin_at).defer(issue_id=issue.pk)
    return True


def take_back(issue: Issue) -> bool:
    """SCHEDULED, or resting before anything has left → DRAFT; False when it has begun."""
    waiting = Q(status=Issue.Status.SCHEDULED) | Q(status=Issue.Status.PAUSED, started_at=None)
    changed = Issue.objects.filter(waiting, pk=issue.pk)
    return bool(
        changed.update(
            **({"status": Issue.Status.DRAFT, "begin_at": None, "ordered_at": None, "ordered_by": None} | AWAKE),
            expected={},
            confirmed=[],
        )
    )


def pause(issue_id: int, why: str, *, by: User | None = None, words: str = "") -> bool:
    """SENDING → PAUSED. The mails in flight end."""
    changed = Issue.objects.filter(pk=issue_id, status=Issue.Status.SENDING).update(
        status=Issue.Status.PAUSED, pause=why, pause_words=words, paused_at=Clock(), paused_by=by
    )
    if changed and why != Issue.Pause.STAFF:
        logger.error("Issue %s rests (%s): %s", issue_id, why, words)
    return bool(changed)


@transaction.atomic
def resume(issue: Issue, *, about_them: bool = False) -> bool:
    """PAUSED → SENDING, where it stopped. What never began is ordered anew, for whom it is meant now. Raises `Refused`.

    `about_them`: the words in which one recipient after another was refused are about those, and stop this run no more.
    """
    issue = Issue.objects.select_for_update().get(pk=issue.pk)
    if issue.status != Issue.Status.PAUSED:
        return False
    changes = {**AWAKE}
    if about_them and issue.pause == Issue.Pause.ALIKE:
        changes["about_them"] = [*issue.about_them, claims.nameless(issue.pause_words)]
    if issue.started_at:
        changes |= {"status": Issue.Status.SENDING, "beat_at": Clock()}
    else:
        try:
            expected = dict(audience.count(issue).languages)
        except audience.NoChoice:
            raise Refused(_("Please choose topics, or send it to everybody.")) from None
        changes |= {"status": Issue.Status.SCHEDULED, "begin_at": Clock(), "expected": expected}
    Issue.objects.filter(pk=issue.pk).update(**changes)
    if not issue.started_at:
        begin_due_one.defer(issue_id=issue.pk)
    return True


def is_about_them(issue_id: int, words: str) -> bool:
    """Whether staff have said so of what the relay answered."""
    return Issue.objects.filter(pk=issue_id, about_them__contains=[claims.nameless(words)]).exists()


@transaction.atomic
def cancel(issue: Issue) -> bool:
    """SENDING, PAUSED → CANCELLED: what waits never leaves; what is in flight ends and is written.

    Of a large issue the rows follow within seconds (`look_after`); nobody claims them any more.
    """
    under_way = Issue.objects.under_way().filter(pk=issue.pk)
    if not under_way.update(
        status=Issue.Status.CANCELLED,
        ended_at=Clock(),
        **AWAKE,
    ):
        return False
    claims.cancel(_database(), issue.pk)
    return True


@transaction.atomic
def send_again(issue: Issue) -> int:
    """The failed ones wait again, with all their attempts; returns how many. A run that had ended goes on."""
    issue = Issue.objects.select_for_update().get(pk=issue.pk)
    if issue.status not in (Issue.Status.SENDING, Issue.Status.PAUSED, Issue.Status.SENT):
        return 0
    failed = Delivery.objects.filter(issue=issue, state=Delivery.State.FAILED)
    many = failed.update(state=Delivery.State.QUEUED, attempts=0, next_try_at=None, judge_at=None)
    if many and issue.status == Issue.Status.SENT:
        Issue.objects.filter(pk=issue.pk).update(status=Issue.Status.SENDING, ended_at=None, beat_at=Clock())
    return many


def begin(issue_id: int) -> bool:
    """SCHEDULED → SENDING: what leaves is copied, and who gets it is planned, all at once or not at all.

    Rests instead where the number of recipients is no longer the one that was ordered, a check blocks, or no mail can be
    made. If the mail doctor has not looked for a day it does so first, while the issue can still be taken back.
    """
    if Issue.objects.due().filter(pk=issue_id).exists() and keeping.is_stale():
        keeping.look()
    return _begin(issue_id)


@transaction.atomic
def _begin(issue_id: int) -> bool:
    issue = Issue.objects.select_for_update().due().filter(pk=issue_id).first()
    if issue is None:
        return False
    if database_now() - issue.begin_at > claims.INTERRUPTED:
        return _rest(issue, Issue.Pause.INTERRUPTED, "")
    try:
        expected, counted = sum(issue.expected.values()), audience.count(issue).total
        if audience.differs(expected, counted):
            return _rest(issue, Issue.Pause.CHANGED, f"{expected} → {counted}")
        if stops := checks.blocking(issue, issue.confirmed):
            return _rest(issue, Issue.Pause.CHECKS, "\n".join(str(finding.sentence) for finding in stops))
        with transaction.atomic():
            freezing.freeze(issue)
            planning.plan(issue)
    except Exception as error:
        logger.exception("Issue %s cannot be made.", issue_id)
        return _rest(issue, Issue.Pause.BUILD, f"{type(error).__name__}: {error}"[:1000])
    Issue.objects.filter(pk=issue_id).update(status=Issue.Status.SENDING, started_at=Clock(), beat_at=Clock())
    return True


def _rest(issue: Issue, why: str, words: str) -> bool:
    Issue.objects.filter(pk=issue.pk).update(
        status=Issue.Status.PAUSED, pause=why, pause_words=words, paused_at=Clock()
    )
    return False


def look_after() -> None:
    """Takes over what dead senders had in their hands, ends what is through, stops what must not go on."""
    claims.take_over(_database())
    for issue_id in claims.cancelled(_database()):
        while claims.cancel(_database(), issue_id):
            pass
    # Others may have been answered the same while the sender that knew it paused the issue.
    alike = [Issue.Pause.ALIKE, Issue.Pause.BUILD]
    lately = Issue.objects.filter(
        status=Issue.Status.PAUSED, pause__in=alike, paused_at__gt=Clock() - timedelta(minutes=10)
    )
    for issue_id, words in lately.values_list("pk", "pause_words"):
        claims.undo(_database(), issue_id, words)
    open_ = Tally.objects.filter(issue=OuterRef("pk"), state__in=[Delivery.State.QUEUED, Delivery.State.FLYING])
    some = open_.values("issue").annotate(number=Sum("count")).filter(number__gt=0)
    Issue.objects.filter(~Exists(some), status=Issue.Status.SENDING).update(status=Issue.Status.SENT, ended_at=Clock())
    taken_down = Issue.objects.filter(status=Issue.Status.SENDING, editions__redacted_at__isnull=False)
    for issue_id in taken_down.values_list("pk", flat=True):
        pause(issue_id, Issue.Pause.BUILD)
    interrupted = Issue.objects.filter(status=Issue.Status.SENDING, beat_at__lt=Clock() - claims.INTERRUPTED)
    for issue_id in interrupted.values_list("pk", flat=True):
        pause(issue_id, Issue.Pause.INTERRUPTED)


def _database() -> psycopg.Connection[Any]:
    connection.ensure_connection()
    return connection.connection


@app.task(name="newsletter.begin", queue="urgent", pass_context=False)
def begin_due_one(*, issue_id: int) -> None:
    """Begins an issue at its time."""
    begin(issue_id)


@app.periodic(cron="* * * * *")
@app.task(
    name="newsletter.look_after_runs", queue="urgent", queueing_lock="newsletter.look_after_runs", pass_context=False
)
def look_after_runs(timestamp: int) -> None:
    """Begins what is due, whatever became of its job; looks after what is under way. Every minute."""
    for issue_id in list(Issue.objects.due().values_list("pk", flat=True)):
        begin(issue_id)
    look_after()
    Slice.objects.filter(at__lt=Now() - timedelta(hours=3)).delete()
