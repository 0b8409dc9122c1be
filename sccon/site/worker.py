"""The worker: each lane of jobs has slots of its own, so that what hurries never stands behind what is slow.

Lanes whose jobs mostly wait, for the relay or the database, share a process. A lane that computes has one of its own,
with a low priority: it can hold neither the interpreter's lock nor the processor against the others. The processes
are forks of one that has imported everything and does nothing but replace a process that died.
"""

import asyncio
import gc
import logging
import os
import signal
import threading
import time
from collections.abc import Sequence
from types import FrameType

from django.conf import settings
from django.db import connections
from django.urls import get_resolver
from procrastinate.contrib.django.utils import connector_params

from newsletter.delivery.lane import serve as serve_newsletter
from newsletter.returns import consequences
from sccon.jobs import WorkerConnector, adopt, app

logger = logging.getLogger("sccon.worker")

# Lanes with a process of their own, and its niceness. The newsletter's has no jobs; it starts more processes as it needs them.
APART = {"slow": 10, "newsletter": 5}

AGAIN = 2.0  # seconds until a lane that lost the database, or a process that died, is started again


def processes(lanes: Sequence[str]) -> list[list[str]]:
    """The lanes by the process that serves them."""
    together = [lane for lane in lanes if lane not in APART]
    return [group for group in (together, *([lane] for lane in lanes if lane in APART)) if group]


# --- The parent -------------------------------------------------------------------------------


def work() -> None:
    """Has the lanes of WORKER_LANES served until a signal comes. Must have no connection and no threads, for it forks."""
    app.perform_import_paths()
    _ = get_resolver().url_patterns  # the reloader's thread imports them, too: no fork may come in between
    gc.freeze()  # what was imported stays shared with the children
    ours, theirs = os.pipe()  # ends with us, whatever we end by, and so tells the children
    running: dict[int, list[str]] = {}
    if threading.current_thread() is threading.main_thread():  # else the reloader's, which sees to signals itself
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _leave)
    try:
        for lanes in processes(settings.WORKER_LANES):
            running[_fork(lanes, ours, theirs)] = lanes
        while True:
            pid, status = os.wait()
            lanes, code = running.pop(pid), os.waitstatus_to_exitcode(status)
            logger.error("The process of %s ended with %s; another one begins.", ", ".join(lanes), code)
            time.sleep(AGAIN)
            running[_fork(lanes, ours, theirs)] = lanes
    finally:
        os.close(theirs)
        for pid in running:
            os.waitpid(pid, 0)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit


def _fork(lanes: Sequence[str], ours: int, theirs: int) -> int:
    """Starts a process that serves `lanes`; returns its id."""
    if pid := os.fork():
        return pid
    code = 1
    try:
        os.close(theirs)
        os.nice(max(APART.get(lane, 0) for lane in lanes))
        if lanes == ["newsletter"]:
            serve_newsletter(ours, consequences.answered)
        else:
            _serve_together(lanes, parent=ours)
        code = 0
    except SystemExit:
        code = 0
    except BaseException:
        logger.exception("The process of %s fails.", ", ".join(lanes))
    finally:
        os._exit(code)  # what is further up the stack is the parent's


# --- Its children -----------------------------------------------------------------------------


def _serve_together(lanes: Sequence[str], *, parent: int) -> None:
    adopt()
    connections.close_all()
    with app.replace_connector(WorkerConnector(kwargs=connector_params(), min_size=1, max_size=2)):
        asyncio.run(_serve_until_the_end(lanes, parent))


async def _serve_until_the_end(lanes: Sequence[str], parent: int) -> None:
    async with app.open_async(), asyncio.TaskGroup() as group:
        stop = _end_comes(parent)
        tasks = [group.create_task(_serve(lane)) for lane in lanes]
        await stop.wait()
        for task in tasks:
            task.cancel()  # what runs is brought to its end


def _end_comes(parent: int) -> asyncio.Event:
    """Is set when we are to end: by a signal, or because our parent ended."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def by_signal(number: int) -> None:
        stop.set()
        loop.remove_signal_handler(number)  # who sends it once more does not want to wait

    def by_parent() -> None:
        stop.set()
        loop.remove_reader(parent)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, by_signal, number)
    loop.add_reader(parent, by_parent)  # nobody writes: readable is closed
    return stop


async def _serve(lane: str) -> None:
    """Runs the jobs of one lane; when the database went away, until it is back and on."""
    while True:
        reason = "it lost the database"
        try:
            await app.run_worker_async(
                name=lane, queues=[lane], concurrency=settings.LANES[lane], install_signal_handlers=False
            )
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
        logger.error("Lane %s is served again: %s", lane, reason)
        await asyncio.sleep(AGAIN)
