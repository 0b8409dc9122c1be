"""The admin's login, which counts, and what holds for each of its pages."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def log_in(client: Client, password: str, *, username: str = "jana", address: str = "203.0.113.9") -> int:
    data = {"username": username, "password": password}
    return client.post("/admin/login/?next=/admin/", data, REMOTE_ADDR=address).status_code


def test_passwords_are_not_tried_without_end(client: Client):
    make_user(username="jana")
    assert [log_in(client, "wrong") for _ in range(11)] == [200] * 10 + [429]
    assert log_in(client, "secret") == 429, "not even the right one tells"
    assert log_in(client, "secret", address="198.51.100.7") == 302, "its owner elsewhere is not locked out"


def test_the_refusal_is_a_sentence(client: Client):
    make_user(username="jana")
    for _ in range(10):
        log_in(client, "wrong")
    response = client.post("/admin/login/", {"username": "jana", "password": "x"}, headers={"Accept-Language": "en"})
    assert response.status_code == 200, "another network"
    response = client.post(
        "/admin/login/",
        {"username": "JANA", "password": "x"},
        headers={"Accept-Language": "en"},
        REMOTE_ADDR="203.0.113.77",
    )
    assert response.status_code == 429
    assert "Too many attempts. Please wait a quarter of an hour" in response.text


def test_many_names_from_one_network_are_refused(client: Client):
    statuses = [log_in(client, "wrong", username=f"name{number}") for number in range(51)]
    assert statuses == [200] * 50 + [429]


def test_the_right_password_begins_anew(client: Client):
    make_user(username="jana")
    for _ in range(9):
        log_in(client, "wrong")
    assert log_in(client, "secret") == 302
    client.logout()
    assert [log_in(client, "wrong") for _ in range(10)] == [200] * 10


def test_areas_show_their_models_in_the_order_that_the_app_names(client: Client) -> None:
    client.force_login(make_user(is_superuser=True, language="en"))
    shown = {
        area["app_label"]: [model["object_name"] for model in area["models"]]
        for area in client.get("/admin/").context["app_list"]
    }
    assert shown["sccon"] == ["User", "Group", "Mail", "Job"]
    assert shown["news"][:3] == ["Article", "Review", "Image"]
    assert shown["tickets"] == ["Event", "Order", "Product", "Quota"], "by name, where the app names none"
    assert "auth" not in shown, "groups stand beside people"


def test_every_page_of_the_admin_keeps_to_the_policy(client: Client) -> None:
    """No inline script or style: what is inline would be refused by the browser."""
    client.force_login(make_user(is_superuser=True, language="en"))
    for address in (
        "/admin/",
        "/admin/login/",
        "/admin/news/article/",
        "/admin/news/article/add/",
        "/admin/sccon/user/me/",
    ):
        page: Any = client.get(address, follow=True)
        assert "unsafe" not in page["Content-Security-Policy"]
        assert not re.search(r"<style(?![^>]*nonce)|\sstyle=|\son[a-z]+=", page.text)
        assert not re.search(r"<script(?![^>]*(src=|nonce=|type=\"application/json\"))", page.text)
