"""A sender in this process: what the newsletter's lane forks, for tests in which the fork itself does not matter."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from newsletter.delivery import lane, running
from newsletter.delivery.sending import Sender
from newsletter.returns import consequences
from sccon.settings import relay as mailer
from tests.newsletter.relays import ScriptedRelay
from tests.processes import wait_until


def use(settings: Any, relay: ScriptedRelay, *, url: str = "", timeout: float = 5) -> None:
    """Issues go to `relay`."""
    settings.NEWSLETTER_SMTP_URL, settings.NEWSLETTER_TIMEOUT = url or relay.url, timeout
    settings.MAILERS = {**settings.MAILERS, "bulk": mailer(url or relay.url, timeout=timeout)}


@contextmanager
def sender(connections: int = 2) -> Iterator[None]:
    """Sends while the `with` lasts."""
    end = threading.Event()
    thread = threading.Thread(target=Sender(connections, ends=end.is_set).work)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def send(until: Callable[[], object], what: str, *, connections: int = 2) -> None:
    """Sends and looks after the runs until something is so."""

    def looked() -> object:
        running.look_after()
        lane.judge(consequences.answered)
        return until()

    with sender(connections):
        wait_until(looked, what)
