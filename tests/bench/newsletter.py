"""What sending an issue reaches: mails of 30 kB, each answer durable in the database before the next mail.

Taken in turns with Django's `send_messages` on one connection and with Postfix' smtp-source on as many connections as we
have, into the same server that forgets everything; then into one that answers after 20 ms, as a distant relay does. Each
also with DKIM by us (RSA, 2048 bits).
"""

import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sccon.site.processes import end
from tests import production
from tests.processes import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
MAILS, MAILS_OF_DJANGO, MAILS_OF_SOURCE, MAILS_SLOWLY, MAILS_SIGNED = 6000, 500, 20_000, 2000, 2000
CONNECTIONS, ROUNDS, LENGTH = 8, 3, 30_000
LEAST_DJANGO, GOAL_DJANGO, LEAST_SOURCE, GOAL_SOURCE = 5, 7, 0.2, 0.3
SLOW, SLOW_CONNECTIONS, LEAST_SLOW = 0.02, 10, 110

RATE = """
    SELECT count(*) FILTER (WHERE state = 'sent'), count(*),
        extract(epoch FROM max(sent_at) - min(sent_at))::float
    FROM newsletter_delivery WHERE issue_id = %s
"""
DURABLE = "SELECT current_setting('fsync') = 'on' AND current_setting('synchronous_commit') <> 'off'"


def measure(database: str) -> None:
    """Prints the figures, with the newsletter's tables in `database`, which has no subscribers yet."""
    with psycopg.connect(database) as connection:
        if connection.execute(DURABLE).fetchone() != (True,):
            print("The database does not sync what it commits: what follows says nothing about a machine that does.")
    sinks, source = _program("smtp-sink"), _program("smtp-source")
    if not sinks or not source:
        print("Postfix' smtp-sink and smtp-source are missing (on Debian: apt-get install postfix): a server of ours")
        print("takes the mails instead, more slowly, and nothing says how fast this machine could be.")
    port = free_port()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    sink = [sinks, *user, f"127.0.0.1:{port}", "100"] if sinks else _own_sink(port, 0)
    with _issues(database, port) as (prepare, django), _running(sink, port), _key() as key:
        _ours(database, prepare(MAILS_SLOWLY), port, CONNECTIONS)  # files and tables are in memory
        rounds = []
        for _round in range(ROUNDS):
            rate = _ours(database, prepare(MAILS), port, CONNECTIONS)
            signed = _ours(database, prepare(MAILS_SIGNED), port, CONNECTIONS, key)
            rounds.append(
                (rate, rate / django(), rate / _source(source, port) if source else 0.0, signed, signed / rate)
            )
        rate, to_django, to_source, signed, to_unsigned = (
            statistics.median(each) for each in zip(*rounds, strict=True)
        )
        print(
            f"an issue of 30 kB mails {rate:8.0f} a second   {to_django:.1f} × Django's send_messages"
            f" (least: {LEAST_DJANGO}, goal: {GOAL_DJANGO})"
        )
        if source:
            print(f"{'':43}{to_source:.2f} of smtp-source (least: {LEAST_SOURCE}, goal: {GOAL_SOURCE})")
        print(f"the same with DKIM by us {signed:8.0f} a second   {to_unsigned:.2f} of that without")
        slow_port = free_port()
        with _running(_own_sink(slow_port, SLOW), slow_port):
            rate = _ours(database, prepare(MAILS_SLOWLY), slow_port, SLOW_CONNECTIONS)
            signed = _ours(database, prepare(MAILS_SLOWLY), slow_port, SLOW_CONNECTIONS, key)
        print(
            f"answers after 20 ms, 10 connections {rate:.0f} a second, with DKIM by us {signed:.0f} (least: {LEAST_SLOW})"
        )


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def _key() -> Iterator[Path]:
    """A key to sign with."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dkim.pem"
        key = rsa.generate_private_key(65537, 2048)
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        yield path


def _own_sink(port: int, seconds: float) -> list[str]:
    return [sys.executable, "-m", "tests.bench.sink", str(port), str(seconds)]


def _environment(database: str, port: int) -> dict[str, str]:
    return (
        os.environ
        | production.SETTINGS
        | {
            "DATABASE_URL": database,
            "NEWSLETTER_SMTP_URL": f"smtp://127.0.0.1:{port}?starttls=0",
            "LOG_LEVEL": "ERROR",
        }
    )


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        for _attempt in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        else:
            sys.exit(f"{command[0]} does not answer.")
        yield
    finally:
        end([process])


@contextmanager
def _issues(database: str, port: int) -> Iterator[tuple[Callable[[int], int], Callable[[], float]]]:
    """Functions: one starts an issue to so many and returns its number, one has Django send and returns mails a second."""
    command = [sys.executable, "-m", "tests.bench.newsletter"]
    with subprocess.Popen(
        command, cwd=ROOT, env=_environment(database, port), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as site:

        def ask(what: str) -> float:
            assert site.stdin
            assert site.stdout
            site.stdin.write(f"{what}\n")
            site.stdin.flush()
            answer = site.stdout.readline()
            return float(answer) if answer else sys.exit("The site of the bench fails.")

        yield (lambda mails: int(ask(f"prepare {mails}")), lambda: ask("send"))
        assert site.stdin
        site.stdin.close()


def _ours(database: str, issue: int, port: int, connections: int, key: Path | None = None) -> float:
    """Mails a second from the first one written to the last; with a `key` signed by us."""
    environment = _environment(database, port)
    environment |= {"WORKER_LANES": "newsletter", "NEWSLETTER_CONNECTIONS": str(connections)}
    if key:
        environment |= {"NEWSLETTER_DKIM_KEY": str(key), "NEWSLETTER_DKIM_SELECTOR": "bench"}
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "worker"], cwd=ROOT, env=environment, start_new_session=True
    )
    try:
        with psycopg.connect(database, autocommit=True) as connection:
            until = time.monotonic() + 300
            while time.monotonic() < until and worker.poll() is None:
                time.sleep(0.5)
                row = connection.execute("SELECT status FROM newsletter_issue WHERE id = %s", [issue]).fetchone()
                if row != ("sending",):
                    break
            [(sent, planned, seconds)] = connection.execute(RATE, [issue]).fetchall()
    finally:
        end([worker])
    if sent < planned:
        sys.exit(f"Of {planned} mails {sent} were sent.")
    return (sent - 1) / seconds


def _source(program: str, port: int) -> float:
    began = time.monotonic()
    command = [program, "-d", "-s", str(CONNECTIONS), "-m", str(MAILS_OF_SOURCE), "-l", str(LENGTH)]
    addresses = ["-f", "a@example.org", "-t", "b@example.org"]
    subprocess.run([*command, *addresses, f"127.0.0.1:{port}"], check=True, stdout=subprocess.DEVNULL)
    return MAILS_OF_SOURCE / (time.monotonic() - began)


def serve() -> None:
    """For each line of the input: starts an issue, or has Django send mails, and says the number."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks sees to that
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sccon.settings")
    import django

    django.setup()
    from django.core.mail import EmailMultiAlternatives, mailers
    from django.db import connection
    from django.db.models.functions import Now

    from newsletter.models import Issue, Subscriber
    from tests.newsletter.issues.made import make_issue
    from tests.newsletter.issues_factory import HTML, add_run, make_subscribers

    words = "<p>Die Verwaltung wird digital, und alle machen mit: Rathaus, Amt &amp; Schule.</p>\n"
    html = words * ((LENGTH - 2000) // len(words)) + HTML

    def prepare(mails: int) -> int:
        Subscriber.objects.update(status="unsubscribed", ended_at=Now())  # those of the round before
        issue: Issue = make_issue()
        make_subscribers(mails, name=f"leser{issue.pk}.")
        add_run(issue, html=html)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE newsletter_delivery, newsletter_subscriber")
        connection.close()
        return issue.pk

    def send() -> float:
        messages = []
        for number in range(MAILS_OF_DJANGO):
            leave = f"https://www.example.org/de/newsletter/unsubscribe/{number}/"
            message = EmailMultiAlternatives(
                "Neues aus dem Amt", "Guten Tag", "news@example.org", [f"leser{number}@example.org"],
                headers={"List-Unsubscribe": f"<{leave}>"},
            )  # fmt: skip
            message.attach_alternative(html, "text/html")
            messages.append(message)
        began = time.monotonic()
        mailers["bulk"].send_messages(messages)
        return MAILS_OF_DJANGO / (time.monotonic() - began)

    for line in sys.stdin:
        what, *number = line.split()
        print(prepare(int(number[0])) if what == "prepare" else send(), flush=True)


if __name__ == "__main__":
    serve()
