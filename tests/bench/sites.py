"""Sites for the bench: databases of its own, filled to measure, and servers on them as `./dev serve` starts them."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import psycopg

from sccon.site.processes import end, web_server
from tests import production
from tests.processes import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
FILL = (Path(__file__).parent / "fill.sql").read_text()


@dataclass(frozen=True)
class Server:
    """A running web server with two processes, and the database behind it."""

    address: str
    database: str
    renders: Path  # grows by a byte for each request that memory did not answer
    pid: int

    def memory(self) -> float:
        """Megabytes that its processes hold, the shared ones counted once each."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return sum(_resident(int(pid)) for pid in [*children, self.pid])


def _resident(pid: int) -> float:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) / 1024


@contextmanager
def databases(*articles: int) -> Iterator[list[str]]:
    """A database for each number of articles, filled; they are gone afterwards."""
    name = f"bench_{os.getpid()}"
    with _database(f"{name}_empty") as empty:
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=_environment(empty), check=True)
        with _copies(name, articles) as urls:
            yield urls


@contextmanager
def _copies(name: str, articles: tuple[int, ...]) -> Iterator[list[str]]:
    if not articles:
        yield []
        return
    with _database(f"{name}_{articles[0]}", template=f"{name}_empty") as url:
        _fill(url, articles[0])
        with _copies(name, articles[1:]) as others:
            yield [url, *others]


@contextmanager
def _database(name: str, *, template: str = "template1") -> Iterator[str]:
    given = os.environ["DATABASE_URL"]
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield urlsplit(given)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _fill(url: str, articles: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        with connection.transaction():
            for statement in FILL.split(";\n\n"):
                connection.execute(statement, {"articles": articles})
        connection.execute("VACUUM ANALYZE")


@contextmanager
def server(database: str, *, cache: int) -> Iterator[Server]:
    """A server on `database` that keeps `cache` megabytes of pages."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as directory:
        environment = _environment(database) | {
            "SITE_URL": address,
            "STATIC_ROOT": f"{directory}/static",
            "PAGE_CACHE_MB": str(cache),
            "BENCH_RENDERS": f"{directory}/renders" if cache else "",
        }
        collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
        subprocess.run(collect, cwd=ROOT, env=environment, check=True)
        command = [
            *web_server("tests.bench.rsgi:application", port=port),
            *("--workers", "2", "--log-level", "error"),
        ]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
        try:
            _wait_for(f"{address}/bare/")
            yield Server(address, database, Path(f"{directory}/renders"), process.pid)
        finally:
            end([process])


def _environment(database: str) -> dict[str, str]:
    return os.environ | production.SETTINGS | {"DATABASE_URL": database, "LOG_LEVEL": "ERROR"}


def _wait_for(address: str) -> None:
    for _attempt in range(200):
        try:
            with urlopen(address) as answer:
                answer.read()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{address} does not answer.")
