"""Many sign up while the worker is killed again and again: everyone gets the mail, nobody three."""

import os
import signal
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path
from subprocess import Popen

import pytest
from aiosmtpd.smtp import Envelope
from asgiref.sync import async_to_sync
from django.db import connection, connections
from django.test import Client

from sccon import jobs
from sccon.models import Mail
from tests.processes import manage, wait_until
from tests.relay import Relay

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("crowds")]


class DeadlyRelay(Relay):
    """Kills the worker in the act of sending, at set mails. Every other one is taken, but the worker does not hear it."""

    worker: Popen[bytes]

    def __init__(self, deadly: range) -> None:
        super().__init__()
        self.deadly = deadly
        self.arriving = count(1)
        self.killed = 0

    def take(self, envelope: Envelope) -> str:
        if next(self.arriving) not in self.deadly:
            return super().take(envelope)
        self.killed += 1
        if self.killed % 2:
            super().take(envelope)
        with suppress(ProcessLookupError):
            os.killpg(self.worker.pid, signal.SIGKILL)
        return "451 The sender is dead"


def hand_out_what_the_dead_had() -> None:
    """What the worker's successor does half a minute later."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")

    def work() -> None:
        try:
            async_to_sync(jobs.requeue_stalled.func)(timestamp=0)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:  # in this one Playwright's event loop may run
        thread.submit(work).result()


@pytest.mark.parametrize(
    ("people", "deadly"),
    [
        pytest.param(240, range(30, 210, 45), id="small"),
        pytest.param(1000, range(45, 945, 90), id="full", marks=pytest.mark.full),
    ],
)
def test_everybody_who_signs_up_gets_the_mail_whenever_the_worker_dies(
    client: Client, settings, tmp_path: Path, people: int, deadly: range
):
    settings.TRUSTED_PROXIES = 1
    addresses = [f"person{number}@example.org" for number in range(people)]
    for number, email in enumerate(addresses):
        headers = {"X-Forwarded-For": f"198.{18 + number // 250}.{number % 250}.7"}
        assert client.post("/de/newsletter/", {"email": email}, headers=headers).status_code == 303
    environment = {"SITE_MAIL_FROM": "mail@example.org", "SITE_IMPRINT": "Messe GmbH, Berlin", "MAIL_BRAKE": "5000"}
    with DeadlyRelay(deadly) as relay:
        for life in range(len(deadly) + 1):
            hand_out_what_the_dead_had()
            log = tmp_path / f"worker{life}.log"
            with manage("worker", log=log, SMTP_URL=relay.url, **environment) as relay.worker:
                wait_until(
                    lambda: relay.worker.poll() is not None or Mail.objects.filter(status="sent").count() == people,
                    f"dead or done in its life {life}: {log.read_text()[-2000:]}",
                )
    assert relay.killed == len(deadly)
    ids: dict[str, list[str]] = defaultdict(list)
    for message in relay.messages:
        ids[message["To"]].append(message["Message-ID"])
    assert set(ids) == set(addresses), "nobody is forgotten"
    twice = [got for got in ids.values() if len(got) > 1]
    assert all(len(got) == 2 and got[0] == got[1] for got in twice), "twice at the most, under one Message-ID"
    assert len(twice) <= 2 * relay.killed, "only what was in flight"
    assert set(Mail.objects.values_list("status", flat=True)) == {"sent"}
