"""The newsletter's lane of the worker: a keeper that looks each second, and a sender per core while something is to go."""

import logging
import os
import select
import signal
import time
from datetime import timedelta
from types import FrameType
from typing import Protocol

from django.conf import settings
from django.db import Error, connection, connections

from newsletter.models import Issue
from sccon.clock import Clock

from . import claims, running
from .sending import Sender

logger = logging.getLogger("newsletter.delivery")

LOOK = 1.0  # seconds
BEAT = 20.0  # seconds between two signs that somebody works on what is under way


class Failed(Protocol):
    """Hears of a recipient whom the relay does not take at all, and judges whether it is about them."""

    def __call__(self, delivery_id: int, code: int, text: str, /) -> object: ...


def serve(parent: int, failed: Failed) -> None:
    """Keeps senders alive while something is to go, until a signal comes or `parent` closes.

    `failed` hears what the relay said of each recipient it does not take at all.
    """
    came: list[int] = []

    def end(number: int, frame: FrameType | None) -> None:
        came.append(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    connections.close_all()
    connections["default"].settings_dict["OPTIONS"].pop("pool", None)  # its threads and a fork do not go together
    ours, theirs = os.pipe()  # ends with us and tells the senders
    senders: dict[int, int] = {}  # their processes, and how many connections each has
    beat = -BEAT
    while not came and not _closed(parent, LOOK):
        _forget_ended(senders)
        try:
            running.look_after()
            judge(failed)
            if time.monotonic() - beat > BEAT:  # at night, too: an issue that waits for its window is not interrupted
                alive = Issue.objects.filter(beat_at__gt=Clock() - claims.INTERRUPTED)
                alive.filter(status=Issue.Status.SENDING).update(beat_at=Clock())
                beat = time.monotonic()
            due = _due()
        except Error as error:
            logger.error("The newsletter's lane asks the database again: %s", error)
            due = False
        connection.close()  # no sender may inherit it
        shares = _shares()
        for connections_each in shares[len(senders) :] if due else []:
            senders[_fork(connections_each, ours, theirs, parent)] = connections_each
    os.close(theirs)
    for pid in senders:
        os.waitpid(pid, 0)


def judge(failed: Failed) -> None:
    """Tells `failed` what the relay said of recipients whom it does not take at all. Whoever dies meanwhile tells it again:
    the same answer counts once."""
    connection.ensure_connection()
    for delivery_id, answer in claims.unjudged(connection.connection):
        again_in = None
        try:
            failed(delivery_id, int(answer[:3]), answer)
        except Error:  # the database went away
            raise
        except Exception:
            logger.exception("What the relay said of delivery %s cannot be judged.", delivery_id)
            again_in = timedelta(hours=1)
        connection.ensure_connection()
        claims.judged(connection.connection, delivery_id, again_in=again_in)


def _shares() -> list[int]:
    """How many of the connections each of the senders has; one sender a core."""
    senders = min(len(os.sched_getaffinity(0)), settings.NEWSLETTER_CONNECTIONS)
    return [len(range(number, settings.NEWSLETTER_CONNECTIONS, senders)) for number in range(senders)]


def _due() -> bool:
    connection.ensure_connection()
    database = connection.connection
    issues = [issue_id for issue_id, _seconds in claims.sendable(database)]
    return bool(issues) and claims.due(database, issues)


def _fork(threads: int, ours: int, theirs: int, parent: int) -> int:
    if pid := os.fork():
        return pid
    code = 1
    try:
        os.close(theirs)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # our keeper tells us when to end
        Sender(threads, ends=lambda: _closed(ours, 0) or _closed(parent, 0)).work()
        code = 0
    except BaseException:
        logger.exception("A sender of the newsletter fails.")
    finally:
        os._exit(code)


def _closed(pipe: int, seconds: float) -> bool:
    """Whether the other end of `pipe` is closed, at the latest after `seconds`."""
    return bool(select.select([pipe], [], [], seconds)[0])


def _forget_ended(senders: dict[int, int]) -> None:
    for pid in list(senders):
        if os.waitpid(pid, os.WNOHANG)[0]:
            del senders[pid]
