"""A million recipients: how long it takes to plan them, and that they are never all in the worker's memory."""

import os
import resource
import time
from pathlib import Path

import pytest
from django.db import transaction

from newsletter.delivery import planning, running
from newsletter.models import Delivery, Issue
from tests.newsletter.issues.made import make_issue
from tests.newsletter.issues_factory import add_run, begun, freeze, make_subscribers
from tests.newsletter.relays import ScriptedRelay
from tests.processes import manage, wait_until

MILLION = 1_000_000


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_a_million_recipients_are_planned_in_half_a_minute():
    make_subscribers(MILLION)
    issue = make_issue()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    with transaction.atomic():
        freeze(issue)
        assert planning.plan(issue) == MILLION
    took = time.monotonic() - began
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{MILLION} recipients planned in {took:.1f} s, {more:.1f} MB more memory")
    assert Delivery.objects.filter(issue=issue).count() == MILLION
    assert took <= 30
    assert more <= 20


def memory_of(worker: int) -> int:
    """What the processes of a worker have held at most, in bytes of their own: that of each, and the largest counts."""
    most = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
            group = os.getpgid(int(status.parent.name))
        except OSError:  # it has ended
            continue
        if group == worker and "VmHWM" in lines:
            most = max(most, int(lines["VmHWM"].split()[0]) * 1024)
    return most


@pytest.mark.parametrize("rows", [10_000, pytest.param(MILLION, marks=pytest.mark.full)], ids=["small", "full size"])
@pytest.mark.django_db(transaction=True)
def test_a_worker_holds_no_more_for_a_large_issue_than_for_a_small_one(rows: int, tmp_path: Path):
    """It sends some hundred mails of an issue to a thousand, then as many of the large one, in the same processes."""
    with ScriptedRelay() as relay:
        given = {"WORKER_LANES": "newsletter", "NEWSLETTER_SMTP_URL": relay.url, "NEWSLETTER_CONNECTIONS": "4"}
        small = begun(1000)
        with manage("worker", log=tmp_path / "worker.log", **given) as worker:
            wait_until(lambda: len(relay.mails) >= 200, "at work")
            assert running.pause(small.pk, Issue.Pause.STAFF)
            before = memory_of(worker.pid)
            make_subscribers(rows, name="viele")
            large = make_issue()
            add_run(large)
            done = len(relay.mails)
            wait_until(lambda: len(relay.mails) >= done + 200, "at work")
            assert running.pause(large.pk, Issue.Pause.STAFF)
            more = (memory_of(worker.pid) - before) / 1024**2
    print(f"{rows} recipients: {more:.1f} MB more than for 1000, of {before / 1024**2:.0f}")
    assert before and more <= 20
