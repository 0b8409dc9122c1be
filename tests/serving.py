"""`serve` itself, as a process of its own, and lines to it that are as slow or as odd as a test wants."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

from tests import production
from tests.processes import ROOT, free_port, kill, wait_until

PATIENCE = 60  # seconds; only catches a hang


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str
    seconds: float


@dataclass(frozen=True)
class Served:
    """A running `serve`: its address, its process, what it says."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        return self.send(method, path, b"", headers)

    def send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        link, started = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE), time.monotonic()
        try:
            link.request(method, path, body=body or None, headers=headers)
            return answer(link.getresponse(), started)
        finally:
            link.close()

    def line(self, head: str, body: bytes = b"", *, buffer: int = 0) -> socket.socket:
        """A connection that has sent `head` (its lines; Host is added) and `body`, and nothing more yet."""
        line = socket.socket()
        if buffer:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        line.settimeout(PATIENCE)
        line.connect(("127.0.0.1", self.port))
        lines = [*head.strip().splitlines(), f"Host: 127.0.0.1:{self.port}", "", ""]
        line.sendall("\r\n".join(part.strip() for part in lines).encode() + body)
        return line

    def answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.get("/healthz").text == "alive\n"
        except OSError:
            return False

    def children(self, *words: str) -> list[int]:
        """The ids of the processes below `serve` whose command line has all of `words`."""
        said = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
        rows = [line.split(None, 2) for line in said.stdout.splitlines()]
        below, found = {self.process.pid}, []
        for _generation in range(4):
            below |= {int(pid) for pid, parent, _args in rows if int(parent) in below}
        for pid, _parent, args in rows:
            if int(pid) in below and int(pid) != self.process.pid and all(word in args for word in words):
                found.append(int(pid))
        return found

    def kill(self, pid: int) -> None:
        """As the kernel does when memory runs out."""
        os.kill(pid, signal.SIGKILL)


def answer(response: HTTPResponse, started: float = 0.0) -> Answer:
    text = response.read().decode()
    return Answer(response.status, dict(response.headers.items()), text, time.monotonic() - started)


def answer_on(line: socket.socket) -> Answer:
    """What comes back on a line of `Served.line`, which then ends."""
    with line, HTTPResponse(line) as response:
        response.begin()
        return answer(response)


@contextmanager
def serving(database: str, directory: Path, **environment: str) -> Iterator[Served]:
    """`manage.py serve` on `database`, with its files in `directory`."""
    port = free_port()
    log = directory / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=os.environ
            | production.SETTINGS
            | {
                "DATABASE_URL": database,
                "SITE_URL": f"http://127.0.0.1:{port}",
                "PORT": str(port),
                "MEDIA_ROOT": str(directory / "media"),
                "SMTP_URL": "",
                "SITE_DEMO": "1",
            }
            | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    served = Served(port, process, log)
    try:
        wait_until(served.answers, "answering")
        yield served
    finally:
        process.terminate()
        try:
            process.wait(20)
        finally:
            kill(process)
