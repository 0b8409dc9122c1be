"""The worker: runs the jobs that requests left behind."""

import asyncio
import logging
import signal
import threading

from django.core.management.base import BaseCommand, CommandParser
from django.utils.autoreload import run_with_reloader
from procrastinate import PsycopgConnector
from procrastinate.contrib.django.utils import connector_params

from sccon.jobs import app
from sccon.site.processes import pause

logger = logging.getLogger("sccon.worker")


class Command(BaseCommand):
    help = "Runs jobs until it is ended. Start as many as you like."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reload", action="store_true", help="start anew when code changes (development)")

    def handle(self, *args: object, reload: bool, **options: object) -> None:
        if reload:
            logging.getLogger("django.utils.autoreload").setLevel(logging.WARNING)
            run_with_reloader(work)
        else:
            work()


def work() -> None:
    asyncio.run(_until_a_signal())


async def _until_a_signal() -> None:
    """Runs jobs; when the database goes away, until it is back and on. Only a signal ends this."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    if threading.current_thread() is threading.main_thread():  # else the reloader's, which sees to signals itself
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
    failures = 0
    while not stop.is_set():
        started = loop.time()
        working = asyncio.create_task(_run_jobs())
        await asyncio.wait([working, stopping := asyncio.create_task(stop.wait())], return_when="FIRST_COMPLETED")
        stopping.cancel()
        if stop.is_set():
            working.cancel()  # what runs is brought to its end
            await asyncio.wait([working])
            return
        failures = 1 if loop.time() - started > 30 else failures + 1
        reason = working.exception() or "it lost the database"
        logger.error("The worker starts again in %.0f s: %s", pause(failures), reason)
        await asyncio.wait([asyncio.create_task(stop.wait())], timeout=pause(failures))


async def _run_jobs() -> None:
    # Two at a time: renditions keep a core busy, mails wait for a server.
    with app.replace_connector(PsycopgConnector(kwargs=connector_params())):
        async with app.open_async():
            await app.run_worker_async(concurrency=2, install_signal_handlers=False)
