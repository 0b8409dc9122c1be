"""People in the admin, and the language it speaks to them."""

import pytest
from django.test import Client

from tests.factories import make_user, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief() -> Client:
    return signed_in(make_user(is_superuser=True, language="en"))


@pytest.mark.parametrize(
    ("language", "browser", "word"),
    [("de", "en", "Schreibtisch"), ("en", "de", "Desk"), ("", "en", "Desk"), ("", "de", "Schreibtisch")],
)
def test_admin_speaks_the_users_language_else_the_browsers(language: str, browser: str, word: str) -> None:
    client = signed_in(make_user("editor", language=language))
    assert f">{word}</a>" in client.get("/admin/", headers={"accept-language": browser}).text


def test_everyone_chooses_their_own_language(client: Client) -> None:
    user = make_user("editor", language="de")
    client = signed_in(user)
    given = {"first_name": "Mia", "last_name": "Lenz", "email": "", "language": "en"}
    response = client.post("/admin/sccon/user/me/", given, follow=True)
    user.refresh_from_db()
    assert (user.language, user.first_name, user.mail_on_review) == ("en", "Mia", False)
    assert "Your settings are saved." in response.text
    assert '<html lang="en"' in response.text


def test_own_account_gives_no_rights() -> None:
    user = make_user("editor")
    signed_in(user).post("/admin/sccon/user/me/", {"language": "de", "is_superuser": "on", "username": "chef"})
    user.refresh_from_db()
    assert not user.is_superuser
    assert user.username != "chef"


def test_users_and_groups_are_administered(chief: Client) -> None:
    user = make_user("editor", first_name="Tom")
    assert "Tom" in chief.get("/admin/sccon/user/").text
    page = chief.get(f"/admin/sccon/user/{user.pk}/change/")
    assert {"language", "mail_on_review"} <= set(page.context["adminform"].form.fields)
    assert chief.get("/admin/auth/group/").status_code == 200
