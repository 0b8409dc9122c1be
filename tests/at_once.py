"""Acts that begin at once, each in a thread with a connection of its own: for the tests of races."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from tests.processes import DEADLINE


def at_once(*acts: Callable[[], Any], threads: int = 8) -> list[Any]:
    """Runs the acts in threads that begin together; returns what each returned or raised, in order."""
    results: list[Any] = [None] * len(acts)
    waiting = iter(list(enumerate(acts)))
    lock, start = threading.Lock(), threading.Barrier(min(threads, len(acts)))

    def work() -> None:
        start.wait(DEADLINE)
        while True:
            with lock:
                number, act = next(waiting, (None, None))
            if act is None:
                return
            try:
                results[number] = act()
            except Exception as error:
                results[number] = error
            finally:
                connection.close()  # back to the pool, which is smaller than the crowd

    workers = [threading.Thread(target=work) for _ in range(start.parties)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(DEADLINE)
    assert not any(worker.is_alive() for worker in workers)
    return results


def kinds(results: Sequence[Any]) -> Counter[str]:
    """How often each type is among what the acts returned or raised."""
    return Counter(type(result).__name__ for result in results)
