"""Work outside the request, with real workers: nothing is lost, nothing happens that was not committed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import QuerySet
from procrastinate.exceptions import AlreadyEnqueued

from news.models import Image
from sccon import jobs
from sccon.clock import database_now
from sccon.models import Job, JobError, Mail
from tests.factories import make_image, picture_bytes
from tests.processes import kill, locked, manage, someone_waits_for_a_lock, wait_until
from tests.tickets.factories import make_order, make_shop
from tickets.models import Order
from tickets.orders import expiring

pytestmark = pytest.mark.django_db(transaction=True)

ATTEMPTS = 5

StartWorker = Callable[[], Popen[bytes]]


@pytest.fixture
def start_worker(settings: Any, tmp_path: Path) -> Iterator[StartWorker]:
    with ExitStack() as stack:
        yield lambda: stack.enter_context(manage("worker", log=tmp_path / "worker.log", MEDIA_ROOT=settings.MEDIA_ROOT))


def renditions(image: Image) -> QuerySet[Job]:
    return Job.objects.filter(task_name="news.make_renditions", args={"image_id": image.pk})


def status(image: Image) -> str:
    return renditions(image).get().status


def on_its_last_attempt(image: Image) -> None:
    """Spares the test the half hour that five attempts take."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET attempts = %s", [ATTEMPTS - 1])


def at_once(image: Image) -> None:
    """Spares the test the pause between two attempts."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE id = %s", [renditions(image).get().pk])


def silent_for_a_minute() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")


def look_for_stalled() -> None:
    """Spares the test the minute between two looks."""
    with suppress(AlreadyEnqueued):
        jobs.requeue_stalled.defer(timestamp=0)


def test_a_job_exists_only_if_its_transaction_commits():
    with pytest.raises(RuntimeError), transaction.atomic():  # noqa: PT012
        make_image()
        assert Job.objects.count() == 1
        raise RuntimeError
    assert (Image.objects.count(), Job.objects.count()) == (0, 0)


def test_a_worker_does_what_a_request_left_behind(start_worker: StartWorker):
    image = make_image()
    assert (status(image), image.renditions.count()) == ("todo", 0)
    start_worker()
    wait_until(lambda: status(image) == "succeeded", "done")
    assert image.renditions.count() > 0


def test_the_job_of_a_killed_worker_is_handed_out_again(start_worker: StartWorker):
    image = make_image(width=4000, height=2600)
    worker = start_worker()
    wait_until(lambda: status(image) == "doing", "begun")
    kill(worker)
    assert (status(image), image.renditions.count()) == ("doing", 0)
    silent_for_a_minute()
    look_for_stalled()
    start_worker()
    wait_until(lambda: status(image) == "succeeded", "done by the second worker")
    assert image.renditions.count() > 0


def test_the_job_of_a_living_worker_is_not_handed_out_again(start_worker: StartWorker):
    image = make_image(width=4000, height=2600)
    start_worker()
    wait_until(lambda: status(image) == "doing", "begun")
    look_for_stalled()
    wait_until(lambda: status(image) == "succeeded", "done")
    assert renditions(image).get().attempts == 1


def test_a_job_that_keeps_failing_stays_with_its_error_and_runs_again_when_told(start_worker: StartWorker):
    image = make_image()
    default_storage.delete(image.file.name)
    on_its_last_attempt(image)
    start_worker()
    wait_until(lambda: status(image) == "failed", "given up")

    (job,) = Job.objects.failed()
    (error,) = JobError.objects.all()
    assert (error.job_id, error.attempt) == (job.pk, ATTEMPTS)
    assert error.error.startswith("FileNotFoundError: ")
    assert "make_renditions" in error.traceback

    assert jobs.retry(job.pk)
    assert JobError.objects.count() == 0
    wait_until(lambda: JobError.objects.exists() and status(image) == "todo", "tried for the first of five times")
    default_storage.save(image.file.name, ContentFile(picture_bytes()))
    at_once(image)
    wait_until(lambda: status(image) == "succeeded", "done at last")
    assert not jobs.retry(job.pk)


def test_an_attempt_that_fails_is_made_again_later(start_worker: StartWorker):
    image = make_image()
    default_storage.delete(image.file.name)
    start_worker()
    wait_until(lambda: JobError.objects.exists(), "tried")
    wait_until(lambda: status(image) == "todo", "planned again")
    assert renditions(image).get().scheduled_at is not None


def test_what_a_task_defers_exists_only_when_the_task_has_committed(start_worker: StartWorker):
    """Else another slot looks for the mail before it is there, and the mail is never sent."""
    _event, quota, product = make_shop()
    make_order(product)
    Order.objects.update(expires_at=database_now() - timedelta(seconds=1))
    mails = Job.objects.filter(task_name="sccon.deliver_mail")
    with locked(quota):  # which the task asks for last, when it has queued the mail
        expiring.expire_orders.defer(timestamp=0)
        start_worker()
        wait_until(someone_waits_for_a_lock, "at the end of its transaction")
        assert mails.count() == 1, "that of the order"
    wait_until(lambda: Mail.objects.filter(template="order-expired", status="kept").exists(), "sent")
