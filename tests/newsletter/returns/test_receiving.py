"""The pipe of a mail server and the webhooks of providers: stored, answered, judged afterwards, each once."""

import hashlib
import hmac
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from newsletter import links
from newsletter.models import Return, Subscriber
from newsletter.returns import receiving
from sccon.models import Job
from tests.newsletter.people import make_subscriber
from tests.newsletter.returns.corpus import CORPUS
from tests.newsletter.returns.sent import came_back, make_delivery
from tests.processes import database_url
from tests.relay import run_jobs

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[3]
SECRET = "s" * 40


@pytest.fixture(autouse=True)
def _configured(settings) -> None:
    settings.NEWSLETTER_BOUNCE_DOMAIN = "bounces.example.org"
    settings.NEWSLETTER_WEBHOOK_SECRET, settings.NEWSLETTER_WEBHOOK_KEY = SECRET, "key"


# --- The pipe ----------------------------------------------------------------------------------


def pipe(raw: bytes, *arguments: str, **environment: str) -> int:
    """The command as a mail server calls it."""
    variables = os.environ | {"DATABASE_URL": database_url()} | environment
    command = [sys.executable, "manage.py", "receive_bounce", *arguments]
    return subprocess.run(command, cwd=ROOT, env=variables, input=raw, capture_output=True, timeout=120).returncode


class Standard:
    """Standard input in this process."""

    def __init__(self, raw: bytes):
        self.left, self.buffer = raw, self

    def read(self, size: int) -> bytes:
        part, self.left = self.left[:size], self.left[size:]
        return part


def test_the_mail_server_is_told_that_it_is_stored_or_to_come_again():
    assert (pipe(CORPUS["bytes"][0]), Return.objects.count()) == (0, 1)
    assert pipe(b"x", DATABASE_URL="postgres://nobody@127.0.0.1:1/none") == 75


def test_any_input_ends_orderly_and_is_stored_once(monkeypatch: pytest.MonkeyPatch):
    drawn = random.Random(12)  # noqa: S311 – the same in every run
    shapes = [raw for raw, _verdict in CORPUS.values()]
    shapes += [drawn.randbytes(drawn.randrange(5000)) for _ in range(40)]
    shapes += [b"".join(drawn.sample(raw.split(b"\n"), 3)) + b"\0" for raw in shapes[:20]]
    shapes += [b"x" * 3_000_000]
    for raw in [*shapes, *shapes[:5]]:
        monkeypatch.setattr(sys, "stdin", Standard(raw))
        call_command("receive_bounce", to="b+1.x@\r\nbounces.example.org")
    assert Return.objects.filter(judged_at=None).count() == Return.objects.count() <= len(shapes)
    assert max(len(each.raw) for each in Return.objects.all()) <= 257 * 1024
    run_jobs()
    assert Return.objects.filter(judged_at=None).count() == 0
    assert Job.objects.exclude(status="succeeded").count() == 0


def test_what_came_by_the_pipe_is_judged_by_the_worker(monkeypatch: pytest.MonkeyPatch):
    delivery = make_delivery(make_subscriber())
    monkeypatch.setattr(sys, "stdin", Standard(came_back("postfix: unknown user", delivery)))
    call_command("receive_bounce")
    assert Subscriber.objects.get().status == "active"
    run_jobs()
    assert Subscriber.objects.get().status == "bounced"


# --- Webhooks ----------------------------------------------------------------------------------


def postmark(delivery, kind: str = "HardBounce", **fields: object) -> dict[str, object]:
    return {
        "RecordType": "Bounce" if kind != "SpamComplaint" else "SpamComplaint",
        "ID": 4323372036854775807,
        "Type": kind,
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Details": "smtp;550 5.1.1 The email account that you tried to reach does not exist.",
        "Email": "somebody@else.example",
        "BouncedAt": "2026-11-30T08:00:00Z",
        "Content": f"Return-Path: <{links.envelope_sender(delivery.pk)}>",
        **fields,
    }


def post(provider: str, data: object, secret: str = SECRET, client: Client | None = None) -> int:
    path = f"/webhooks/newsletter/{provider}/" + (f"{secret}/" if secret else "")
    browser = client or Client(enforce_csrf_checks=True)
    return browser.post(path, json.dumps(data), content_type="application/json").status_code


def test_an_event_of_a_provider_is_stored_answered_and_then_judged():
    delivery = make_delivery(make_subscriber())
    for _twice in range(2):
        assert post("postmark", postmark(delivery)) == 200
    assert (Return.objects.count(), Subscriber.objects.get().status) == (1, "active")
    run_jobs()
    returned = Return.objects.get()
    assert (returned.verdict, returned.delivery, returned.code) == ("dead", delivery, "5.1.1")
    assert Subscriber.objects.get().status == "bounced"


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"kind": "SpamComplaint"}, "complaint"),
        ({"kind": "SoftBounce", "Details": "smtp;552 5.2.2 mailbox full"}, "soft"),
        ({"kind": "Blocked", "Details": "blocked by the provider"}, "ours"),
        ({"kind": "BadEmailAddress", "Details": ""}, "dead"),
        ({"kind": "Transient", "Details": "421 4.2.1 later"}, "nothing"),
        ({"kind": "AutoResponder", "Details": "away"}, "nothing"),
        ({"kind": "HardBounce", "Details": "smtp;550 5.7.1 rejected"}, "ours"),
    ],
)
def test_the_verdict_on_a_providers_event_is_that_of_the_words(fields: dict[str, str], verdict: str):
    delivery = make_delivery(make_subscriber())
    assert post("postmark", postmark(delivery, **fields)) == 200
    receiving.judge(return_id=Return.objects.get().pk)
    assert Return.objects.get().verdict == verdict


def test_who_cannot_prove_to_be_the_provider_is_refused(settings):
    delivery = make_delivery(make_subscriber())
    for secret in ("", "wrong", SECRET[:-1], SECRET + "x"):
        assert post("postmark", postmark(delivery), secret) == 403
    assert post("nobody", {}) == 403
    stamp, token = "1790000000", "t" * 50
    good = hmac.new(b"key", f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    event = {"event": "failed", "severity": "permanent", "id": "e1", "timestamp": 1790000000.0}
    event["delivery-status"] = {"code": 550, "message": "5.1.1 unknown"}
    event["message"] = {"headers": {"message-id": links.message_id(delivery.pk).strip("<>")}}
    for signature, answer in (("0" * 64, 403), (good, 200)):
        data = {"signature": {"timestamp": stamp, "token": token, "signature": signature}, "event-data": event}
        assert post("mailgun", data, "") == answer
    run_jobs()
    assert (Return.objects.get().delivery, Subscriber.objects.get().status) == (delivery, "bounced")
    settings.NEWSLETTER_WEBHOOK_SECRET = settings.NEWSLETTER_WEBHOOK_KEY = ""
    assert [post("postmark", {}, ""), post("postmark", {}), post("mailgun", {}, "")] == [403, 403, 403]


def test_what_cannot_be_read_is_kept_and_answered():
    client = Client()
    for body in (b"{", b"\xff\xfe\0", b"[1, 2]", b'"x"', b'{"RecordType": 7}', b"x" * 900_000):
        answer = client.post(f"/webhooks/newsletter/postmark/{SECRET}/", body, content_type="application/json")
        assert answer.status_code == 200
    run_jobs()
    assert set(Return.objects.values_list("verdict", flat=True)) <= {"unreadable", "nothing"}
    assert Return.objects.count() == 6
    assert client.get(f"/webhooks/newsletter/postmark/{SECRET}/").status_code == 200
