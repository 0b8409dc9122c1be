"""Runs of issues, and subscribers in numbers, for tests of what leaves."""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from newsletter.delivery import planning
from newsletter.models import Edition, Issue
from sccon.clock import database_now
from tests.newsletter.issues.made import make_issue

MARK = "m4rk0815"
HTML = (
    '<p>Größe = {{0}} 100 % ä</p>\n.Punkt am Anfang\n<a href="{mark}-leave">Abmelden</a>'
    '<a href="{mark}-preferences">Einstellungen</a>'
)


def make_subscribers(number: int, *, language: str = "de", domain: str = "example.org", name: str = "leser") -> None:
    """`number` who have confirmed, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO newsletter_subscriber (email, language, status, confirmed_at)"
            " SELECT %s || n || '@' || %s, %s, 'active', now() FROM generate_series(1, %s) AS n",
            [name, domain, language, number],
        )


def freeze(issue: Issue, *, html: str = HTML, **fields: Any) -> list[Edition]:
    """What `newsletter.issues.freezing` makes, short."""
    made = {
        "sender": "Die Messe <news@example.org>",
        "subject": "Neues aus dem Amt: Größe zählt",
        "items": [],
        "html": html.replace("{mark}", MARK),
        "text": f"Guten Tag\n\nAbmelden: {MARK}-leave\nEinstellungen: {MARK}-preferences\n",
        "mark": MARK,
        "archived": True,
        **fields,
    }
    return [
        Edition.objects.create(issue=issue, language=language, slug=f"{issue.pk}-{language}", **made)
        for language in issue.languages
    ]


def ordered(issue: Issue, number: int) -> Issue:
    """As if its minute was over."""
    now = database_now() - timedelta(seconds=1)
    Issue.objects.filter(pk=issue.pk).update(
        status="scheduled", ordered_at=now, begin_at=now, expected={"de": number, "en": 0}
    )
    issue.refresh_from_db()
    return issue


def begun(number: int, *, html: str = HTML, **fields: Any) -> Issue:
    """An issue that is being sent to so many new German subscribers."""
    make_subscribers(number)
    issue = make_issue(**fields)
    add_run(issue, html=html)
    issue.refresh_from_db()
    return issue


def add_run(issue: Issue, *, html: str = HTML) -> None:
    """Starts `issue` for whoever is there."""
    with transaction.atomic():
        freeze(issue, html=html)
        planning.plan(issue)
        Issue.objects.filter(pk=issue.pk).update(
            status="sending", ordered_at=Now(), begin_at=Now(), started_at=Now(), beat_at=Now()
        )
