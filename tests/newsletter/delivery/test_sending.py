"""What a worker, or a sender of it, does with an issue that is being sent, to a real SMTP server."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from subprocess import Popen
from tempfile import NamedTemporaryFile
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.db import transaction
from django.db.models import F, Q, Sum
from django.db.models.functions import Now

from newsletter import links
from newsletter.delivery import claims, lane, planning, running
from newsletter.models import Delivery, Issue, Slice, Subscriber, Tally
from newsletter.returns import consequences
from newsletter.subscribers import subscribing
from sccon import tokens
from sccon.addresses import clean_address
from sccon.clock import database_now
from tests.newsletter.issues.made import make_issue
from tests.newsletter.issues_factory import add_run, begun, freeze, make_subscribers
from tests.newsletter.relays import ScriptedRelay
from tests.newsletter.senders import send, sender, use
from tests.processes import kill, manage, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

StartSender = Callable[..., Popen[bytes]]


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


def is_sent(issue: Issue) -> Callable[[], bool]:
    return lambda: status(issue) == "sent"


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


def test_who_leaves_after_the_plan_gets_nothing(relay: ScriptedRelay):
    issue = begun(30)
    gone = Subscriber.objects.order_by("pk")[:3]
    Subscriber.objects.filter(pk__in=[each.pk for each in gone]).update(
        status="unsubscribed", ended_at="2026-01-01T00:00Z"
    )
    erased = Subscriber.objects.order_by("-pk").first()
    assert erased
    erased.delete()
    send(is_sent(issue), "sent")
    assert sums(issue) == {"planned": 30, "sent": 26, "suppressed": 4}
    assert not {each.email for each in [*gone, erased]} & set(relay.recipients)


def test_who_leaves_while_the_relay_is_called_gets_nothing(relay: ScriptedRelay, settings: Any):
    issue = begun(1)
    use(settings, relay, timeout=30)
    relay.greets.clear()
    with sender():
        wait_until(lambda: sums(issue).get("flying") == 1 and relay.sessions, "at the door")
        Subscriber.objects.update(status="unsubscribed", ended_at="2026-01-01T00:00Z")
        relay.greets.set()
        wait_until(lambda: not sums(issue).get("flying"), "through")
    assert sums(issue) == {"planned": 1, "suppressed": 1} and not relay.mails


def refuse(relay: ScriptedRelay, answer: str, *numbers: int) -> None:
    relay.moods |= {f"leser{number}@example.org": [f"rcpt {answer}"] for number in numbers}


def test_what_a_killed_sender_heard_of_a_recipient_is_judged_all_the_same(relay: ScriptedRelay, start: StartSender):
    issue = begun(3)
    Delivery.objects.update(place=7)  # in the order they were made
    refuse(relay, "550 5.1.1 no such user", 1)
    relay.moods["leser2@example.org"], relay.hangs = ["hang"], 60
    worker = start(NEWSLETTER_CONNECTIONS="1", NEWSLETTER_TIMEOUT="30")
    wait_until(lambda: sums(issue).get("failed") == 1, "refused")
    kill(worker)  # nobody was answered otherwise yet: it may be about us
    assert not relay.mails
    lane.judge(consequences.answered)
    assert not Subscriber.objects.exclude(status="active")
    assert Delivery.objects.update(judge_at=F("judge_at") - claims.SOON)  # ten minutes later
    lane.judge(consequences.answered)
    lane.judge(consequences.answered)
    [dead] = Subscriber.objects.exclude(status="active")
    assert (dead.email, dead.status) == ("leser1@example.org", "bounced")
    assert not Delivery.objects.exclude(judge_at=None)


def test_a_refusal_that_cannot_be_judged_now_keeps_no_other_one_and_is_judged_later(relay: ScriptedRelay):
    issue = begun(4)
    refuse(relay, "550 5.1.1 no such user", 1, 2)
    first = Delivery.objects.get(subscriber__email="leser1@example.org").pk
    heard: list[tuple[int, int]] = []

    def failed(delivery_id: int, code: int, text: str, /) -> None:
        heard.append((delivery_id, code))
        if delivery_id == first:
            raise ValueError(text)

    with sender():
        wait_until(lambda: sums(issue) == {"planned": 4, "sent": 2, "failed": 2}, "through")
    Delivery.objects.update(judge_at=F("judge_at") - claims.SOON)
    lane.judge(failed)
    lane.judge(failed)
    assert sorted(heard) == sorted(
        (pk, 550) for pk in Delivery.objects.filter(state="failed").values_list("pk", flat=True)
    )
    assert [each.pk for each in Delivery.objects.exclude(judge_at=None)] == [first]


def test_twenty_refused_alike_harm_nobody_until_someone_says_that_it_is_about_them(relay: ScriptedRelay):
    issue = begun(60)
    relay.at_rcpt = "550 5.1.1 <{address}>: no such user here"

    def rests() -> bool:
        return status(issue) == "paused" and sums(issue) == {"planned": 60, "queued": 60}

    for _time in range(2):  # whoever only goes on is stopped again
        send(rests, "at rest")
        issue.refresh_from_db()
        assert issue.pause == "alike" and "no such user here" in issue.pause_words
        Delivery.objects.exclude(judge_at=None).update(judge_at=Now())
        lane.judge(consequences.answered)
        assert not Subscriber.objects.exclude(status="active") and not Delivery.objects.filter(attempts__gt=0)
        assert running.resume(issue)
    send(rests, "at rest")
    assert running.resume(Issue.objects.get(pk=issue.pk), about_them=True)
    send(is_sent(issue), "sent")
    assert sums(issue) == {"planned": 60, "failed": 60}
    # Other words stop it as before.
    relay.at_rcpt = "554 5.7.1 you are on a list"
    assert running.send_again(issue) == 60
    send(rests, "at rest")
    assert Issue.objects.get(pk=issue.pk).pause_words == "554 5.7.1 you are on a list"


def test_mails_none_of_which_can_be_made_fail_nobody(relay: ScriptedRelay, settings: Any):
    issue = begun(30)
    settings.NEWSLETTER_BOUNCE_DOMAIN = "rück.example.org"  # as no settings would have it
    send(lambda: status(issue) == "paused" and sums(issue) == {"planned": 30, "queued": 30}, "at rest")
    issue.refresh_from_db()
    assert issue.pause == "build" and "UnicodeEncodeError" in issue.pause_words
    settings.NEWSLETTER_BOUNCE_DOMAIN = ""
    assert running.resume(issue)
    send(is_sent(issue), "sent")
    assert sums(issue) == {"planned": 30, "sent": 30}


def test_pause_resume_and_cancel(relay: ScriptedRelay, start: StartSender):
    issue = begun(300)
    relay.slow = 0.02
    start(NEWSLETTER_CONNECTIONS="2")
    wait_until(lambda: len(relay.mails) > 20, "at work")
    began = datetime.now(UTC).timestamp()
    assert running.pause(issue.pk, Issue.Pause.STAFF)
    wait_until(lambda: sums(issue).get("flying", 0) == 0, "at rest")
    rests = len(relay.mails)
    assert relay.mails[-1].at - began <= 5
    assert sums(issue)["sent"] == rests and adds_up(issue)
    assert running.resume(issue)
    wait_until(lambda: len(relay.mails) > rests + 20, "at work")
    began = datetime.now(UTC).timestamp()
    assert running.cancel(issue)
    wait_until(lambda: sums(issue).keys() == {"planned", "sent", "cancelled"}, "at rest")
    assert relay.mails[-1].at - began <= 5
    counted = sums(issue)
    assert counted == {"planned": 300, "sent": len(relay.mails), "cancelled": 300 - len(relay.mails)}
    assert len(relay.recipients) == len(set(relay.recipients))


def test_a_relay_with_moods_spoils_nothing_for_the_healthy(relay: ScriptedRelay, settings: Any):
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
    use(settings, relay, timeout=0.2)
    send(lambda: sums(issue).get("queued", 0) == 4 and sums(issue).get("flying", 0) == 0, "through")
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
    send(lambda: is_sent(issue)() and not Delivery.objects.exclude(judge_at=None), "sent, and judged")
    assert sums(issue) == {"planned": 60, "sent": 57, "failed": 3}
    assert running.send_again(issue) == 3
    send(is_sent(issue), "sent")
    # Whom the relay does not know was judged as what comes back is.
    assert sums(issue) == {"planned": 60, "sent": 58, "suppressed": 2}
    dead = Subscriber.objects.exclude(status="active").values_list("email", "status")
    assert set(dead) == {("leser3@example.org", "bounced"), ("leser4@example.org", "bounced")}


def certificate() -> ssl.SSLContext:
    """Of a server that nobody vouches for."""
    key, name = generate_private_key(SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    day = timedelta(days=1)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, datetime.now(UTC) - day, datetime.now(UTC) + day)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with NamedTemporaryFile() as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.write(made.sign(key, SHA256()).public_bytes(Encoding.PEM))
        file.flush()
        context.load_cert_chain(file.name)
    return context


@pytest.mark.parametrize(
    ("mood", "url", "words"),
    [
        ({"at_mail": ["530 5.7.0 log in first"] * 9}, "", "530 5.7.0 log in first"),
        ({"at_mail": ["535 5.7.8 who are you"] * 9}, "", "535 5.7.8 who are you"),
        ({"at_mail": ["550 5.7.26 no SPF"] * 9}, "", "550 5.7.26 no SPF"),
        ({"at_mail": ["454 4.7.0 daily quota exceeded"] * 9}, "", "454 4.7.0 daily quota exceeded"),
        ({"at_rcpt": "454 4.7.0 daily quota exceeded"}, "", "454 4.7.0 daily quota exceeded"),
        ({"at_rcpt": "554 5.7.1 blocked for {address} as a1b2c3d4"}, "", "554 5.7.1 blocked for"),
        (
            {"at_auth": "535 5.7.8 wrong password"},
            "smtp://us:secret@127.0.0.1:{port}?starttls=0",
            "535 5.7.8 wrong password",
        ),
        (
            {"at_auth": "454 4.7.0 too many logins"},
            "smtp://us:secret@127.0.0.1:{port}?starttls=0",
            "454 4.7.0 too many logins",
        ),
        ({}, "smtp://us:secret@127.0.0.1:{port}?starttls=0", "AUTH"),
        ({}, "smtp://127.0.0.1:{port}", "STARTTLS"),
        ({"tls": "stranger"}, "smtp://127.0.0.1:{port}", "self-signed certificate"),
        ({"gone": True}, "", "refused"),
    ],
)
def test_a_fault_of_ours_makes_it_rest_within_ten_seconds_and_costs_nobody_an_attempt(
    relay: ScriptedRelay, settings: Any, mood: dict[str, Any], url: str, words: str
):
    issue = begun(60)
    if url:
        use(settings, relay, url=url.format(port=relay.port))
    for name, value in mood.items():
        setattr(relay, name, certificate() if name == "tls" else value)
    if mood.get("gone"):
        relay.stop()
    began = database_now()
    send(lambda: status(issue) == "paused" and sums(issue) == {"planned": 60, "queued": 60}, "at rest, as before")
    issue.refresh_from_db()
    assert issue.pause in {"relay", "alike"} and words in issue.pause_words, issue.pause_words
    assert issue.paused_at and issue.paused_at - began <= timedelta(seconds=10)
    assert "secret" not in issue.pause_words
    assert not Delivery.objects.filter(Q(attempts__gt=0) | Q(next_try_at__isnull=False) | Q(judge_at__isnull=False))
    assert not relay.mails and not Subscriber.objects.exclude(status="active")


@pytest.mark.parametrize("offered", [True, False], ids=["with SMTPUTF8", "without"])
def test_umlauts_of_domains_names_and_addresses_arrive_or_fail_alone(relay: ScriptedRelay, offered: bool):
    relay.offers += ["SMTPUTF8"] if offered else []
    stored = [clean_address("Anna@Bücher.example"), "jörg@example.org", "ben@example.org"]
    for email in stored:
        Subscriber.objects.create(email=email, language="de", status="active", confirmed_at=database_now())
    issue = make_issue(only="de")
    with transaction.atomic():
        freeze(issue, sender="Bürgeramt „Grün“ <amt@example.org>", subject="Über Größe & Straßen – 100 % 😀")
        planning.plan(issue)
    Issue.objects.filter(pk=issue.pk).update(
        status="sending", ordered_at=Now(), begin_at=Now(), started_at=Now(), beat_at=Now()
    )
    send(is_sent(issue), "sent")
    arrived = {mail.recipient: mail for mail in relay.mails}
    expected = {"Anna@xn--bcher-kva.example", "ben@example.org", *(["jörg@example.org"] if offered else [])}
    assert set(arrived) == expected
    for recipient, mail in arrived.items():
        assert ("SMTPUTF8" in mail.options) == (not recipient.isascii())
        head = mail.content.partition(b"\r\n\r\n")[0].decode()
        assert f"\r\nTo: {recipient}\r\n" in head
        assert head.isascii() or not recipient.isascii()
        message = message_from_bytes(mail.content, policy=policy.default)
        assert message["Subject"] == "Über Größe & Straßen – 100 % 😀"
        assert message["From"].addresses[0].display_name == "Bürgeramt „Grün“"
        assert message["From"].addresses[0].addr_spec == "amt@example.org"
    failed = Delivery.objects.filter(state="failed").values_list("subscriber__email", "attempts")
    assert list(failed) == ([] if offered else [("jörg@example.org", 0)])
    assert not Subscriber.objects.exclude(status="active")


def test_the_hourly_limit_holds_for_all_senders_of_two_issues_and_after_a_restart(
    relay: ScriptedRelay, start: StartSender, settings: Any
):
    settings.NEWSLETTER_PER_HOUR = 70
    first = begun(40)
    make_subscribers(20, name="leserin")
    second = make_issue()
    add_run(second)
    given = {"NEWSLETTER_PER_HOUR": "70", "NEWSLETTER_TIMEOUT": "5", "NEWSLETTER_CONNECTIONS": "4"}
    worker = start(**given)

    def at_rest() -> bool:
        return len(relay.mails) == 70 and not any(sums(issue).get("flying") for issue in (first, second))

    with sender():  # another machine's
        wait_until(at_rest, "at the limit")
    worker.terminate()
    worker.wait()
    Issue.objects.update(beat_at=F("beat_at") - timedelta(hours=1))
    start(**given)
    before = database_now()
    wait_until(lambda: Issue.objects.filter(pk=second.pk, beat_at__gt=before), "at work again")
    assert at_rest() and (sums(first), sums(second)) == (
        {"planned": 40, "sent": 40},
        {"planned": 60, "sent": 30, "queued": 30},
    )
    Slice.objects.update(at=F("at") - timedelta(hours=1, seconds=30))
    wait_until(lambda: status(first) == status(second) == "sent", "sent")
    assert sums(second) == {"planned": 60, "sent": 60} and len(relay.mails) == 100
