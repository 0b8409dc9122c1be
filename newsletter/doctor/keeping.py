"""Looks daily, when somebody asks, and before a run; and keeps what was found, a row a check."""

from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from procrastinate.exceptions import AlreadyEnqueued

from newsletter.models import MailFinding
from sccon.clock import Clock
from sccon.jobs import app
from sccon.models import Job

from . import looking

FRESH = timedelta(hours=25)  # a day, and the time a look takes
TASK = "newsletter.look_at_mail"


def current() -> list[MailFinding]:
    """What was found for the settings as they are, in the order of the checks; nothing where nothing leaves."""
    found = {row.about: row for row in MailFinding.objects.all()}
    subjects = looking.subjects(looking.setup())
    return [found[about] for about, subject in subjects.items() if about in found and found[about].subject == subject]


def red() -> list[MailFinding]:
    """What must be mended, or confirmed to send all the same."""
    return [row for row in current() if row.verdict == MailFinding.Verdict.RED]


def is_stale() -> bool:
    """Whether something was not looked at for a day, or not with the settings as they are."""
    fresh = dict(MailFinding.objects.filter(checked_at__gt=Clock() - FRESH).values_list("about", "subject"))
    return any(fresh.get(about) != subject for about, subject in looking.subjects(looking.setup()).items())


def look() -> None:
    """Looks, at most half a minute, and keeps what it found."""
    found = [
        MailFinding(
            about=finding.about,
            subject=finding.subject[:300],
            verdict=finding.verdict,
            says=finding.says,
            words=finding.words,
            publish=finding.publish,
            checked_at=Now(),
        )
        for finding in looking.look(looking.setup())
    ]
    with transaction.atomic():
        MailFinding.objects.exclude(about__in=[row.about for row in found]).delete()
        MailFinding.objects.bulk_create(
            found,
            update_conflicts=True,
            unique_fields=["about"],
            update_fields=["subject", "verdict", "says", "words", "publish", "checked_at"],
        )


def ask() -> None:
    """Has the worker look as soon as it can. Asked twice, it looks once."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        look_at_mail.configure().defer(timestamp=0)


def is_asked() -> bool:
    """Whether a look is waiting or under way."""
    return Job.objects.filter(task_name=TASK, status__in=["todo", "doing"]).exists()


@app.periodic(cron="41 4 * * *")
@app.task(name="newsletter.look_at_mail", queue="urgent", queueing_lock="newsletter.look_at_mail", pass_context=False)
def look_at_mail(timestamp: int) -> None:
    """Looks whether mailbox providers would take an issue. Every morning, and when somebody asks."""
    look()
