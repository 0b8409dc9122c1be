"""Work outside the request: the app whose `@app.task` marks a function the worker runs, and its upkeep.

A job exists only if the transaction that deferred it commits: it is a row. A task names its lane, which is
procrastinate's queue (`queue="urgent"`, see `settings.LANES`). A worker that is killed leaves its job marked as running;
`requeue_stalled` hands it out again, so a task must bear running twice. A job that keeps failing stays, with its
error, and can be run again from the admin.
"""

import logging
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from procrastinate import App, RetryStrategy
from procrastinate.connector import BaseConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.job_context import JobContext
from procrastinate.psycopg_connector import PsycopgConnector
from procrastinate.worker import Worker

from sccon.models import Job, JobError

__all__ = ["RETRY", "app"]

logger = logging.getLogger("sccon.jobs")

# Five attempts in about a quarter of an hour: 5, 25, 125, 625 seconds after one another. The first is not counted here.
RETRY = RetryStrategy(max_attempts=4, exponential_wait=5)

# A worker says every ten seconds that it lives; one silent for this long (seconds) is dead.
SILENT_AFTER = 30.0

# How long finished jobs are kept, in hours: done ones a week, failed ones until someone decides, at most 90 days.
KEEP_DONE, KEEP_FAILED = 7 * 24, 90 * 24


class WorkerConnector(PsycopgConnector):
    """The worker's own connections, by which it fetches jobs and says how they ended.

    What a task defers goes by Django's connection all the same, else it would be there before the task's transaction
    commits: a mail that another slot looks for at once, does not find, and never sends.
    """

    def get_sync_connector(self) -> BaseConnector:
        return DjangoConnector()


def keep_error(call_next: Callable[[], Any], context: JobContext, worker: Worker) -> Any:
    """Runs the task; when it fails, its error is kept for the admin and raised on."""
    try:
        return call_next()
    except Exception as error:
        _keep(context, error)
        raise


async def keep_error_async(call_next: Callable[[], Awaitable[Any]], context: JobContext, worker: Worker) -> Any:
    """The same for a task that is a coroutine."""
    try:
        return await call_next()
    except Exception as error:
        await sync_to_async(_keep)(context, error)
        raise


def _keep(context: JobContext, error: Exception) -> None:
    JobError.objects.update_or_create(
        job_id=context.job.id,  # type: ignore[misc]  # a job that runs has one
        attempt=context.job.attempts + 1,
        defaults={
            "error": f"{type(error).__name__}: {error}"[:1000],
            "traceback": "".join(traceback.format_exception(error))[-20_000:],
        },
    )


def keep_errors(app: App) -> None:
    """Has every failing task's error kept (called when procrastinate is ready).

    Inside what is there already, which gives back the thread's database connection after each task.
    """
    app.worker_defaults["task_middleware"] = [
        *app.worker_defaults.get("task_middleware", []),
        keep_error,
        keep_error_async,
    ]


@transaction.atomic
def retry(job_id: int) -> bool:
    """Has a failed job run again, from the first attempt; says whether it was there to be run."""
    if not Job.objects.failed().filter(pk=job_id).exists():
        return False
    JobError.objects.filter(job_id=job_id).delete()
    app.job_manager.retry_job_by_id(job_id, retry_at=timezone.now())
    with connection.cursor() as cursor:  # procrastinate counts on, and would give up at the next failure
        cursor.execute("UPDATE procrastinate_jobs SET attempts = 0 WHERE id = %s", [job_id])
    return True


@app.periodic(cron="* * * * *")
@app.task(
    name="sccon.requeue_stalled",
    aliases=["sccon.jobs.requeue_stalled"],
    queue="normal",
    queueing_lock="sccon.requeue_stalled",
    pass_context=False,
)
async def requeue_stalled(timestamp: int) -> None:
    """Hands out again what a dead worker had begun. Every minute."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_AFTER):
        logger.warning("Job %s of a dead worker is handed out again.", job.id)
        await manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(
    name="sccon.remove_old_jobs",
    aliases=["sccon.jobs.remove_old"],
    queue="slow",
    queueing_lock="sccon.remove_old_jobs",
    pass_context=False,
)
async def remove_old(timestamp: int) -> None:
    """Forgets finished jobs and their errors. Every night."""
    await app.job_manager.delete_old_jobs(nb_hours=KEEP_DONE)
    await app.job_manager.delete_old_jobs(nb_hours=KEEP_FAILED, include_failed=True)
    await JobError.objects.exclude(job_id__in=Job.objects.values("id")).adelete()


# --- Lanes ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """How many jobs of a lane are due and not begun, and since when the first of them is."""

    lane: str
    jobs: int
    since: datetime | None


# A job without a time of its own is due since it was deferred, or handed out again; those came in the order of their ids.
WAITING = """
    SELECT lane, jobs, least(planned, (SELECT max(at) FROM procrastinate_events WHERE job_id = oldest))
    FROM (
        SELECT queue_name AS lane, count(*) AS jobs, min(scheduled_at) AS planned,
               min(id) FILTER (WHERE scheduled_at IS NULL) AS oldest
        FROM procrastinate_jobs
        WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
        GROUP BY queue_name
    ) AS due
"""


def waiting() -> list[Waiting]:
    """What waits in each lane, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        due = {lane: Waiting(lane, jobs, since) for lane, jobs, since in cursor}
    return [due.get(lane, Waiting(lane, 0, None)) for lane in settings.LANES]


# --- Another release --------------------------------------------------------------------------

INTO_LANES = """
    UPDATE procrastinate_jobs SET queue_name = task.lane
    FROM unnest(%s::text[], %s::text[]) AS task (name, lane)
    WHERE status = 'todo' AND task_name = task.name AND queue_name <> ALL(%s)
"""
RENAME_SCHEDULES = """
    WITH former AS (
        DELETE FROM procrastinate_periodic_defers AS run USING unnest(%s::text[], %s::text[]) AS task (alias, name)
        WHERE run.task_name = task.alias
        RETURNING task.name, run.periodic_id, run.defer_timestamp
    )
    INSERT INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
    SELECT name, periodic_id, defer_timestamp FROM former ON CONFLICT DO NOTHING
"""
# Jobs that failed without an error of their own: the worker that took them did not know the task.
UNKNOWN = """
    SELECT id, task_name, queueing_lock,
           (SELECT count(*) FROM procrastinate_events WHERE job_id = job.id AND type = 'failed'),
           (SELECT max(at) FROM procrastinate_events WHERE job_id = job.id)
    FROM procrastinate_jobs AS job
    WHERE status = 'failed' AND NOT EXISTS (SELECT FROM sccon_joberror AS error WHERE error.job_id = job.id)
    ORDER BY id
    FOR UPDATE OF job SKIP LOCKED
"""
UPGRADE_TAKES = timedelta(days=1)  # at most, with workers of both releases running
MOST_FAILURES = 10


@app.periodic(cron="*/10 * * * *")
@app.task(name="sccon.adopt_jobs", queue="normal", queueing_lock="sccon.adopt_jobs", pass_context=False)
def adopt_jobs(timestamp: int) -> None:
    """Every ten minutes, for where workers of two releases run for a while."""
    adopt()


@transaction.atomic
def adopt() -> None:
    """Takes over what another release of this code has left, so that an upgrade loses no job. When a worker starts.

    Waiting jobs come into the lane of their task; a periodic task that has a new name is not run again for times that
    are done; what an older worker failed because it did not know the task is run again; and a job whose task no longer
    exists is dropped.
    """
    app.perform_import_paths()
    lanes = {name: task.queue for name, task in app.tasks.items() if task.queue in settings.LANES}
    renamed = [(alias, task.name) for task in set(app.tasks.values()) for alias in task.aliases]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('sccon.adopt'))")  # one at a time
        cursor.execute(INTO_LANES, [list(lanes), list(lanes.values()), list(settings.LANES)])
        cursor.execute(RENAME_SCHEDULES, [[alias for alias, _name in renamed], [name for _alias, name in renamed]])
        cursor.execute(UNKNOWN)
        unknown = cursor.fetchall()
    for job_id, task_name, queueing_lock, failures, at in unknown:
        if task_name not in app.tasks:
            if at < timezone.now() - UPGRADE_TAKES:
                logger.warning("Job %s is dropped: no task is called %s any more.", job_id, task_name)
                _drop(job_id)
        elif queueing_lock:
            _drop(job_id)  # it comes again by itself, or waits already
        elif failures < MOST_FAILURES:
            retry(job_id)


def _drop(job_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job_id])
