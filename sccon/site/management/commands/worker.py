"""`manage worker`: runs the jobs that requests left behind."""

import logging

from django.core.management.base import BaseCommand, CommandParser
from django.utils.autoreload import StatReloader, run_with_reloader

from sccon.site.worker import work


class Command(BaseCommand):
    help = "Runs jobs until it is ended, those of the lanes in WORKER_LANES. Start as many as you like."
    # They ask the database, to which there must be no connection before the worker forks.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reload", action="store_true", help="start anew when code changes (development)")

    def handle(self, *args: object, reload: bool, **options: object) -> None:
        if reload:
            logging.getLogger("django.utils.autoreload").setLevel(logging.WARNING)
            StatReloader.SLEEP_TIME = 4  # seconds; it looks at every file there is, and nobody watches the worker
            run_with_reloader(work)
        else:
            work()
