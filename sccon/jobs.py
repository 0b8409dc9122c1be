"""Work outside the request: the app whose `@app.task` marks a function the worker runs, and its upkeep.

A job exists only if the transaction that deferred it commits: it is a row. A worker that is killed leaves
its job marked as running; `requeue_stalled` hands it out again, so a task must bear running twice. A job
that keeps failing stays, with its error, and can be run again from the admin.
"""

import logging
import traceback
from collections.abc import Callable
from typing import Any

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
        JobError.objects.update_or_create(
            job_id=context.job.id,  # type: ignore[misc]  # a job that runs has one
            attempt=context.job.attempts + 1,
            defaults={
                "error": f"{type(error).__name__}: {error}"[:1000],
                "traceback": traceback.format_exc()[-20_000:],
            },
        )
        raise


def keep_errors(app: App) -> None:
    """Puts `keep_error` round every task (called when procrastinate is ready).

    Inside what is there already, which gives back the thread's database connection after each task.
    """
    app.worker_defaults["task_middleware"] = [*app.worker_defaults.get("task_middleware", []), keep_error]


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
    queueing_lock="sccon.remove_old_jobs",
    pass_context=False,
)
async def remove_old(timestamp: int) -> None:
    """Forgets finished jobs and their errors. Every night."""
    await app.job_manager.delete_old_jobs(nb_hours=KEEP_DONE)
    await app.job_manager.delete_old_jobs(nb_hours=KEEP_FAILED, include_failed=True)
    await JobError.objects.exclude(job_id__in=Job.objects.values("id")).adelete()
