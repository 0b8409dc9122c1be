"""What browsers and robots look for at fixed addresses."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from PIL import Image


def lines(client: Client, path: str) -> list[str]:
    response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (200, "text/plain; charset=utf-8")
    return response.content.decode().splitlines()


def test_robots_find_the_sitemap_and_keep_out_of_the_admin(client: Client, settings):
    settings.SITE_URL = "https://www.example.org"
    found = lines(client, "/robots.txt")
    assert "Sitemap: https://www.example.org/sitemap.xml" in found
    assert "Disallow: /admin/" in found
    assert "Disallow: /" not in found


def test_who_finds_a_hole_learns_whom_to_tell(client: Client, settings):
    settings.SITE_URL = "https://www.example.org"
    settings.SECURITY_CONTACTS = ["mailto:security@example.org", "https://example.org/report"]
    fields = [line.split(": ", 1) for line in lines(client, "/.well-known/security.txt")]
    assert [value for name, value in fields if name == "Contact"] == settings.SECURITY_CONTACTS
    assert dict(fields)["Canonical"] == "https://www.example.org/.well-known/security.txt"
    expires = datetime.fromisoformat(dict(fields)["Expires"])
    assert timedelta(days=30) < expires - datetime.now(UTC) < timedelta(days=366)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.django_db
def test_the_icons_that_pages_and_manifest_name_exist_in_the_sizes_they_say(client: Client, language: str):
    assert '<link rel="manifest" href="/manifest.webmanifest">' in client.get(f"/{language}/").content.decode()
    response = client.get("/manifest.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    for icon in response.json()["icons"]:
        with Image.open(finders.find(icon["src"].removeprefix("/static/"))) as picture:
            assert f"{picture.width}x{picture.height}" == icon["sizes"]


def test_the_address_that_old_programs_ask_leads_to_the_icon(client: Client):
    response = client.get("/favicon.ico")
    assert (response.status_code, response["Location"]) == (302, "/static/images/favicon.ico")
    assert finders.find("images/favicon.ico")
