"""Lanes: what hurries never stands behind what is slow, whatever happens to the slow lane's process."""

import ast
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from django.conf import settings as site
from django.db import connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateEvent

from news.pictures.library import make_renditions
from news.pictures.share_pictures import draw_share_picture
from sccon import jobs, limits
from sccon.admin import jobs as admin
from sccon.jobs import Waiting, adopt, waiting
from sccon.models import Job, JobError, Mail
from tests.factories import make_image, make_user
from tests.newsletter.people import ask
from tests.processes import ROOT, locked, manage, someone_waits_for_a_lock, wait_until
from tests.relay import Relay, run_jobs
from tests.tickets.factories import make_order, make_shop
from tickets.models import Order
from tickets.orders import expiring

SENDER = {"SITE_MAIL_FROM": "mail@example.org", "SITE_IMPRINT": "Messe GmbH, Berlin"}
APPS = ("sccon", "news", "newsletter", "tickets")


# --- Tasks ------------------------------------------------------------------------------------


def written_tasks() -> dict[str, dict[str, Any]]:
    """Every `@app.task` of the source: where it stands, and its arguments that are plain values."""
    found = {}
    for path in [path for app in APPS for path in (ROOT / app).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            for decorator in getattr(node, "decorator_list", []):
                if ast.unparse(getattr(decorator, "func", decorator)) == "app.task":
                    given = {part.arg: part.value for part in getattr(decorator, "keywords", [])}
                    plain = {name: value.value for name, value in given.items() if isinstance(value, ast.Constant)}
                    found[f"{path.relative_to(ROOT)}:{node.lineno}"] = plain  # type: ignore[attr-defined]
    return found


def test_every_task_is_known_to_a_worker_that_has_just_started():
    script = (
        "import django, json; django.setup();"
        "from procrastinate.contrib.django import app; app.perform_import_paths(); print(json.dumps(list(app.tasks)))"
    )
    said = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    known = json.loads(said.stdout)
    assert len(written_tasks()) > 15
    assert [where for where, given in written_tasks().items() if given.get("name") not in known] == []


def test_every_task_says_its_name_and_its_lane_and_locks_by_its_name():
    wrong = [
        where
        for where, given in written_tasks().items()
        if not str(given.get("name")).startswith(f"{where.split('/')[0]}.")
        or given.get("queue") not in site.LANES
        or given.get("queueing_lock", given.get("name")) != given.get("name")
    ]
    assert wrong == []


# --- Slots ------------------------------------------------------------------------------------

StartWorker = Callable[..., Popen[bytes]]


@pytest.fixture
def start_worker(settings: Any, tmp_path: Path) -> Iterator[StartWorker]:
    with ExitStack() as stack:

        def start(**environment: str) -> Popen[bytes]:
            environment |= {"MEDIA_ROOT": settings.MEDIA_ROOT}
            return stack.enter_context(manage("worker", log=tmp_path / "worker.log", **environment))

        yield start


def statuses(task_name: str) -> set[str]:
    return set(Job.objects.filter(task_name=task_name).values_list("status", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_mail_and_a_job_of_every_other_lane_go_while_two_hundred_renditions_wait(
    client: Client, start_worker: StartWorker
):
    """The only slow slot is held, so nothing slow can end: whatever comes through had a slot of its own."""
    image = make_image(width=40, height=30)
    for _number in range(199):
        make_renditions.defer(image_id=image.pk)
    with Relay() as relay, locked(image):
        start_worker(SMTP_URL=relay.url, **SENDER)
        wait_until(someone_waits_for_a_lock, "the slow lane full")
        began = time.monotonic()
        ask(client)
        limits.forget_past.defer(timestamp=0)
        wait_until(lambda: relay.messages, "mailed")
        print(f"The mail left after {time.monotonic() - began:.2f} s, 200 renditions waiting.")
        wait_until(lambda: statuses("sccon.forget_limits") == {"succeeded"}, "done")
        slow = Job.objects.filter(task_name="news.make_renditions").values_list("status", flat=True)
        assert (len(slow), list(slow).count("doing"), list(slow).count("todo")) == (200, 1, 199)


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_someone_waits_for_goes_before_those_that_nobody_asked_for(client: Client):
    _event, _quota, product = make_shop()
    Order.objects.filter(pk=make_order(product).pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    expiring.expire_overdue()
    ask(client)
    run_jobs()  # one at a time
    sent = [Mail.objects.get(pk=args["mail_id"]).template for args in begun("sccon.deliver_mail")]
    assert sent == ["order-received", "newsletter-confirm", "order-expired"]


@pytest.mark.django_db(transaction=True)
def test_renditions_are_made_before_share_pictures():
    draw_share_picture.defer(publication_id=0)
    make_renditions.defer(image_id=0)
    run_jobs()
    tasks = ["news.make_renditions", "news.draw_share_picture"]  # a periodic one of the lane may come in between
    started = ProcrastinateEvent.objects.filter(type="started", job__task_name__in=tasks).order_by("pk")
    assert [*started.values_list("job__task_name", flat=True)] == tasks


def begun(task_name: str) -> list[dict[str, Any]]:
    """The arguments of the task's jobs in the order in which they were begun."""
    jobs = Job.objects.filter(task_name=task_name, procrastinateevent__type="started")
    return [job.args for job in jobs.order_by("procrastinateevent__id")]


# --- Processes --------------------------------------------------------------------------------


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.django_db(transaction=True)
def test_a_dead_process_of_the_slow_lane_is_replaced_and_its_job_done(start_worker: StartWorker):
    image = make_image(width=40, height=30)
    with locked(image):
        worker = start_worker()
        wait_until(someone_waits_for_a_lock, "begun")
        (slow,) = [pid for pid in children(worker.pid) if os.getpriority(os.PRIO_PROCESS, pid) == 10]
        os.kill(slow, signal.SIGKILL)
        wait_until(lambda: len(children(worker.pid)) == 3 and slow not in children(worker.pid), "replaced")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    jobs.requeue_stalled.configure(queueing_lock="now").defer(timestamp=0)
    wait_until(lambda: statuses("news.make_renditions") == {"succeeded"}, "done")
    assert worker.poll() is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_worker_takes_its_processes_along(start_worker: StartWorker, number: int):
    worker = start_worker()
    limits.forget_past.defer(timestamp=0)
    make_renditions.defer(image_id=0)
    wait_until(lambda: statuses("sccon.forget_limits") | statuses("news.make_renditions") == {"succeeded"}, "at work")
    together = children(worker.pid)
    assert len(together) == 3  # fast lanes, slow ones, the newsletter
    os.kill(worker.pid, number)  # it alone, not its group
    assert worker.wait(60) == (0 if number == signal.SIGTERM else -number)
    wait_until(lambda: not any(map(alive, together)), "gone")


@pytest.mark.django_db(transaction=True)
def test_a_worker_brings_what_it_does_to_its_end_before_it_ends(start_worker: StartWorker):
    image = make_image(width=40, height=30)
    with locked(image):
        worker = start_worker()
        wait_until(someone_waits_for_a_lock, "begun")
        worker.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            worker.wait(1)
    assert worker.wait(60) == 0
    assert statuses("news.make_renditions") == {"succeeded"}


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_loses_the_database_works_on_when_it_is_back(start_worker: StartWorker):
    start_worker()
    limits.forget_past.defer(timestamp=0)
    wait_until(lambda: statuses("sccon.forget_limits") == {"succeeded"}, "at work")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    make_renditions.defer(image_id=0)
    limits.forget_past.defer(timestamp=0)
    wait_until(lambda: statuses("sccon.forget_limits") | statuses("news.make_renditions") == {"succeeded"}, "at work")


@pytest.mark.django_db(transaction=True)
def test_a_worker_serves_the_lanes_it_is_told_to(start_worker: StartWorker):
    make_renditions.defer(image_id=0)
    worker = start_worker(WORKER_LANES="urgent,normal")
    limits.forget_past.defer(timestamp=0)
    wait_until(lambda: statuses("sccon.forget_limits") == {"succeeded"}, "done")
    assert len(children(worker.pid)) == 1
    assert statuses("news.make_renditions") == {"todo"}
    start_worker(WORKER_LANES="slow")
    wait_until(lambda: statuses("news.make_renditions") == {"succeeded"}, "done")


def test_a_lane_that_is_not_there_ends_the_start_with_a_sentence(tmp_path: Path):
    said = subprocess.run(
        [sys.executable, "manage.py", "worker"],
        cwd=ROOT,
        env=os.environ | {"WORKER_LANES": "urgent,fast"},
        capture_output=True,
        text=True,
    )
    assert said.returncode != 0
    assert said.stderr.splitlines()[-1].endswith(
        "WORKER_LANES has 'fast'; it must name some of urgent, normal, slow, newsletter, with commas."
    )


# --- What waits -------------------------------------------------------------------------------


def change(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.django_db
def test_what_is_due_and_not_begun_waits_in_its_lane_since_it_was_due():
    now = timezone.now()
    first = make_renditions.defer(image_id=0)
    make_renditions.defer(image_id=0)
    make_renditions.configure(schedule_in={"hours": 1}).defer(image_id=0)  # not yet
    limits.forget_past.configure(schedule_at=now - timedelta(minutes=7)).defer(timestamp=0)
    change("UPDATE procrastinate_events SET at = %s WHERE job_id = %s", now - timedelta(minutes=3), first)
    assert waiting() == [
        Waiting("urgent", 0, None),
        Waiting("normal", 1, now - timedelta(minutes=7)),
        Waiting("slow", 2, now - timedelta(minutes=3)),
    ]
    change("UPDATE procrastinate_jobs SET status = 'doing' WHERE queue_name = 'slow'")
    assert waiting()[2] == Waiting("slow", 0, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "cells"),
    [
        ("de", ["eilig", "0", "–", "normal", "0", "–", "langsam", "2", "3 min"]),
        ("en", ["urgent", "0", "–", "normal", "0", "–", "slow", "2", "3 min"]),
    ],
)
def test_the_list_of_jobs_says_what_waits_in_each_lane(client: Client, language: str, cells: list[str]):
    make_renditions.defer(image_id=0)
    make_renditions.defer(image_id=0)
    change("UPDATE procrastinate_events SET at = now() - interval '3 minutes 30 seconds'")
    client.force_login(make_user(is_superuser=True, language=language))
    response = client.get("/admin/sccon/job/")
    lanes = response.context["lanes"]
    assert [str(lane[part]) for lane in lanes for part in ("name", "jobs", "oldest")] == cells
    assert client.get("/admin/sccon/job/", {"lane": "urgent"}).context["cl"].result_count == 0


def test_the_admin_has_words_for_every_lane():
    assert list(admin.LANES) == list(site.LANES)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=40), "unter einer Minute"),
        (timedelta(minutes=119), "119 min"),
        (timedelta(hours=26, minutes=4), "26 h 4 min"),
    ],
)
def test_a_waiting_time_is_said_to_the_minute(ago: timedelta, words: str):
    assert admin.waiting_time(timezone.now() - ago) == words


# --- Another release --------------------------------------------------------------------------


@pytest.mark.django_db
def test_jobs_from_before_the_lanes_come_into_the_lane_of_their_task():
    for name in ("sccon.deliver_mail", "news.make_renditions", "gone.task"):
        jobs.app.configure_task(name, queue="default").defer()
    change("UPDATE procrastinate_jobs SET task_name = 'sccon.mail.deliver' WHERE task_name = 'sccon.deliver_mail'")
    adopt()
    assert dict(Job.objects.values_list("task_name", "queue_name")) == {
        "sccon.mail.deliver": "urgent",
        "news.make_renditions": "slow",
        "gone.task": "default",
    }


def fail(*, ago: timedelta = timedelta(), **job: Any) -> Job:
    """A job that a worker failed without running it."""
    job_id = jobs.app.configure_task(**job).defer()
    change("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", job_id)
    change("UPDATE procrastinate_jobs SET status = 'failed', attempts = 1 WHERE id = %s", job_id)
    change("UPDATE procrastinate_events SET at = now() - %s WHERE job_id = %s", ago, job_id)
    return Job.objects.get(pk=job_id)


@pytest.mark.django_db
def test_a_job_whose_task_an_older_worker_did_not_know_is_run_again():
    job = fail(name="sccon.deliver_mail")
    adopt()
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("todo", 0)


@pytest.mark.django_db
def test_a_periodic_job_that_an_older_worker_did_not_know_goes_for_it_comes_again():
    fail(name="sccon.forget_limits", queueing_lock="sccon.forget_limits")
    limits.forget_past.defer(timestamp=0)
    adopt()
    assert [job.status for job in Job.objects.all()] == ["todo"]


@pytest.mark.django_db
def test_a_job_that_failed_with_an_error_stays_failed():
    job = fail(name="sccon.deliver_mail")
    JobError.objects.create(job_id=job.pk, attempt=1, error="OSError: disk full", traceback="")
    adopt()
    assert Job.objects.get().status == "failed"


@pytest.mark.django_db
def test_a_job_whose_task_no_longer_exists_is_dropped_after_a_day_and_said(caplog: pytest.LogCaptureFixture):
    """Not before: it may be the newer release's, whose workers run it again."""
    old, new = fail(name="gone.task", ago=timedelta(days=2)), fail(name="gone.task")
    adopt()
    assert [job.pk for job in Job.objects.all()] == [new.pk]
    assert f"Job {old.pk} is dropped: no task is called gone.task any more." in caplog.text


@pytest.mark.django_db
def test_a_periodic_task_with_a_new_name_is_not_run_again_for_what_is_done():
    insert = "INSERT INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp) VALUES (%s, '', %s)"
    change(insert, "tickets.ordering.remind_buyers", 1000)
    change(insert, "tickets.retention.forget", 1000)
    change(insert, "tickets.forget", 1000)
    adopt()
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, defer_timestamp FROM procrastinate_periodic_defers ORDER BY 1")
        assert cursor.fetchall() == [("tickets.forget", 1000), ("tickets.remind_buyers", 1000)]
