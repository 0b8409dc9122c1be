"""`./dev serve`: the site as in production, web server and worker, configured by the environment alone."""

import os

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from sccon.site.health import reason_not_ready
from sccon.site.processes import keep_alive, manage, web_server


class Command(BaseCommand):
    help = "Collects the static files and keeps granian and the worker running until ended. Needs a migrated database."

    def handle(self, *args: object, **options: object) -> None:
        if reason := reason_not_ready():
            raise CommandError(reason)
        call_command("collectstatic", interactive=False, verbosity=0)
        connections.close_all()
        connections["default"].close_pool()  # type: ignore[attr-defined]  # its threads have nothing to do here
        host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
        self.stdout.write(f"Serving {settings.SITE_URL} on {host}:{port}.")
        web = web_server("sccon.site.rsgi:application", host=host, port=port)
        workers = ("--workers", os.environ.get("WEB_WORKERS", "2"), "--log-level", "warning")
        keep_alive({"web server": [*web, *workers], "worker": manage("worker")})
