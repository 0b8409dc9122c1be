"""The demo's mailbox: every mail can be read and clicked, and nowhere else."""

import re

import pytest
from django.test import Client

from sccon.models import Mail
from tests.newsletter.people import ask

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_newcomer_reads_the_mail_and_clicks_its_link(client: Client):
    ask(client)
    row = Mail.objects.get()
    listed = client.get("/demo/mailbox/", headers={"Accept-Language": "de"}).text
    assert "Bitte bestätigen Sie Ihre Anmeldung" in listed
    assert f'href="/demo/mailbox/{row.pk}/"' in listed
    page = client.get(f"/demo/mailbox/{row.pk}/").text
    assert 'sandbox="allow-top-navigation-by-user-activation"' in page
    (link,) = set(re.findall(r'href="http://127.0.0.1:8000(/de/newsletter/confirm/[^"]+)"', page))
    assert client.post(link).status_code == 200


def test_the_html_part_stands_in_a_frame_under_rules_of_its_own(client: Client):
    ask(client)
    part = client.get(f"/demo/mailbox/{Mail.objects.get().pk}/html/")
    policy = part["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'unsafe-inline'" in policy
    assert "script-src" not in policy
    assert part["X-Frame-Options"] == "SAMEORIGIN"
    assert '<base target="_top">' in part.text


def test_mails_to_one_address(client: Client):
    ask(client, "jana@example.org")
    ask(client, "mia@example.org")
    listed = client.get("/demo/mailbox/?to=mia@example.org").text
    assert "mia@example.org" in listed
    assert "jana@example.org" not in listed
    assert client.get("/demo/mailbox/?to=%00").status_code == 200


@pytest.mark.parametrize(
    ("debug", "demo", "relay", "status"),
    [
        (True, False, None, 200),
        (False, True, None, 200),
        (False, False, None, 404),
        (True, True, "smtp://mail.example.org", 404),
    ],
)
def test_it_is_there_only_in_a_demo_that_sends_nothing(client: Client, settings, debug, demo, relay, status):
    ask(client)
    settings.DEBUG, settings.SITE_DEMO, settings.SMTP_URL = debug, demo, relay
    pk = Mail.objects.get().pk
    for path in ("", f"{pk}/", f"{pk}/html/"):
        assert client.get(f"/demo/mailbox/{path}").status_code == status, path
