"""What the data of a subscriber says of issues: nothing of the mailbox before a move."""

from datetime import timedelta

import pytest

from newsletter.models import Delivery, Issue, Subscriber
from newsletter.subscribers.personal_data import personal_data
from sccon.clock import database_now
from tests.newsletter.issues.made import freeze, make_issue


@pytest.mark.django_db
def test_what_was_refused_before_a_move_names_nobody_afterwards():
    now = database_now()
    person = Subscriber.objects.create(
        email="neu@example.org", language="de", status="active", confirmed_at=now, moved_at=now
    )
    for days, words in ((2, "550 <alt@example.org> unknown"), (-1, "550 <neu@example.org> unknown")):
        issue = make_issue()
        edition = freeze(issue)["de"]
        Issue.objects.filter(pk=issue.pk).update(started_at=now - timedelta(days=days))
        Delivery.objects.create(issue=issue, edition=edition, subscriber=person, place=1, state="failed", answer=words)
    assert [each["answer"] for each in personal_data(person)["issues"]] == ["550 <neu@example.org> unknown"]
