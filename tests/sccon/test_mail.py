"""Mails over a real SMTP server, as their recipients read them."""

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta
from email.message import EmailMessage
from threading import Event

import pytest
from aiosmtpd.smtp import Envelope
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from sccon import jobs, limits, mail
from sccon.models import Job, Limit, Mail
from sccon.settings import relay
from tests import production
from tests.factories import make_user
from tests.processes import kill, manage, wait_until
from tests.relay import Relay, run_jobs

pytestmark = pytest.mark.django_db(transaction=True)


class Stuck(Relay):
    """Takes the first mail's text and answers nothing until it may go on; then it has not kept it."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = Event(), Event()

    def take(self, envelope: Envelope) -> str:
        if self.begun.is_set():
            return super().take(envelope)
        self.begun.set()
        self.go_on.wait(60)
        return "451 4.3.0 Out of order"


@pytest.fixture
def smtp(settings) -> Iterator[Relay]:
    with Relay() as server:
        settings.SMTP_URL = server.url
        settings.MAILERS = {"default": relay(server.url, timeout=5)}
        yield server


@pytest.fixture
def notice(settings, tmp_path) -> str:
    """A template of the test's own; its name."""
    (tmp_path / "emails").mkdir()
    (tmp_path / "emails/notice.html").write_text(
        "{% load i18n %}"
        "{% partialdef subject %}{% translate 'Monday' %}: {{ title }}{% endpartialdef %}"
        '{% partialdef body %}<h1>{{ title }}</h1><p>Bitte <a href="{{ url }}">hier</a>.</p>{% endpartialdef %}'
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], tmp_path]}]
    return "notice"


def queue(template: str, **fields: object) -> bool:
    values = {
        "to": "leser@example.org",
        "language": "de",
        "occasion": "test",
        "context": {"title": "Größe & Wert", "url": "https://www.example.org/de/?a=1&b=2"},
    }
    return mail.queue(template, **(values | fields))


def part(message: EmailMessage, kind: str) -> str:
    return message.get_body((kind,)).get_content().replace("\r\n", "\n")


def test_a_mail_has_both_parts_in_the_recipients_language(smtp, notice, settings):
    settings.SITE_NAME, settings.SITE_IMPRINT = "SCCON", "Messe GmbH, Platz 1, Berlin"
    settings.SITE_MAIL_FROM, settings.SITE_MAIL_REPLY_TO = "SCCON <post@example.org>", "hilfe@example.org"
    queue(notice)
    run_jobs()
    (message,) = smtp.messages
    assert message["Subject"] == "Montag: Größe & Wert"
    assert (message["From"], message["To"], message["Reply-To"]) == (
        "SCCON <post@example.org>",
        "leser@example.org",
        "hilfe@example.org",
    )
    assert (message["Auto-Submitted"], message["Content-Language"]) == ("auto-generated", "de")
    text, html = part(message, "plain"), part(message, "html")
    assert text.startswith("Größe & Wert\n\nBitte hier <https://www.example.org/de/?a=1&b=2>.\n\n")
    for said in ("SCCON", "hilfe@example.org", "Messe GmbH, Platz 1, Berlin"):
        assert said in text
        assert said in html
    assert '<html lang="de"' in html
    assert "prefers-color-scheme: dark" in html
    assert 'style="' in html.split("<h1")[1][:20], "styles stand in the elements, for Outlook"


def test_the_row_says_what_was_sent_under_which_message_id(smtp, notice):
    queue(notice)
    run_jobs()
    row = Mail.objects.get()
    assert (row.status, row.attempts, row.error) == ("sent", 1, "")
    assert row.sent_at is not None
    assert [message["Message-ID"] for message in smtp.messages] == [row.message_id]


def test_one_occasion_mails_a_recipient_once(smtp, notice):
    assert queue(notice) is True
    assert queue(notice) is False
    assert queue(notice, to="andere@example.org") is True
    run_jobs()
    assert sorted(message["To"] for message in smtp.messages) == ["andere@example.org", "leser@example.org"]


def test_an_occasion_begins_with_the_name_of_its_template(smtp, notice):
    queue(notice, occasion="7")
    assert [row.occasion for row in Mail.objects.all()] == ["notice:7"]


def test_what_is_rolled_back_is_not_mailed(smtp, notice):
    with transaction.atomic():
        queue(notice)
        transaction.set_rollback(True)
    assert (Mail.objects.count(), Job.objects.count()) == (0, 0)


def test_a_line_break_in_a_name_makes_no_header(smtp, notice):
    queue(notice, context={"title": "Eins\nBcc: alle@example.org", "url": "https://www.example.org/"})
    run_jobs()
    (message,) = smtp.messages
    assert message["Subject"] == "Montag: Eins Bcc: alle@example.org"
    assert message["Bcc"] is None


def test_an_attachment_is_made_when_the_mail_is_sent(smtp, notice):
    made = mail.Attachment("tests.relay.attached", {"name": "termin.ics"})
    queue(notice, attachments=[made], headers={"List-Unsubscribe": "<https://www.example.org/u>"})
    run_jobs()
    (message,) = smtp.messages
    assert message["List-Unsubscribe"] == "<https://www.example.org/u>"
    (file,) = message.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("termin.ics", "text/calendar")
    assert file.get_content().strip() == "BEGIN:VCALENDAR"


def test_a_greylisting_relay_is_asked_again(smtp, notice):
    smtp.answers = ["451 4.7.1 Later, please"]
    queue(notice)
    run_jobs()
    row = Mail.objects.get()
    assert (row.status, row.attempts) == ("queued", 1)
    assert "451" in row.error or "Later" in row.error
    Job.objects.update(scheduled_at=timezone.now())
    run_jobs()
    row.refresh_from_db()
    assert (row.status, row.attempts, row.error) == ("sent", 2, "")


def test_a_refused_address_is_not_tried_again(smtp, notice):
    smtp.answers = ["550 5.1.1 No such user"]
    queue(notice)
    run_jobs()
    row = Mail.objects.get()
    assert (row.status, row.attempts) == ("failed", 1)
    assert "No such user" in row.error
    (job,) = Job.objects.filter(task_name="sccon.deliver_mail")
    assert job.status == "succeeded"


def test_an_international_domain_reaches_the_relay_in_ascii(smtp, notice):
    queue(notice, to="post@bücher.example")
    run_jobs()
    assert [envelope.rcpt_tos for envelope in smtp.envelopes] == [["post@xn--bcher-kva.example"]]


def test_without_a_relay_the_mail_is_kept(settings, notice):
    settings.SMTP_URL = None
    queue(notice)
    run_jobs()
    assert list(Mail.objects.values_list("status", "attempts")) == [("kept", 0)]


def test_old_mails_are_emptied_and_never_sent_again(smtp, notice):
    queue(notice)
    Mail.objects.update(created_at=timezone.now() - mail.KEEP_CONTENT - timezone.timedelta(hours=1))
    mail.empty_old(timestamp=0)
    run_jobs()
    row = Mail.objects.get()
    assert (row.context, row.status) == ({}, "queued")
    assert smtp.messages == []


# --- What does not arrive -----------------------------------------------------------------------


def try_now() -> None:
    """The one delivery that waits, at once; by a worker it would take a hundred times as long to begin."""
    job = Job.objects.get(task_name="sccon.deliver_mail", status="todo")
    Job.objects.filter(pk=job.pk).delete()
    mail.deliver(**job.args)


def test_a_relay_that_is_away_for_days_loses_no_mail(smtp, notice, caplog):
    """RFC 5321, 4.5.4.1: at least every half hour at first, and for four or five days."""
    assert timedelta(days=4) <= sum(mail.WAITS, timedelta()) <= timedelta(days=6)
    assert all(wait >= timedelta(minutes=30) for wait in mail.WAITS[6:])
    queue(notice)
    smtp.answers = ["451 4.3.0 Out of order"] * (len(mail.WAITS) // 2)
    while smtp.answers:
        try_now()
        assert Mail.objects.get().status == "queued"
    run_jobs()
    assert not smtp.messages, "it waits"
    try_now()
    assert (Mail.objects.get().status, len(smtp.messages)) == ("sent", 1)
    assert not Job.objects.filter(status="failed").exists()


def test_after_days_it_is_given_up_and_can_be_sent_again(smtp, notice, monkeypatch, caplog):
    monkeypatch.setattr(mail, "WAITS", mail.WAITS[:2])
    smtp.answers = ["451 4.3.0 Out of order"] * 3
    queue(notice)
    for _attempt in range(3):
        run_jobs()
        Job.objects.filter(status="todo").update(scheduled_at=timezone.now())
    row = Mail.objects.get()
    assert (row.status, row.attempts) == ("failed", 3)
    assert [record.levelname for record in caplog.records if "given up" in record.message] == ["ERROR"]
    assert mail.send_again(row.pk) is True
    run_jobs()
    assert (Mail.objects.get().status, len(smtp.messages)) == ("sent", 1)


def test_a_relay_that_refuses_for_now_is_asked_for_days_and_then_staff_are_told(smtp, notice):
    """The hours are those that the jobs wait: each is brought forward to now, and counted."""
    client = Client()
    client.force_login(make_user(is_superuser=True, language="de"))
    smtp.answers = ["450 4.2.0 Greylisted"] * (len(mail.WAITS) + 1)
    queue(notice)
    waited = timedelta()
    while waiting := Job.objects.filter(task_name="sccon.deliver_mail", status="todo"):
        job = waiting.get()
        if job.scheduled_at:
            waited += job.scheduled_at - timezone.now()
            assert Mail.objects.get().status == "queued"
        if len(smtp.answers) == 1:
            assert "nicht angekommen" not in client.get("/admin/").text
        try_now()
    assert timedelta(days=4) < waited < timedelta(days=6)
    assert (Mail.objects.get().status, Mail.objects.get().attempts, smtp.answers) == ("failed", len(mail.WAITS) + 1, [])
    assert "1 Mail ist nicht angekommen" in client.get("/admin/").text


@pytest.mark.parametrize(
    ("answer", "final"),
    [
        ("550 5.1.1 No such user", True),
        ("551 5.7.1 User not local", True),
        ("553 5.1.3 Bad address", True),
        ("554 5.7.1 Rejected", True),
        ("450 4.2.0 Greylisted", False),
        ("452 4.2.2 Mailbox full", False),
        ("421 4.3.2 Shutting down", False),
    ],
)
def test_what_the_relay_answers_says_whether_it_is_tried_again(smtp, notice, answer: str, final: bool):
    smtp.answers = [answer]
    queue(notice)
    run_jobs()
    assert (Mail.objects.get().status, Job.objects.filter(status="todo").exists()) == (
        "failed" if final else "queued",
        not final,
    )


def test_the_desk_says_which_mails_do_not_arrive_until_somebody_settles_them(smtp, notice):
    client = Client()
    client.force_login(make_user(is_superuser=True, language="de"))
    assert "nicht angekommen" not in client.get("/admin/").text
    smtp.answers = ["550 5.1.1 No such user", "451 4.3.0 Later", "451 4.3.0 Later"]
    for name in "abc":
        queue(notice, to=f"{name}@example.org")
        run_jobs()
    assert "1 Mail ist nicht angekommen" in client.get("/admin/").text
    Mail.objects.update(created_at=timezone.now() - timedelta(minutes=20))
    desk = client.get("/admin/").text
    assert "1 Mail ist nicht angekommen" in desk
    assert "2 weitere kommen nicht durch und werden tagelang weiter versucht" in " ".join(desk.split())
    failed = Mail.objects.get(status="failed")
    client.post("/admin/sccon/mail/", {"action": "settle", "_selected_action": [failed.pk]})
    assert "nicht angekommen" not in client.get("/admin/").text
    assert Mail.objects.get(pk=failed.pk).status == "closed"


# --- What strangers cause -----------------------------------------------------------------------


def test_the_brake_holds_back_what_strangers_cause_and_says_so_once(smtp, notice, monkeypatch, caplog):
    monkeypatch.setattr(mail, "BRAKE", limits.Rate("mail-brake", 2, mail.BRAKE.window))
    for number in range(5):
        queue(notice, to=f"reader{number}@example.org", public=True)
    queue(notice, to="staff@example.org")
    run_jobs()
    assert sorted(message["To"] for message in smtp.messages) == [
        "reader0@example.org",
        "reader1@example.org",
        "staff@example.org",
    ]
    assert [record.levelname for record in caplog.records if "MAIL_BRAKE" in record.message] == ["ERROR"]
    client = Client()
    client.force_login(make_user("newsletter", language="de"))
    assert "Mails werden zurückgehalten" in client.get("/admin/").text
    Limit.objects.update(ends_at=timezone.now())
    Job.objects.filter(status="todo").update(scheduled_at=None)  # ten minutes later
    run_jobs()
    assert len(smtp.messages) == 5, "nothing is lost: the next two came"
    assert "Mails werden zurückgehalten" in client.get("/admin/").text


def test_one_mailbox_is_one_for_every_form_and_every_way_to_write_it(notice, caplog):
    written = ("ada@gmail.com", "a.d.a@googlemail.com", "Ada+x@gmail.com")
    queued = [
        queue(f"{notice}{number % 2}", to=written[number % 3], occasion=str(number), public=True)
        for number in range(62)
    ]
    assert queued == [True] * 10 + [False] * 52
    assert "ada" not in caplog.text.lower(), "the log names nobody"
    Limit.objects.filter(ends_at__lt=timezone.now() + timedelta(hours=2)).update(ends_at=timezone.now())
    again = [queue(notice, to="ada@gmail.com", occasion=f"later {number}", public=True) for number in range(20)]
    assert again.count(True) == 10
    assert queue(notice, to="ada@gmail.com", occasion="staff"), "what staff cause is not counted"


def test_a_worker_killed_while_the_relay_takes_a_mail_loses_none(tmp_path):
    with Stuck() as server, ExitStack() as stack:
        log, of_worker = (
            tmp_path / "worker.log",
            production.SETTINGS | {"SMTP_URL": server.url, "MEDIA_ROOT": str(tmp_path)},
        )
        context = {"username": "ada", "at": "heute", "network": "203.0.113.0/24", "by": ""}
        mail.queue("password-changed", to="ada@example.org", language="de", occasion="1", context=context)
        worker = stack.enter_context(manage("worker", log=log, **of_worker))
        assert server.begun.wait(60), log.read_text()
        kill(worker)
        server.go_on.set()
        row = Mail.objects.get()
        assert (row.status, row.attempts, server.messages) == ("queued", 1, [])
        with connection.cursor() as cursor:  # spares the test the minute in which a worker may be silent
            cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
        with suppress(AlreadyEnqueued):
            jobs.requeue_stalled.defer(timestamp=0)
        stack.enter_context(manage("worker", log=log, **of_worker))
        wait_until(lambda: Mail.objects.get().status == "sent", "sent by the second worker")
        assert [message["Message-ID"] for message in server.messages] == [row.message_id]
