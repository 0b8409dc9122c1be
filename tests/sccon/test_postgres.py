"""The embedded PostgreSQL's life, with real servers in checkouts of their own."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes import DEADLINE

SOURCE = Path(__file__).resolve().parents[2] / "sccon" / "postgres.py"
# For commands: ask the database; say that we run and go on until told otherwise.
ASK = ["sh", "-c", 'psql -XAtq "$DATABASE_URL" -c "$0"']
STAY = ["sh", "-c", "echo running; exec sleep 600"]


class Checkout:
    """A directory with `sccon/postgres.py` in it, and what is done there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environment = {
            name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "PG_BIN", "PYTHONPATH"}
        }
        self.started: list[subprocess.Popen[str]] = []
        (path / "sccon").mkdir(parents=True)
        (path / "sccon" / "__init__.py").touch()
        shutil.copy(SOURCE, path / "sccon")

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        """Begin `python -m sccon.postgres <command>`."""
        process = subprocess.Popen(
            [sys.executable, "-m", "sccon.postgres", *command],
            cwd=self.path,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def stay(self) -> subprocess.Popen[str]:
        """Begin a command that uses the server until it is ended; returns once it runs."""
        process = self.start(*STAY)
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        return process

    def run(self, *command: str, **environment: str) -> tuple[int, str, str]:
        """Exit code, output and complaints of `python -m sccon.postgres <command>`."""
        process = self.start(*command, **environment)
        output, complaints = process.communicate(timeout=DEADLINE)
        return process.returncode, output.strip(), complaints.strip()

    def ask(self, sql: str) -> str:
        """What psql answers."""
        code, answer, complaints = self.run(*ASK, sql)
        assert (code, complaints) == (0, "")
        return answer

    @property
    def data(self) -> Path:
        (found,) = (path for path in (self.path / ".postgres").iterdir() if path.name.isdigit())
        return found

    def server_pid(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def server_lives(self) -> bool:
        """Whether any process of the server is there: each has inherited the lock."""
        with (self.path / ".postgres" / "server.lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.terminate()
            process.communicate(timeout=DEADLINE)
        if (self.path / ".postgres" / "server.lock").exists() and self.server_lives():
            os.kill(self.server_pid(), signal.SIGQUIT)


@pytest.fixture
def new_checkout(tmp_path: Path) -> Iterator[Checkout]:
    """Nobody has started anything in it yet."""
    checkout = Checkout(tmp_path / "Häuschen mit Raum")
    yield checkout
    checkout.end()


@pytest.fixture(scope="session")
def started_once(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """The data of its first start are what the others begin with: to make them takes a second."""
    checkout = Checkout(tmp_path_factory.mktemp("checkout") / "first")
    checkout.ask("SELECT 1")
    return checkout


@pytest.fixture
def checkout(new_checkout: Checkout, started_once: Checkout) -> Checkout:
    """Somebody has worked in it before."""
    shutil.copytree(started_once.path / ".postgres", new_checkout.path / ".postgres")
    return new_checkout


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def test_first_start_makes_a_durable_german_speaking_database_and_leaves_no_server(new_checkout: Checkout) -> None:
    extensions = "".join(f"CREATE EXTENSION {name};" for name in ("btree_gist", "pg_trgm", "unaccent", "citext"))
    settings = "SELECT current_database(), current_setting('fsync'), current_setting('listen_addresses')"

    assert (
        new_checkout.ask(f"{extensions} {settings}, to_tsvector('german', 'Städte'), upper('ö')")
        == "sccon|on||'stadt':1|Ö"
    )
    assert not new_checkout.server_lives()


def test_second_start_finds_the_data_of_the_first(checkout: Checkout) -> None:
    checkout.ask("CREATE TABLE kept AS SELECT 42 AS number")

    assert checkout.ask("SELECT number FROM kept") == "42"


def test_a_dropped_database_is_made_again(checkout: Checkout) -> None:
    checkout.run("sh", "-c", 'psql -Xq "${DATABASE_URL%/*}/postgres" -c "DROP DATABASE sccon"')

    assert checkout.ask("SELECT current_database()") == "sccon"


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -KILL $$", 137)])
def test_exit_code_of_the_command_is_passed_on(checkout: Checkout, script: str, code: int) -> None:
    assert checkout.run("sh", "-c", script) == (code, "", "")


def test_command_that_is_not_there_gets_a_sentence(checkout: Checkout) -> None:
    assert checkout.run("no-such-command") == (1, "", "no-such-command cannot be run (No such file or directory).")
    assert not checkout.server_lives()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signal_ends_command_and_server(checkout: Checkout, number: signal.Signals) -> None:
    process = checkout.stay()
    assert checkout.server_lives()

    process.send_signal(number)

    assert process.wait(timeout=DEADLINE) == 128 + number
    assert not checkout.server_lives()


def test_signal_before_the_command_began_ends_the_server_too(new_checkout: Checkout) -> None:
    process = new_checkout.start(*STAY)
    wait_until((new_checkout.path / ".postgres" / "server.lock").exists)

    process.terminate()

    assert process.wait(timeout=DEADLINE) == 128 + signal.SIGTERM
    assert not new_checkout.server_lives()


def test_ctrl_c_in_a_terminal_reaches_the_command_once(checkout: Checkout) -> None:
    script = (
        "import signal, time; heard = []; signal.signal(signal.SIGINT, lambda *_: heard.append(1));"
        "print('running', flush=True); signal.pause(); time.sleep(0.5); print('heard', len(heard), 'time(s)')"
    )
    terminal = (  # a run in the background may ignore the signal, and whoever it starts would inherit that
        "import os, pty, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL);"
        "sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", terminal, sys.executable, "-m", "sccon.postgres", sys.executable, "-c", script],
        cwd=checkout.path,
        env=checkout.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline().strip() == b"running"

    process.stdin.write(b"\x03")
    process.stdin.flush()

    assert b"".join(process.stdout.read().split()) == b"^Cheard1time(s)", (
        "the terminal shows ^C, on a line of its own or not"
    )
    assert process.wait(timeout=DEADLINE) == 0
    process.stdin.close()
    process.stdout.close()
    assert not checkout.server_lives()


def test_after_kill_9_of_everything_the_next_start_has_all_data(checkout: Checkout) -> None:
    process = checkout.start(
        "sh", "-c", 'psql -Xq "$DATABASE_URL" -c "CREATE TABLE kept AS SELECT 42 AS number"; echo $$; exec sleep 600'
    )
    assert process.stdout is not None
    command = int(process.stdout.readline())
    for pid in (process.pid, command, checkout.server_pid()):
        os.kill(pid, signal.SIGKILL)

    assert checkout.ask("SELECT number FROM kept") == "42"
    assert not checkout.server_lives()


def test_a_server_left_behind_is_joined_and_stopped(checkout: Checkout) -> None:
    process = checkout.start("sh", "-c", "echo $$; exec sleep 600")
    assert process.stdout is not None
    command = int(process.stdout.readline())
    for pid in (process.pid, command):
        os.kill(pid, signal.SIGKILL)
    left_behind = checkout.server_pid()

    assert checkout.run("cat", str(checkout.data / "postmaster.pid"))[1].split()[0] == str(left_behind)
    assert not checkout.server_lives()


def test_pid_that_belongs_to_another_process_by_now_is_no_obstacle(checkout: Checkout) -> None:
    checkout.ask("SELECT 1")
    (checkout.data / "postmaster.pid").write_text(f"{os.getpid()}\n{checkout.data}\n0\n5432\n\n\n")

    assert checkout.ask("SELECT 2") == "2"


def test_the_last_of_two_users_stops_the_server(checkout: Checkout) -> None:
    first, second = checkout.stay(), checkout.stay()

    first.terminate()
    first.wait(timeout=DEADLINE)
    assert checkout.ask("SELECT 1") == "1"
    assert checkout.server_lives()

    second.terminate()
    second.wait(timeout=DEADLINE)
    assert not checkout.server_lives()


def test_a_child_that_outlives_its_command_keeps_the_server(checkout: Checkout) -> None:
    child = int(checkout.run("sh", "-c", "sleep 600 >/dev/null 2>&1 & echo $!")[1])
    assert checkout.server_lives()

    os.kill(child, signal.SIGKILL)
    checkout.ask("SELECT 1")
    assert not checkout.server_lives()


def test_ten_first_starts_at_once_share_one_server(new_checkout: Checkout) -> None:
    ask = [*ASK, "SELECT pg_postmaster_start_time() FROM pg_sleep(1)"]
    processes = [new_checkout.start(*ask) for _ in range(10)]
    answers = {process.communicate(timeout=DEADLINE) for process in processes}

    assert [process.returncode for process in processes] == [0] * 10
    assert len(answers) == 1
    assert not new_checkout.server_lives()


def test_two_checkouts_run_side_by_side(checkout: Checkout, tmp_path: Path) -> None:
    other = Checkout(tmp_path / "other")
    checkout.ask("CREATE TABLE here AS SELECT 1")
    staying = checkout.stay()

    assert other.ask("SELECT to_regclass('here') IS NULL") == "t"
    assert staying.poll() is None
    assert checkout.ask("SELECT to_regclass('here')") == "here"
    other.end()


def test_data_of_another_major_version_gets_a_sentence(new_checkout: Checkout) -> None:
    (new_checkout.path / ".postgres" / "16").mkdir(parents=True)

    code, _, complaint = new_checkout.run("true")

    assert (code, complaint.count("\n")) == (1, 0)
    assert complaint.startswith("The data in .postgres/16 was written by PostgreSQL 16, and this is ")
    assert "delete it to begin anew, or let PG_BIN name the programs of 16" in complaint


def test_wrong_pg_bin_gets_a_sentence(new_checkout: Checkout) -> None:
    assert new_checkout.run("true", PG_BIN="/nowhere")[2] == (
        "PG_BIN is /nowhere, which holds no initdb: name the programs of PostgreSQL 17 or newer, "
        "or set DATABASE_URL to a PostgreSQL of your own."
    )


def test_too_old_pg_bin_gets_a_sentence(new_checkout: Checkout) -> None:
    programs = fake_programs(new_checkout.path / "old", initdb="", postgres="echo 'postgres (PostgreSQL) 15.10'")

    code, _, complaint = new_checkout.run("true", PG_BIN=str(programs))

    assert (code, complaint.count("\n")) == (1, 0)
    assert "holds postgres (PostgreSQL) 15.10: let PG_BIN name PostgreSQL 17 or newer" in complaint


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs a namespace")
def test_root_without_user_namespaces_gets_a_sentence(new_checkout: Checkout) -> None:
    programs = fake_programs(new_checkout.path / "bin", unshare="exit 1")

    code, _, complaint = new_checkout.run("true", PATH=f"{programs}:{os.environ['PATH']}")

    assert code == 1
    assert complaint == (
        "PostgreSQL refuses to run as root or a nameless user, and this machine allows no user namespaces: "
        "be an ordinary user, or set DATABASE_URL to a PostgreSQL of your own."
    )


def test_socket_directory_open_to_others_is_refused(checkout: Checkout) -> None:
    socket = checkout.run("sh", "-c", 'psql -XAtq "$DATABASE_URL" -c "SHOW unix_socket_directories"')[1]
    Path(socket).mkdir()
    Path(socket).chmod(0o777)

    complaint = checkout.run("true")[2]
    Path(socket).rmdir()

    assert complaint.startswith(f"{socket} belongs to someone else: delete it, ")


def fake_programs(folder: Path, **scripts: str) -> Path:
    """A directory of shell scripts that stand for programs of the machine."""
    folder.mkdir()
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return folder
