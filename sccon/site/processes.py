"""Web server and worker as processes: together until one ends (`./dev run`), or each kept alive (`./dev serve`)."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from django.utils.autoreload import DJANGO_AUTORELOAD_ENV

RELOADED = 3  # the exit code by which Django's reloader asks to be started anew
PATIENCE = 4.0  # seconds a process gets to end in peace; Ctrl-C shall take five at the most
PAUSES = (1.0, 2.0, 5.0)  # seconds before a process that died starts again; the last one from then on
STEADY = 30.0  # seconds after which a process counts as well, and the pauses begin anew

logger = logging.getLogger("sccon.processes")


@contextmanager
def signals() -> Iterator[list[int]]:
    """The signals to end that came so far, in this block."""
    came: list[int] = []
    previous = {
        number: signal.signal(number, lambda number, frame: came.append(number))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield came
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def pause(deaths: int) -> float:
    """Seconds to wait after so many deaths in a row."""
    return PAUSES[min(deaths, len(PAUSES)) - 1]


def keep_alive(commands: Mapping[str, Sequence[str]]) -> None:
    """Runs the named `commands` until a signal comes; one that dies is said and started again, and the others go on."""
    kept = [Kept(name, command) for name, command in commands.items()]
    with signals() as came:
        try:
            while not came:
                for one in kept:
                    one.look_after()
                time.sleep(0.1)
        finally:
            end([one.process for one in kept if one.process])


class Kept:
    """One process that is started again when it dies."""

    def __init__(self, name: str, command: Sequence[str]):
        self.name, self.command = name, command
        self.process: subprocess.Popen | None = None
        self.started = self.start_at = 0.0  # of `time.monotonic`
        self.deaths = 0  # in a row

    def look_after(self) -> None:
        """Starts the process when it is time to; says when it has ended."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.process, self.started = _start(self.command, os.environ), now
            return
        code = self.process.poll()
        if code is None:
            return
        _signal_group(self.process, signal.SIGKILL)  # what it had started must not keep its port or its jobs
        self.process = None
        self.deaths = 1 if now - self.started > STEADY else self.deaths + 1
        self.start_at = now + pause(self.deaths)
        logger.error("The %s %s; another one starts in %.0f s.", self.name, how_it_ended(code), pause(self.deaths))


def how_it_ended(code: int) -> str:
    """What an exit code says, in words."""
    if code >= 0:
        return f"ended by itself with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def run_together(commands: Sequence[Sequence[str]], *, reload: bool = False) -> int:
    """Runs `commands` until one ends or a signal comes, then ends all; returns the first one's exit code.

    Each is the head of a process group of its own, so that what it has started ends with it. With `reload` they are
    commands that Django's reloader watches: one that ends because code has changed is started anew. (We are the
    reloader's outer half. Its own would set Django up for nothing, once a command, before anything is served.)
    """
    processes: list[subprocess.Popen] = []
    with signals() as came:
        try:
            environment = os.environ | ({DJANGO_AUTORELOAD_ENV: "true"} if reload else {})
            processes = [_start(command, environment) for command in commands]
            lives = {None, RELOADED} if reload else {None}
            while not came and all(process.poll() in lives for process in processes):
                time.sleep(0.1)
                if reload:
                    processes = [
                        _start(command, environment) if process.poll() == RELOADED else process
                        for command, process in zip(commands, processes, strict=True)
                    ]
            ended = next((process.returncode for process in processes if process.poll() is not None), 0)
            return 0 if came else ended or 1
        finally:
            end(processes)


def _start(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen:
    return subprocess.Popen(command, start_new_session=True, env=environment)


def end(processes: Sequence[subprocess.Popen]) -> None:
    """Ends the process groups of `processes`: politely first, after `PATIENCE` seconds for good."""
    for process in processes:
        _signal_group(process, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0, deadline - time.monotonic()))
        _signal_group(process, signal.SIGKILL)  # also what outlives the head of its group
        process.wait()


def _signal_group(process: subprocess.Popen, number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def manage(*arguments: str) -> list[str]:
    """The command line of a management command, with this Python."""
    return [sys.executable, "manage.py", *arguments]


def web_server(target: str, *, host: str = "127.0.0.1", port: int | str) -> list[str]:
    """The command line of granian, with this Python.

    HTTP/1 only: what a proxy speaks, with a time limit for headers, and no streams that share a connection. One
    connection counts against `--backpressure` while it is open, idle or not.
    """
    return [
        *(sys.executable, "-m", "granian", "--interface", "rsgi", "--host", host, "--port", str(port), "--http", "1"),
        *("--http1-header-read-timeout", "10000", "--backpressure", "4096", "--backlog", "4096"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "3", "--no-ws", target),
    ]
