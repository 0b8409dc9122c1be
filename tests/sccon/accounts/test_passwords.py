"""A new password by mail, and that its owner hears of each change."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from sccon.accounts import passwords
from sccon.models import Mail
from tests.factories import make_user
from tests.sccon.accounts.logins import is_in, log_in, make_owner, wait

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "a much better one"


def ask(client: Client, name: str) -> Any:
    return client.post("/admin/password/forgotten/", {"name": name}, headers={"accept-language": "en"})


def work() -> None:
    """What the worker would do."""
    for job in ProcrastinateJob.objects.filter(task_name="sccon.send_password_link", status="todo"):
        passwords.send_link(**job.args)
    ProcrastinateJob.objects.filter(task_name="sccon.send_password_link").update(status="succeeded")


def link() -> str:
    return "/admin/" + Mail.objects.get(template="password-reset").context["url"].partition("/admin/")[2]


def test_known_and_unknown_names_get_the_same_answer_and_the_worker_looks(client: Client) -> None:
    make_user(username="jana", email="jana@example.org", language="en")
    pages = []
    for name in ("jana", "nobody", "JANA@example.org"):
        page = ask(client, name).text
        pages.append(re.sub(r'value="\w{64}"|nonce="[^"]+"', "", page))
    assert pages[0] == pages[1] == pages[2]
    assert "If there is an account with that name or address" in pages[0]
    assert not Mail.objects.exists(), "the answer says nothing, not even by the time it takes"
    work()
    assert [mail.recipient for mail in Mail.objects.all()] == ["jana@example.org"] * 2


def test_the_link_sets_a_password_once_and_ends_the_sessions(client: Client) -> None:
    user = make_user(username="jana", email="jana@example.org", language="en")
    there = Client()
    there.force_login(user)
    ask(client, "jana")
    work()
    url = link()
    page = client.get(url)
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]
    assert client.post(url, {"new_password1": "short", "new_password2": "short"}).status_code == 200
    assert client.post(url, {"new_password1": NEW, "new_password2": NEW}).status_code == 200
    assert not is_in(there)
    assert client.get(url).status_code == 410
    assert Mail.objects.filter(template="password-changed", recipient=user.email).count() == 1
    assert log_in(client, NEW).status_code == 302
    assert is_in(client)


def test_a_new_password_does_not_replace_the_second_factor(client: Client) -> None:
    make_owner("publisher")
    ask(client, "jana")
    work()
    client.post(link(), {"new_password1": NEW, "new_password2": NEW})
    assert log_in(client, NEW).url == "/admin/login/code/"


def test_the_link_ends_after_an_hour_with_a_login_and_with_a_new_address(client: Client, monkeypatch: Any) -> None:
    user = make_user(username="jana", email="jana@example.org")
    ask(client, "jana")
    work()
    url = link()
    now = signing.time.time()
    with monkeypatch.context() as later:
        later.setattr(signing.time, "time", lambda: now + timedelta(hours=1, seconds=2).total_seconds())
        assert client.get(url).status_code == 410
    assert client.get(url).status_code == 200
    user.email = "another@example.org"
    user.save()
    assert client.get(url).status_code == 410
    for odd in ("x", "%00", "a" * 500, url.split("/")[-2][:-1] + "-"):
        assert client.get(f"/admin/password/new/{odd}/").status_code in (404, 410)


def test_neither_a_mailbox_nor_a_network_is_flooded(client: Client) -> None:
    make_user(username="jana", email="jana@example.org")
    statuses = [ask(client, "jana").status_code for _ in range(21)]
    assert statuses == [200] * 20 + [429]
    work()
    assert Mail.objects.count() == 3


def test_who_left_who_is_no_staff_and_who_has_no_address_gets_none(client: Client) -> None:
    make_user(username="left", email="left@example.org", is_active=False)
    make_user(username="visitor", email="visitor@example.org", is_staff=False)
    make_user(username="without")
    for name in ("left", "visitor@example.org", "without"):
        ask(client, name)
    work()
    assert not Mail.objects.exists()


def test_changing_it_ends_the_other_sessions_and_is_told(client: Client) -> None:
    user = make_user(username="jana", email="jana@example.org", language="en")
    other = Client()
    for each in (client, other):
        each.force_login(user)
    form = {"old_password": "secret", "new_password1": NEW, "new_password2": NEW}
    assert client.post("/admin/password_change/", form).status_code == 302
    assert is_in(client)
    assert not is_in(other)
    assert Mail.objects.get().template == "password-changed"


def test_the_old_password_is_not_guessed_in_a_session_that_someone_left_open(client: Client) -> None:
    client.force_login(make_user(username="jana"))
    form = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    assert client.post("/admin/password_change/", form).status_code == 200
    refused = client.post("/admin/password_change/", {**form, "old_password": "secret"})
    assert (refused.status_code, refused["Retry-After"]) == (429, "1")
    wait(1)
    assert client.post("/admin/password_change/", {**form, "old_password": "secret"}).status_code == 302


def test_a_password_set_by_a_colleague_is_told_to_its_owner(client: Client) -> None:
    user = make_user(username="jana", email="jana@example.org", language="en")
    theirs = Client()
    theirs.force_login(user)
    client.force_login(make_user(is_superuser=True, first_name="Ada", last_name="Chief"))
    form = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    assert client.post(f"/admin/sccon/user/{user.pk}/password/", form).status_code == 302
    assert not is_in(theirs)
    assert Mail.objects.get().context["by"] == "Ada Chief"
    assert is_in(client)
