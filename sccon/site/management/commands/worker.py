"""The worker: runs the jobs that requests left behind."""

import logging

from django.core.management.base import BaseCommand, CommandParser
from django.utils.autoreload import run_with_reloader
from procrastinate.contrib.django.utils import connector_params

from sccon.jobs import WorkerConnector, app


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
    # Two at a time: renditions keep a core busy, mails wait for a server.
    with app.replace_connector(WorkerConnector(kwargs=connector_params())):
        app.run_worker(concurrency=2)
