"""Our own commands as processes of their own, on the tests' database."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
from django.db import connection
from django.db.models import Model

ROOT = Path(__file__).resolve().parent.parent
DEADLINE = 120  # seconds; only catches a hang


def database_url() -> str:
    """The address of the database that this test uses, for a process that is to use it too."""
    assert connection.settings_dict["NAME"].startswith("test_"), "A test that uses this needs pytest.mark.django_db."
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{quote(connection.settings_dict['NAME'])}").geturl()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"After {DEADLINE} seconds: not {what}"
        time.sleep(0.05)


@contextmanager
def locked(row: Model) -> Iterator[None]:
    """Someone else has the row under lock."""
    with psycopg.connect(database_url()) as other:
        other.execute(f"SELECT FROM {row._meta.db_table} WHERE id = %s FOR UPDATE", [row.pk])
        yield


def someone_waits_for_a_lock() -> bool:
    """For one of a row, in this test's database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND wait_event <> 'advisory'"
        )
        return bool(cursor.fetchall())


@contextmanager
def manage(*arguments: str, log: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """`manage.py` with `arguments`, at the head of a process group that ends with this block; it writes to `log`."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": environment.get("DATABASE_URL") or database_url()} | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        finally:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """As the kernel does it when memory runs out: no farewell."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait(DEADLINE)
