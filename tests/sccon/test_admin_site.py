"""What holds for each page of the admin. Its login: tests/sccon/accounts."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_areas_show_their_models_in_the_order_that_the_app_names(client: Client) -> None:
    client.force_login(make_user(is_superuser=True, language="en"))
    shown = {
        area["app_label"]: [model["object_name"] for model in area["models"]]
        for area in client.get("/admin/").context["app_list"]
    }
    assert shown["sccon"] == ["User", "Group", "Login", "Mail", "Job"]
    assert shown["news"][:3] == ["Article", "Review", "Image"]
    assert shown["tickets"] == ["Event", "Order", "Product", "Quota", "SellerChange"], "last what is not named"
    assert "auth" not in shown, "groups stand beside people"


def test_every_page_of_the_admin_keeps_to_the_policy(client: Client) -> None:
    """No inline script or style: what is inline would be refused by the browser."""
    client.force_login(make_user(is_superuser=True, language="en"))
    for address in (
        "/admin/",
        "/admin/login/",
        "/admin/password/forgotten/",
        "/admin/sccon/user/me/security/",
        "/admin/sccon/user/me/security/app/",
        "/admin/news/article/",
        "/admin/news/article/add/",
        "/admin/sccon/user/me/",
    ):
        page: Any = client.get(address, follow=True)
        assert "unsafe" not in page["Content-Security-Policy"]
        assert not re.search(r"<style(?![^>]*nonce)|\sstyle=|\son[a-z]+=", page.text)
        assert not re.search(r"<script(?![^>]*(src=|nonce=|type=\"application/json\"))", page.text)
