"""Two processes that live and die together: the web server and the worker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from django.utils.autoreload import DJANGO_AUTORELOAD_ENV

RELOADED = 3  # the exit code by which Django's reloader asks to be started anew
PATIENCE = 4.0  # seconds a process gets to end in peace; Ctrl-C shall take five at the most


def run_together(commands: Sequence[Sequence[str]], *, reload: bool = False) -> int:
    """Runs `commands` until one ends or a signal comes, then ends all; returns the first one's exit code.

    Each is the head of a process group of its own, so that what it has started ends with it. With `reload` they are
    commands that Django's reloader watches: one that ends because code has changed is started anew. (We are the
    reloader's outer half. Its own would set Django up for nothing, once a command, before anything is served.)
    """
    processes: list[subprocess.Popen] = []
    stopping: list[int] = []
    previous = {
        number: signal.signal(number, lambda number, frame: stopping.append(number))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        environment = os.environ | ({DJANGO_AUTORELOAD_ENV: "true"} if reload else {})
        processes = [_start(command, environment) for command in commands]
        lives = {None, RELOADED} if reload else {None}
        while not stopping and all(process.poll() in lives for process in processes):
            time.sleep(0.1)
            if reload:
                processes = [
                    _start(command, environment) if process.poll() == RELOADED else process
                    for command, process in zip(commands, processes, strict=True)
                ]
        ended = next((process.returncode for process in processes if process.poll() is not None), 0)
        return 0 if stopping else ended or 1
    finally:
        end(processes)
        for number, handler in previous.items():
            signal.signal(number, handler)


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
