"""What a fresh worker does with an issue that is being sent, to a real SMTP server."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email import message_from_bytes, policy
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from django.db.models import Q, Sum

from newsletter import links
from newsletter.delivery import running
from newsletter.delivery.sending import Sender
from newsletter.models import Delivery, Issue, Subscriber, Tally
from newsletter.subscribers import subscribing
from sccon import tokens
from sccon.settings import relay as mailer
from tests.newsletter.issues_factory import begun
from tests.newsletter.relays import ScriptedRelay
from tests.processes import manage, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

StartSender = Callable[..., Popen[bytes]]


@pytest.fixture
def relay() -> Iterator[ScriptedRelay]:
    with ScriptedRelay() as relay:
        yield relay


@pytest.fixture
def start(relay: ScriptedRelay, tmp_path: Path) -> Iterator[StartSender]:
    """Starts a worker that serves the newsletter's lane alone."""
    with ExitStack() as running_:
        number = iter(range(100))

        def start(**environment: str) -> Popen[bytes]:
            given = {
                "WORKER_LANES": "newsletter",
                "NEWSLETTER_SMTP_URL": relay.url,
                "NEWSLETTER_TIMEOUT": "0.5",
                **environment,
            }
            return running_.enter_context(manage("worker", log=tmp_path / f"worker{next(number)}.log", **given))

        yield start


def sums(issue: Issue) -> dict[str, int]:
    """The one query of the sum."""
    rows = Tally.objects.filter(issue=issue).values_list("state").annotate(n=Sum("count"))
    return {state: number for state, number in rows if number}


def adds_up(issue: Issue) -> bool:
    counted = sums(issue)
    planned = counted.pop("planned")
    return planned == sum(counted.values())


def status(issue: Issue) -> str:
    return Issue.objects.get(pk=issue.pk).status


def test_every_reader_gets_one_mail_with_headers_in_plain_lines(relay: ScriptedRelay, start: StartSender):
    issue = begun(50)
    start()
    wait_until(lambda: status(issue) == "sent", "sent")
    assert sums(issue) == {"planned": 50, "sent": 50}
    assert sorted(relay.recipients) == sorted(Subscriber.objects.values_list("email", flat=True))
    delivery = Delivery.objects.order_by("pk").first()
    assert delivery and delivery.answer.startswith("250 ") and delivery.attempts == 1
    (raw,) = [mail.content for mail in relay.mails if links.message_id(delivery.pk).encode() in mail.content]
    lines = raw.split(b"\r\n")
    head = lines[: lines.index(b"")]
    (leave,) = [line for line in head if line.startswith(b"List-Unsubscribe:")]
    assert (
        leave.startswith(b"List-Unsubscribe: <http")
        and leave.endswith(b"/>")
        and b"/de/newsletter/unsubscribe/" in leave
    )
    assert tokens.read("newsletter.leave", leave.decode().split("/")[-2]) == delivery.pk
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head
    assert f"Feedback-ID: {issue.pk}:de:newsletter:exampleorg".encode() in head
    assert f"List-Id: {subscribing.list_id()}".encode() in head  # as the mails to confirm and to welcome have it
    assert b"X-Auto-Response-Suppress: OOF, AutoReply" in head
    assert max(map(len, lines)) <= 200
    assert all(len(line) <= 76 for line in lines[lines.index(b"") :])
    message = message_from_bytes(raw, policy=policy.default)
    assert message["Subject"] == "Neues aus dem Amt: Größe zählt"
    assert message["To"] == delivery.subscriber.email  # type: ignore[union-attr]
    html = message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert f'<a href="{leave.decode()[19:-1]}">Abmelden</a>' in html
    assert "<p>Größe = {{0}} 100 % ä</p>\n.Punkt am Anfang\n" in html.replace("\r", "")
    assert "/de/newsletter/preferences/" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert relay.commands.count("EHLO") == relay.sessions
    assert relay.commands.count("RSET") == relay.commands.count("NOOP") == 0


def test_who_leaves_after_the_plan_gets_nothing(relay: ScriptedRelay, start: StartSender):
    issue = begun(30)
    gone = Subscriber.objects.order_by("pk")[:3]
    Subscriber.objects.filter(pk__in=[each.pk for each in gone]).update(
        status="unsubscribed", ended_at="2026-01-01T00:00Z"
    )
    erased = Subscriber.objects.order_by("-pk").first()
    assert erased
    erased.delete()
    start()
    wait_until(lambda: status(issue) == "sent", "sent")
    assert sums(issue) == {"planned": 30, "sent": 26, "suppressed": 4}
    assert not {each.email for each in [*gone, erased]} & set(relay.recipients)


def test_who_leaves_while_the_relay_is_called_gets_nothing(relay: ScriptedRelay, start: StartSender):
    issue = begun(1)
    relay.greets.clear()
    start(NEWSLETTER_TIMEOUT="30")
    wait_until(lambda: sums(issue).get("flying") == 1 and relay.sessions, "at the door")
    Subscriber.objects.update(status="unsubscribed", ended_at="2026-01-01T00:00Z")
    relay.greets.set()
    wait_until(lambda: status(issue) == "sent", "sent")
    assert sums(issue) == {"planned": 1, "suppressed": 1} and not relay.mails


def test_who_judges_a_refusal_hears_what_was_refused(relay: ScriptedRelay, settings: Any):
    begun(3)
    settings.NEWSLETTER_SMTP_URL = relay.url
    settings.MAILERS = {**settings.MAILERS, "bulk": mailer(relay.url, timeout=30)}
    relay.moods = {
        "leser1@example.org": ["rcpt 550 5.1.1 no such user"],
        "leser2@example.org": ["data 554 5.6.0 not this"],
    }
    heard: list[tuple[str, int, str]] = []

    def failed(delivery_id: int, code: int, text: str, /, *, stage: str) -> None:
        heard.append((Delivery.objects.get(pk=delivery_id).subscriber.email, code, stage))  # type: ignore[union-attr]

    Sender(1, failed, ends=lambda: bool(relay.mails) and len(heard) == 2).work()
    assert sorted(heard) == [("leser1@example.org", 550, "rcpt"), ("leser2@example.org", 554, "data")]


def test_pause_resume_and_cancel(relay: ScriptedRelay, start: StartSender):
    issue = begun(300)
    relay.slow = 0.02
    start(NEWSLETTER_CONNECTIONS="2")
    wait_until(lambda: len(relay.mails) > 20, "at work")
    assert running.pause(issue.pk, Issue.Pause.STAFF)
    wait_until(lambda: sums(issue).get("flying", 0) == 0, "at rest")
    rests = len(relay.mails)
    assert sums(issue)["sent"] == rests and adds_up(issue)
    assert running.resume(issue)
    wait_until(lambda: len(relay.mails) > rests + 20, "at work")
    assert running.cancel(issue)
    wait_until(lambda: sums(issue).keys() == {"planned", "sent", "cancelled"}, "at rest")
    counted = sums(issue)
    assert counted == {"planned": 300, "sent": len(relay.mails), "cancelled": 300 - len(relay.mails)}
    assert len(relay.recipients) == len(set(relay.recipients))


def test_a_relay_with_moods_spoils_nothing_for_the_healthy(relay: ScriptedRelay, start: StartSender):
    issue = begun(60)
    Delivery.objects.update(place=7)  # all alike: in the order they were made
    moods = {
        "leser1@example.org": ["rcpt 421 4.3.2 enough for now"],
        "leser2@example.org": ["rcpt 450 4.2.0 greylisted"],
        "leser3@example.org": ["rcpt 501 5.1.3 bad address", "sulk"],
        "leser4@example.org": ["rcpt 550 5.1.1 no such user"],
        "leser5@example.org": ["data 421 4.3.2 goodbye"],
        "leser6@example.org": ["hang"],
        "leser7@example.org": ["close"],
        "leser8@example.org": ["late"],
        "leser9@example.org": ["data 554 5.6.0 not this"],
    }
    relay.moods = {address: list(mood) for address, mood in moods.items()}
    relay.at_mail = ["421 4.3.2 after so many mails"]
    start(NEWSLETTER_CONNECTIONS="2", NEWSLETTER_TIMEOUT="0.2")
    wait_until(lambda: sums(issue).get("queued", 0) == 4 and sums(issue).get("flying", 0) == 0, "through")
    states = dict(Delivery.objects.values_list("subscriber__email", "state"))
    waiting = {address for address, state in states.items() if state == "queued"}
    assert waiting == {f"leser{number}@example.org" for number in (2, 6, 7, 8)}
    assert {address for address, state in states.items() if state == "failed"} == {
        f"leser{number}@example.org" for number in (3, 4, 9)
    }
    assert list(states.values()).count("sent") == 53
    assert status(issue) == "sending"
    twice = Delivery.objects.filter(possibly_twice=True).values_list("subscriber__email", flat=True)
    assert set(twice) == {"leser7@example.org", "leser8@example.org"}
    assert Delivery.objects.get(subscriber__email="leser1@example.org").attempts == 1
    assert Delivery.objects.get(subscriber__email="leser4@example.org").answer == "550 5.1.1 no such user"
    assert relay.commands.count("RSET") == 4
    Delivery.objects.filter(state="queued").update(next_try_at="2026-01-01T00:00Z")
    wait_until(lambda: status(issue) == "sent", "sent")
    assert sums(issue) == {"planned": 60, "sent": 57, "failed": 3}
    assert running.send_again(issue) == 3
    wait_until(lambda: status(issue) == "sent", "sent")
    # Whom the relay does not know was judged as what comes back is.
    assert sums(issue) == {"planned": 60, "sent": 58, "suppressed": 2}
    dead = Subscriber.objects.exclude(status="active").values_list("email", "status")
    assert set(dead) == {("leser3@example.org", "bounced"), ("leser4@example.org", "bounced")}


@pytest.mark.parametrize(
    ("mood", "words"),
    [
        ({"at_mail": ["535 5.7.8 who are you"] * 9}, "535 5.7.8 who are you"),
        ({"at_mail": ["550 5.7.26 no SPF"] * 9}, "550 5.7.26 no SPF"),
        ({"at_rcpt": "454 4.7.0 daily quota exceeded"}, "454 4.7.0 daily quota exceeded"),
        ({"at_rcpt": "554 5.7.1 blocked for {address} as a1b2c3d4"}, "554 5.7.1 blocked for"),
        ({"gone": True}, "refused"),
    ],
)
def test_a_fault_of_ours_makes_it_rest_and_costs_nobody_an_attempt(
    relay: ScriptedRelay, start: StartSender, mood: dict, words: str
):
    issue = begun(60)
    for name, value in mood.items():
        setattr(relay, name, value)
    if mood.get("gone"):
        relay.stop()
    start(NEWSLETTER_CONNECTIONS="2")
    wait_until(lambda: status(issue) == "paused", "at rest")
    wait_until(lambda: sums(issue).get("flying", 0) == 0, "in nobody's hands")
    issue.refresh_from_db()
    assert (issue.pause, words in issue.pause_words) == ("relay", True), issue.pause_words
    wait_until(lambda: sums(issue) == {"planned": 60, "queued": 60}, "as before")
    assert not Delivery.objects.filter(Q(attempts__gt=0) | Q(next_try_at__isnull=False))
    assert not relay.mails and not Subscriber.objects.exclude(status="active")
