"""Workers and a database that are killed while an issue is planned and goes out: nobody is lost, and it adds up all the time."""

import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

import psycopg
import pytest
from django.db import connection

from newsletter.delivery import audience, running
from newsletter.models import Delivery, Issue, Subscriber
from sccon.clock import database_now
from tests.factories import make_user
from tests.newsletter.issues.made import make_issue
from tests.newsletter.issues_factory import begun, make_subscribers
from tests.newsletter.relays import ScriptedRelay
from tests.own_postgres import own_postgres
from tests.processes import database_url, kill, manage, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

LOOK = """
    SELECT i.status, coalesce(jsonb_object_agg(t.state, t.count) FILTER (WHERE t.count > 0), '{}')
    FROM newsletter_issue AS i
    LEFT JOIN (SELECT issue_id, state, sum(count) AS count FROM newsletter_tally GROUP BY issue_id, state) AS t
        ON t.issue_id = i.id
    WHERE i.id = %s GROUP BY i.status
"""


class Watch:
    """Asks the one query of the sum, again and again, and keeps what did not add up."""

    def __init__(self, url: str, issue: Issue):
        self.url, self.issue, self.ended = url, issue, threading.Event()
        self.status, self.counts, self.polls = "", dict[str, int](), 0
        self.wrong: list[dict[str, int]] = []
        self.planned: set[int] = set()
        self.thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Watch":
        self.thread.start()
        wait_until(lambda: self.polls, "watched")
        return self

    def __exit__(self, *error: object) -> None:
        self.ended.set()
        self.thread.join()

    def _watch(self) -> None:
        while not self.ended.is_set():
            try:
                with psycopg.connect(self.url, autocommit=True) as database:
                    while not self.ended.wait(0.01):
                        [(status, counts)] = database.execute(LOOK, [self.issue.pk]).fetchall()
                        self._keep(status, counts)
            except psycopg.OperationalError:
                self.ended.wait(0.05)

    def _keep(self, status: str, counts: dict[str, int]) -> None:
        planned = counts.get("planned", 0)
        if planned != sum(counts.values()) - planned:
            self.wrong.append(counts)
        self.planned.add(planned)
        self.status, self.counts, self.polls = status, counts, self.polls + 1


@dataclass(frozen=True)
class Size:
    mails: int
    kills: int
    connections: int
    workers: int = 1
    crash: bool = False  # of the database, once
    timeout: float = 0.5


@contextmanager
def database(own: bool) -> Iterator[Any]:
    with own_postgres() if own else nullcontext() as server:
        yield server


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(Size(200, kills=3, connections=4), id="small"),
        pytest.param(Size(120, kills=1, connections=1, workers=2), id="two workers"),
        pytest.param(
            Size(20_000, kills=25, connections=8, crash=True, timeout=3), id="full size", marks=pytest.mark.full
        ),
        pytest.param(
            Size(20_000, kills=5, connections=4, workers=2, timeout=3), id="two, full", marks=pytest.mark.full
        ),
    ],
)
def test_workers_killed_again_and_again_lose_nobody_and_say_who_may_have_it_twice(size: Size, tmp_path: Path):
    with database(size.crash) as own, ScriptedRelay() as relay, ExitStack() as running_:
        url = own.url if own else database_url()
        numbers = iter(range(1000))

        def start() -> Popen[bytes]:
            given = {
                "DATABASE_URL": url,
                "WORKER_LANES": "newsletter",
                "NEWSLETTER_SMTP_URL": relay.url,
                "NEWSLETTER_TIMEOUT": str(size.timeout),
                "NEWSLETTER_CONNECTIONS": str(size.connections),
            }
            return running_.enter_context(manage("worker", log=tmp_path / f"worker{next(numbers)}.log", **given))

        issue = begun(size.mails)
        connection.close()  # it would not outlive the crash
        relay.slow = 0.01 if size.mails < 1000 else 0.002
        between = size.mails // (size.kills + 2)
        with Watch(url, issue) as watch:
            workers = [start() for _ in range(size.workers)]
            for done in range(1, size.kills + 1):
                wait_until(lambda: len(relay.mails) >= between * done, "at work")  # noqa: B023
                kill(workers.pop(0))
                if own and done == size.kills // 2:
                    own.end(signal.SIGQUIT)
                    own.start()
                workers.append(start())
            wait_until(lambda: watch.status == "sent", "sent")
        got = Counter(relay.recipients)
        extras, most = got.total() - size.mails, size.kills * size.connections
        listed = Delivery.objects.filter(possibly_twice=True).values_list("subscriber__email", flat=True)
        print(
            f"{size.mails} mails, {size.kills} kills, {size.connections} connections: {extras} extras (most: {most}),"
            f" {len(listed)} listed as possibly twice, {watch.polls} polls"
        )
        assert watch.wrong == []
        assert watch.counts == {"planned": size.mails, "sent": size.mails}
        assert set(got) == set(Subscriber.objects.values_list("email", flat=True))
        twice = {address for address, copies in got.items() if copies > 1}
        assert extras <= most
        assert twice <= set(listed) and len(listed) <= most
        names: dict[str, set[str]] = {address: set() for address in twice}
        for mail in relay.mails:
            if mail.recipient in twice:
                names[mail.recipient].add(mail.message_id)
        assert all(len(each) == 1 for each in names.values())
        connection.close()


PLANS = """
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
    AND query LIKE '%INSERT INTO newsletter_delivery%' AND pid <> pg_backend_pid()
"""


@contextmanager
def held_up(really: bool) -> Iterator[None]:
    """Nobody counts deliveries meanwhile: a plan that would be over before it is seen waits at its end."""
    with psycopg.connect(database_url()) as other:
        if really:
            other.execute("LOCK TABLE newsletter_tally IN SHARE MODE")
        yield


@pytest.mark.parametrize(
    ("readers", "kills"), [(200, 1), pytest.param(300_000, 5, marks=pytest.mark.full)], ids=["small", "full size"]
)
def test_a_worker_killed_while_it_plans_plans_all_of_it_later_or_nothing(readers: int, kills: int, tmp_path: Path):
    make_subscribers(readers)
    issue = make_issue(only="de", preheader_de="Kurz", intro_de="<p>Guten Tag</p>")
    assert running.order(issue, by=make_user(), expected=audience.count(issue).languages)
    Issue.objects.filter(pk=issue.pk).update(begin_at=database_now())

    def plans() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(PLANS)
            return bool(cursor.fetchall())

    with Watch(database_url(), issue) as watch:
        for number in range(kills):
            running.begin_due_one.defer(issue_id=issue.pk)
            log = tmp_path / f"worker{number}.log"
            with manage("worker", log=log, WORKER_LANES="urgent") as worker, held_up(readers < 1000):
                wait_until(plans, "planning")
                kill(worker)
            wait_until(lambda: not plans(), "given up by the database")
            assert watch.status == "scheduled" and not Delivery.objects.filter(issue=issue).exists()
        # Its job is lost with the worker: each minute what is due begins.
        running.look_after_runs(timestamp=0)
        wait_until(lambda: watch.status == "sending", "begun")
    assert (watch.wrong, watch.planned) == ([], {0, readers})
    assert watch.counts == {"planned": readers, "queued": readers}
