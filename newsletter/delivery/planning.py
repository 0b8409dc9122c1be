"""The plan: a delivery for each recipient, all in one statement or none."""

from django.db import connection

from newsletter.models import Issue

from . import audience

# `place` mixes the recipients anew for each issue, by a hash; the database makes the rows, none passes through here.
PLAN = f"""
    INSERT INTO newsletter_delivery (issue_id, edition_id, subscriber_id, provider, place)
    SELECT %(issue)s, e.id, s.id, left(lower(split_part(s.email, '@', 2)), 100),
           (hashint8extended(s.id, %(issue)s) & 2147483647)::integer
    FROM newsletter_subscriber AS s JOIN newsletter_edition AS e ON e.issue_id = %(issue)s AND e.language = s.language
    WHERE {audience.INCLUDED}
"""  # noqa: S608 – put together from constants


def plan(issue: Issue) -> int:
    """Makes the deliveries of an issue whose editions are there; returns how many. In the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(PLAN, {**audience.parameters(issue), "issue": issue.pk})
        return cursor.rowcount
