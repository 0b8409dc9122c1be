"""The button of a mail program: what it finds in the mail as it left, and what its post meets."""

import re
from collections.abc import Iterator
from itertools import product
from urllib.parse import urlsplit

import pytest
from django.test import Client

from newsletter.models import Change, Subscriber
from newsletter.subscribers import subscribing
from sccon.settings import relay
from tests.newsletter.people import link, make_subscriber, subscribe
from tests.relay import Relay, run_jobs

pytestmark = pytest.mark.django_db(transaction=True)

SENDERS = [
    {},
    {"Origin": "https://mail.example.com"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://other.testserver"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "null", "Referer": "https://mail.example.com/"},
]


@pytest.fixture
def smtp(settings) -> Iterator[Relay]:
    with Relay() as server:
        settings.SMTP_URL = server.url
        settings.MAILERS = {"default": relay(server.url, timeout=5)}
        yield server


def test_the_welcome_mail_at_the_relay_has_a_button_that_works(smtp):
    make_subscriber()
    run_jobs()
    (content,) = [each.content for each in smtp.envelopes if b"List-Unsubscribe" in each.content]
    lines = content.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert any(re.fullmatch(rb'List-Id: ".+" <newsletter\.[a-z0-9.-]+>', line) for line in lines)
    (address,) = [line for line in lines if line.startswith(b"List-Unsubscribe:")]
    found = re.fullmatch(rb"List-Unsubscribe: <http://127\.0\.0\.1:8000(/de/newsletter/unsubscribe/[\w:-]+/)>", address)
    assert found
    answer = Client().post(found[1].decode(), {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, Subscriber.objects.get().status) == (200, "unsubscribed")


def test_the_post_is_taken_from_everywhere_in_both_encodings_and_twice(client: Client):
    """GMX and Proton post from the page in which the mail is read."""
    subscribe(client)
    address = link("unsubscribe")
    browser = Client(enforce_csrf_checks=True)
    for headers, multipart in product(SENDERS, (False, True)):
        Subscriber.objects.update(status="active", ended_at=None)
        for _twice in range(2):
            if multipart:
                answer = browser.post(address, {"List-Unsubscribe": "One-Click"}, headers=headers)
            else:
                form = "application/x-www-form-urlencoded"
                answer = browser.post(address, "List-Unsubscribe=One-Click", content_type=form, headers=headers)
            assert answer.status_code == 200
            assert answer["Access-Control-Allow-Origin"] == "*"
            assert answer.cookies == {}
            assert Subscriber.objects.get().status == "unsubscribed"
    assert Change.objects.filter(what="unsubscribed").count() == len(SENDERS) * 2
    assert browser.options(address)["Access-Control-Allow-Origin"] == "*"


def test_the_answer_is_the_same_for_whoever_is_or_was_there(client: Client):
    said = set()
    for status in ("active", "pending", "unsubscribed", "bounced", "complained", "erased"):
        subscriber = make_subscriber(f"{status}@example.org")
        address = urlsplit(subscribing.link("unsubscribe", subscriber, language="de")).path
        if status == "erased":
            subscribing.erase(subscriber)
        elif status != "active":
            ended = None if status == "pending" else subscriber.confirmed_at
            Subscriber.objects.filter(pk=subscriber.pk).update(status=status, ended_at=ended)
        answer = client.post(address, headers={"Origin": "null"})
        assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, "*"), status
        said.add(answer.text.replace(address.split("/")[-2], "…"))
    assert len(said) == 1
    left = set(Subscriber.objects.values_list("email", "status"))
    assert {status for email, status in left if not email.startswith("complained")} == {"unsubscribed"}


def test_looking_changes_nothing_and_names_the_address_in_part(client: Client):
    """Whoever got the mail forwarded reads whose newsletter it is not."""
    subscribe(client)
    address = link("unsubscribe")
    for headers in SENDERS:
        page = client.get(address, headers=headers)
        assert client.head(address, headers=headers).status_code == 200
    assert "j…@…" in page.text
    assert "jana@" not in page.text
    assert Subscriber.objects.get().status == "active"
    client.post(address)
    assert "jana@" not in client.get(address).text


def test_a_token_that_broke_off_is_nobodys(client: Client):
    subscribe(client)
    address = link("unsubscribe")
    assert client.post(address[:-3] + "/").status_code == 410
    assert client.get(address[:-3] + "/").status_code == 410
    assert Subscriber.objects.get().status == "active"
