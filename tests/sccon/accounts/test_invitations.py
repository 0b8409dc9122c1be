"""Someone is invited by mail and sets a password of their own; who may not log in is told so, by the right password only."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import signing
from django.test import Client

from sccon import mail
from sccon.models import Login, Mail, User
from tests.factories import make_user, signed_in
from tests.sccon.accounts.logins import is_in, log_in

pytestmark = pytest.mark.django_db

NEW = "Neun Wale singen 7"
GIVEN = {"first_name": "Mia", "last_name": "Größe", "email": "mia@example.org", "language": "de"}


@pytest.fixture
def chief() -> Client:
    return signed_in(make_user(is_superuser=True, first_name="Ada", last_name="Chief", language="en"))


def invite(client: Client, **changes: Any) -> Any:
    groups = [Group.objects.get(name="editor").pk]
    return client.post("/admin/sccon/user/add/", {**GIVEN, "groups": groups, **changes})


def link() -> str:
    return "/admin/" + Mail.objects.filter(template="invitation").latest("pk").context["url"].partition("/admin/")[2]


def test_the_form_says_in_words_what_each_group_may_do(chief: Client) -> None:
    page = chief.get("/admin/sccon/user/add/").text
    assert "Publishers: all that editors do" in page
    assert "password1" not in page


def test_who_is_invited_gets_a_mail_in_their_language_and_sets_a_password(chief: Client) -> None:
    answer = invite(chief)
    user = User.objects.get(email="mia@example.org")
    assert answer.url == f"/admin/sccon/user/{user.pk}/change/"
    assert (user.username, user.is_staff, user.is_superuser, user.has_usable_password()) == (
        "mia.groesse",
        True,
        False,
        False,
    )
    assert [group.name for group in user.groups.all()] == ["editor"]
    sent = Mail.objects.get()
    text = mail.render(sent).text
    assert (sent.recipient, sent.language) == ("mia@example.org", "de")
    assert "Ada Chief" in text
    assert "mia.groesse" in text
    assert "7 Tage" in text
    stranger = Client(headers={"accept-language": "en"})
    page = stranger.get(link())
    assert "Your user name is <b>mia.groesse</b>" in page.text
    assert page["Referrer-Policy"] == "same-origin"
    assert stranger.post(link(), {"new_password1": NEW, "new_password2": NEW}).status_code == 200
    assert log_in(stranger, NEW, username="mia.groesse").status_code == 302
    assert is_in(stranger)
    over = Client(headers={"accept-language": "en"}).get(link())
    assert over.status_code == 410
    assert "The link of an invitation is good for 7 days" in over.text
    assert set(Login.objects.values_list("outcome", flat=True)) >= {"invited", "set", "in"}


def test_the_link_holds_a_week_and_can_be_sent_again_from_the_users_page(chief: Client, monkeypatch: Any) -> None:
    invite(chief)
    user = User.objects.get(email="mia@example.org")
    first, now = link(), signing.time.time()
    with monkeypatch.context() as later:
        later.setattr(signing.time, "time", lambda: now + timedelta(days=6, hours=23).total_seconds())
        assert Client().get(first).status_code == 200
    with monkeypatch.context() as later:
        later.setattr(signing.time, "time", lambda: now + timedelta(days=7, seconds=2).total_seconds())
        assert Client().get(first).status_code == 410
    page = chief.get(f"/admin/sccon/user/{user.pk}/change/").text
    assert "Has no password yet. The last invitation was sent" in page
    assert f'action="/admin/sccon/user/{user.pk}/invite/"' in page
    assert chief.post(f"/admin/sccon/user/{user.pk}/invite/").status_code == 302
    assert Mail.objects.filter(template="invitation").count() == 2
    Client().post(link(), {"new_password1": NEW, "new_password2": NEW})
    assert Client().get(first).status_code == 410, "one password for all links"
    log_in(Client(), NEW, username="mia.groesse")
    assert "/invite/" not in chief.get(f"/admin/sccon/user/{user.pk}/change/").text
    assert "No invitation was sent" in chief.post(f"/admin/sccon/user/{user.pk}/invite/", follow=True).text
    assert Mail.objects.filter(template="invitation").count() == 2
    assert chief.get(f"/admin/sccon/user/{user.pk}/invite/").status_code == 405


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"email": ""}, "email", "required"),
        ({"email": "mia"}, "email", ""),
        ({"email": "THERE@example.org"}, "email", "has an account already: there"),
        ({"username": "THERE"}, "username", "already exists"),
        ({"username": "a b/c"}, "username", "valid username"),
        ({"last_name": "\u200b"}, "last_name", "required"),
        ({"language": "fr"}, "language", ""),
    ],
)
def test_what_cannot_be_invited_is_refused_at_its_field(
    chief: Client, changes: dict, field: str, sentence: str
) -> None:
    make_user(username="there", email="there@example.org")
    before = User.objects.count()
    refused = invite(chief, **changes)
    assert list(refused.context["form"].errors) == [field]
    assert sentence in str(refused.context["form"].errors[field])
    assert User.objects.count() == before
    assert not Mail.objects.exists()


def test_names_that_are_taken_or_say_nothing_get_a_number(chief: Client) -> None:
    make_user(username="mia.groesse")
    invite(chief)
    invite(chief, email="two@example.org")
    invite(chief, email="three@example.org", first_name="李", last_name="雷")
    assert set(User.objects.exclude(email="").values_list("username", flat=True)) == {
        "mia.groesse2",
        "mia.groesse3",
        "user",
    }


def test_only_who_may_add_and_change_users_invites() -> None:
    for client in (signed_in(make_user("publisher")), Client()):
        assert invite(client).status_code in {302, 403}
    assert not Mail.objects.exists()
    assert not User.objects.filter(email="mia@example.org").exists()


# --- Without the staff status ---------------------------------------------------------------------


def test_the_right_password_of_an_account_that_may_not_log_in_is_told_what_is_missing(client: Client) -> None:
    make_user("editor", username="jana", is_staff=False)
    page = log_in(client, headers={"accept-language": "en"})
    assert (page.status_code, "it lacks the staff status" in page.text) == (200, True)
    assert not is_in(client)
    assert [line.outcome for line in Login.objects.all()] == ["no_staff"]
    german = log_in(client, headers={"accept-language": "de"}).text
    assert "Mitarbeiter-Status" in german
    assert "Staff" not in german


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "The user name or the password is not right."), ("de", "Benutzername oder Passwort stimmt nicht.")],
)
@pytest.mark.parametrize("fields", [{"is_staff": False}, {"is_staff": True}, {"is_active": False}, None])
def test_a_wrong_password_tells_nobody_anything(client: Client, fields: dict | None, language: str, said: str) -> None:
    if fields is not None:
        make_user("editor", username="jana", **fields)
    page = log_in(client, "wrong", headers={"accept-language": language})
    assert said in page.text
    for words in ("staff status", "staff account", "Mitarbeiter-Status", "Staff-Account"):
        assert words not in page.text
    assert [line.outcome for line in Login.objects.all()] == ["password"]


@pytest.mark.parametrize(
    ("fields", "groups", "sentence"),
    [
        ({"is_staff": False}, ["editor"], "the staff status is missing"),
        ({"is_staff": False, "is_superuser": True}, [], "the staff status is missing"),
        ({"is_active": False}, ["editor", "publisher"], "the account is not active"),
        ({"is_staff": False}, [], ""),
        ({}, ["editor"], ""),
        ({"is_active": False}, [], ""),
    ],
)
def test_the_users_form_says_who_cannot_log_in_though_they_belong_to_a_group(
    chief: Client, fields: dict, groups: list[str], sentence: str
) -> None:
    user = make_user(*groups, **fields)
    page = chief.get(f"/admin/sccon/user/{user.pk}/change/").text
    assert sentence in page
    assert ("may not log in" in page) == bool(sentence)


def test_it_says_so_when_there_is_neither_a_password_nor_an_address(chief: Client) -> None:
    user = make_user("editor")
    user.set_unusable_password()
    user.save()
    assert "no e-mail address for an invitation" in chief.get(f"/admin/sccon/user/{user.pk}/change/").text
