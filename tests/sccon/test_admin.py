"""People and jobs in the admin, and the language it speaks."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from sccon.models import Job, JobError, User
from tests.factories import make_image, make_user

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def chief() -> Client:
    return client_of(make_user(is_superuser=True, language="en"))


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
    editor = client_of(make_user("editor"))
    assert editor.get("/admin/sccon/job/").status_code == 403
    assert "sccon/job" not in editor.get("/admin/").text


def test_jobs_are_neither_added_nor_changed_by_hand(chief: Client, failed: Job) -> None:
    assert chief.get("/admin/sccon/job/add/").status_code == 403
    assert chief.post(f"/admin/sccon/job/{failed.pk}/delete/", {"post": "yes"}).status_code == 403


def test_procrastinates_own_admin_is_not_there() -> None:
    assert not admin.site.is_registered(ProcrastinateJob)


@pytest.mark.parametrize(
    ("language", "browser", "word"),
    [("de", "en", "Schreibtisch"), ("en", "de", "Desk"), ("", "en", "Desk"), ("", "de", "Schreibtisch")],
)
def test_admin_speaks_the_users_language_else_the_browsers(language: str, browser: str, word: str) -> None:
    client = client_of(make_user("editor", language=language))
    assert f">{word}</a>" in client.get("/admin/", headers={"accept-language": browser}).text


def test_everyone_chooses_their_own_language(client: Client) -> None:
    user = make_user("editor", language="de")
    client = client_of(user)
    given = {"first_name": "Mia", "last_name": "Lenz", "email": "", "language": "en"}
    response = client.post("/admin/sccon/user/me/", given, follow=True)
    user.refresh_from_db()
    assert (user.language, user.first_name, user.mail_on_review) == ("en", "Mia", False)
    assert "Your settings are saved." in response.text
    assert '<html lang="en"' in response.text


def test_own_account_gives_no_rights() -> None:
    user = make_user("editor")
    client_of(user).post("/admin/sccon/user/me/", {"language": "de", "is_superuser": "on", "username": "chef"})
    user.refresh_from_db()
    assert not user.is_superuser
    assert user.username != "chef"


def test_users_and_groups_are_administered(chief: Client) -> None:
    user = make_user("editor", first_name="Tom")
    assert "Tom" in chief.get("/admin/sccon/user/").text
    page = chief.get(f"/admin/sccon/user/{user.pk}/change/")
    assert {"language", "mail_on_review"} <= set(page.context["adminform"].form.fields)
    assert chief.get("/admin/auth/group/").status_code == 200


def test_every_page_of_the_admin_keeps_to_the_policy(chief: Client) -> None:
    """No inline script or style: what is inline would be refused by the browser."""
    for address in (
        "/admin/",
        "/admin/login/",
        "/admin/news/article/",
        "/admin/news/article/add/",
        "/admin/sccon/user/me/",
    ):
        page: Any = chief.get(address, follow=True)
        assert "unsafe" not in page["Content-Security-Policy"]
        assert not re.search(r"<style(?![^>]*nonce)|\sstyle=|\son[a-z]+=", page.text)
        assert not re.search(r"<script(?![^>]*(src=|nonce=|type=\"application/json\"))", page.text)
