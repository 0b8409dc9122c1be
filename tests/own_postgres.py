"""A PostgreSQL for one test alone, which it may crash and start again without hurting the others."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.core.management import call_command
from django.db import connections

from sccon import postgres
from tests.conftest import unavailable


class OwnPostgres:
    """The programs of the checkout's server on a data directory of their own."""

    def __init__(self, home: Path):
        try:
            self.programs = postgres.binaries()
        except SystemExit as reason:
            unavailable(str(reason))
        self.disguise = [] if postgres.is_ordinary_user() else ["unshare", "--user", "--map-user=65534", "--"]
        self.home, self.data, self.log = home, home / "data", home / "log"
        self.address = {"HOST": str(home), "PORT": "5432", "USER": "postgres", "PASSWORD": "", "NAME": "postgres"}
        self.url = f"postgres://postgres@{quote(str(home), safe='')}:5432/postgres"
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self._run("initdb", "-D", str(self.data), "-U", "postgres", "--auth=trust", "--no-sync", *locale)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([*self.disguise, str(self.programs / program), *arguments], check=True, capture_output=True)

    def start(self) -> None:
        options = ["-D", str(self.data), "-k", str(self.home), "-p", "5432", "-c", "listen_addresses="]
        # What was committed is in the system's hands: it outlives the server's crash, if not the machine's.
        options += ["-c", "fsync=off"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.disguise, str(self.programs / "postgres"), *options], stdout=log, stderr=log
            )
        ready = [str(self.programs / "pg_isready"), "-h", str(self.home), "-p", "5432"]
        deadline = time.monotonic() + 60
        while subprocess.run(ready, capture_output=True).returncode:
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def end(self, how: signal.Signals = signal.SIGINT) -> None:
        """`SIGQUIT` is a crash: nothing is written that was not written yet."""
        os.kill(int((self.data / "postmaster.pid").read_text().split()[0]), how)
        self.process.wait(60)


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """The server with the site's tables; Django uses it inside this block."""
    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp") as home:
        server = OwnPostgres(Path(home))
        server.start()
        try:
            with _used_by_django(server.address):
                call_command("migrate", verbosity=0)
                yield server
        finally:
            server.end()


@contextmanager
def _used_by_django(address: dict[str, str]) -> Iterator[None]:
    given: Any = connections.settings["default"]
    kept = connections["default"]
    options = {name: value for name, value in given["OPTIONS"].items() if name != "pool"}
    connections.settings["default"] = {**given, **address, "OPTIONS": options}
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = kept
        connections.settings["default"] = given
