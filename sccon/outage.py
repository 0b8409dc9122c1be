"""Whether the database is away: then nobody waits for it but one request a second, which tries.

Known to each process by itself. `begins` is called by who waited in vain; any connection that is made ends it.
"""

import logging
import threading
import time

import psycopg
from django.db import Error, InterfaceError, OperationalError, connection
from django.db.backends.signals import connection_created
from psycopg_pool import ConnectionPool

AGAIN = 1.0  # seconds between two tries
# Connection failures, shutdown, crash, start, no connection left. Other errors come from a database that is there.
STATES = ("08", "57P01", "57P02", "57P03", "53300")

logger = logging.getLogger("sccon.outage")


class Outage:
    def __init__(self) -> None:
        self._try_at: float | None = None  # None: the database is there
        self._lock = threading.Lock()

    def begins(self, error: BaseException) -> None:
        """Somebody could not reach the database."""
        with self._lock:
            known, self._try_at = self._try_at is not None, time.monotonic() + AGAIN
        if not known:
            logger.error("The database does not answer; pages come from memory for a minute. %s", error)

    def ends(self, **_signal: object) -> None:
        """Somebody reached it."""
        if self._try_at is None:
            return
        with self._lock:
            ended, self._try_at = self._try_at is not None, None
        if ended:
            logger.warning("The database answers again.")

    def lasts(self) -> bool:
        return self._try_at is not None

    def refuses(self) -> bool:
        """Whether the caller must do without the database; one caller a second need not, and tries."""
        if self._try_at is None:
            return False
        with self._lock:
            if self._try_at is None or time.monotonic() < self._try_at:
                return self._try_at is not None
            self._try_at = time.monotonic() + AGAIN
            return False


def is_outage(error: BaseException | None) -> bool:
    """Whether `error`, or what caused it, says that the database could not be reached or hung up."""
    while error is not None:
        if isinstance(error, Error):
            state = getattr(error.__cause__, "sqlstate", None)
            lost = isinstance(error, OperationalError | InterfaceError) and state is None
            return lost or (state is not None and state.startswith(STATES))
        error = error.__cause__ or error.__context__
    return False


def check(lying: psycopg.Connection) -> None:
    """The pool's check of a connection that it is about to give away.

    With one that is dead the others are thrown away: after a restart all are, and the pool would find them one by one,
    each after a longer pause.
    """
    try:
        ConnectionPool.check_connection(lying)
    except psycopg.Error:
        connection.pool.drain()  # type: ignore[attr-defined]
        raise


outage = Outage()
connection_created.connect(outage.ends)
