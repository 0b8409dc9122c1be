"""`./dev run` as someone meets it first: in a checkout of their own, on an empty database, until Ctrl-C."""

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.processes import DEADLINE, ROOT, free_port, wait_until

LEFT_OUT = {".git", ".venv", ".tools", ".postgres", ".media", ".static", ".mypy_cache", ".ruff_cache", "tests"}


class Checkout:
    """A copy of the project without a database, which shares the installed packages."""

    def __init__(self, path: Path) -> None:
        self.path, self.port = path, free_port()
        shutil.copytree(ROOT, path, ignore=lambda folder, names: LEFT_OUT & set(names))
        for name in (".venv", ".tools"):
            if (ROOT / name).exists():
                (path / name).symlink_to(ROOT / name)
        self.log = path.parent / "log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        """`./dev run`, at the head of a process group as a terminal makes it."""
        environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DEBUG"}}
        environment |= {"PORT": str(self.port), "UV_OFFLINE": "1"}
        with self.log.open("wb") as log:
            return subprocess.Popen(
                [str(self.path / "dev"), "run"],
                cwd="/",
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def run(self) -> None:
        """`./dev run`, till the site answers."""
        self.process = self.start()
        wait_until(self.answers, f"answering; it said: {self.log}")

    def answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.page("/healthz") == "alive\n"
        except OSError:  # nobody listens yet, or not for long
            return False

    def page(self, path: str) -> str:
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=DEADLINE) as answer:
            return answer.read().decode()

    def processes(self) -> list[int]:
        """All that is alive of this checkout: each has its path in its command line."""
        said = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,stat=,args="], capture_output=True, text=True, check=True)
        lines = [line.split(None, 2) for line in said.stdout.splitlines()]
        return [int(pid) for pid, stat, args in lines if str(self.path) in args and not stat.startswith("Z")]

    def interrupt(self) -> None:
        """Ctrl-C: a terminal sends it to the whole group."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(DEADLINE)

    def kill(self) -> None:
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        if self.process:
            self.process.wait(DEADLINE)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    checkout = Checkout(tmp_path / "Große Bühne")
    yield checkout
    checkout.kill()


def links(page: str) -> list[str]:
    return re.findall(r'href="(/de/[^"]*)"', page)


def test_dev_run_shows_a_filled_site_ends_with_ctrl_c_and_starts_again(checkout: Checkout):
    checkout.run()
    assert f"http://127.0.0.1:{checkout.port}/" in checkout.log.read_text()
    overview = checkout.page("/de/news/")
    assert overview.count('<article class="card') == 20
    assert "<form" in checkout.page("/admin/login/")
    assert len(checkout.processes()) > 3

    checkout.interrupt()
    assert checkout.processes() == []

    checkout.run()
    assert links(checkout.page("/de/news/")) == links(overview)  # its pictures get their sizes meanwhile

    checkout.kill()
    checkout.run()
    assert links(checkout.page("/de/news/")) == links(overview)  # its pictures get their sizes meanwhile
    checkout.interrupt()
    assert checkout.processes() == []


def test_a_taken_port_gets_one_sentence_that_says_what_to_do(checkout: Checkout):
    with socket.create_server(("127.0.0.1", checkout.port)):
        assert checkout.start().wait(60) == 1
    sentence = f"Port {checkout.port} is taken or forbidden; choose another, for example: PORT=9000 ./dev run"
    assert checkout.log.read_text().strip().removeprefix("CommandError: ") == sentence
