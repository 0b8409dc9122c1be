"""The worker's jobs in the admin."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from sccon.models import Job, JobError
from tests.factories import make_image, make_user, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief() -> Client:
    return signed_in(make_user(is_superuser=True, language="en"))


@pytest.fixture
def failed() -> Job:
    """A job that gave up after its last attempt."""
    make_image()
    job = Job.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed', attempts = 5 WHERE id = %s", [job.pk])
    JobError.objects.create(
        job_id=job.pk, attempt=5, error="OSError: disk full", traceback="Traceback …\nOSError: disk full"
    )
    return Job.objects.get()


def test_failed_job_is_seen_with_its_error_on_desk_list_and_page(chief: Client, failed: Job) -> None:
    assert "Failed jobs" in chief.get("/admin/").text
    listed = chief.get("/admin/sccon/job/", {"status": "failed"}).text
    assert "OSError: disk full" in listed
    assert '<span class="state failed">failed</span>' in listed
    assert "Traceback …" in chief.get(f"/admin/sccon/job/{failed.pk}/change/").text


def test_failed_job_is_run_again(chief: Client, failed: Job) -> None:
    given = {"action": "run_again", "_selected_action": [failed.pk]}
    response = chief.post("/admin/sccon/job/", given, follow=True)
    assert [str(message) for message in response.context["messages"]] == ["1 job runs again."]
    assert Job.objects.get().status == "todo"
    assert not JobError.objects.exists()


def test_job_that_has_not_failed_is_left_alone(chief: Client) -> None:
    make_image()
    given = {"action": "run_again", "_selected_action": [Job.objects.get().pk]}
    response = chief.post("/admin/sccon/job/", given, follow=True)
    assert "Only failed jobs can be run again" in response.text


def test_jobs_are_not_for_editors(failed: Job) -> None:
    editor = signed_in(make_user("editor"))
    assert editor.get("/admin/sccon/job/").status_code == 403
    assert "sccon/job" not in editor.get("/admin/").text


def test_jobs_are_neither_added_nor_changed_by_hand(chief: Client, failed: Job) -> None:
    assert chief.get("/admin/sccon/job/add/").status_code == 403
    assert chief.post(f"/admin/sccon/job/{failed.pk}/delete/", {"post": "yes"}).status_code == 403


def test_procrastinates_own_admin_is_not_there() -> None:
    assert not admin.site.is_registered(ProcrastinateJob)
