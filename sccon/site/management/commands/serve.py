"""`./dev serve`: the site as in production, web server and worker, configured by the environment alone."""

import os
import sys

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from sccon.site.health import reason_not_ready
from sccon.site.processes import manage, run_together


class Command(BaseCommand):
    help = "Collects the static files and runs granian and the worker until ended. Needs a migrated database."

    def handle(self, *args: object, **options: object) -> None:
        if reason := reason_not_ready():
            raise CommandError(reason)
        call_command("collectstatic", interactive=False, verbosity=0)
        connections.close_all()
        host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
        self.stdout.write(f"Serving {settings.SITE_URL} on {host}:{port}.")
        web = [
            sys.executable,
            *("-m", "granian", "--interface", "wsgi", "--host", host, "--port", port),
            *("--workers", os.environ.get("WEB_WORKERS", "2")),
            *("--blocking-threads", str(settings.WEB_THREADS)),
            *("--respawn-failed-workers", "--no-ws", "--log-level", "warning"),
            "sccon.wsgi:application",
        ]
        code = run_together([web, manage("worker")])
        if code:
            raise CommandError("Web server or worker ended by itself; what it said stands above.", returncode=code)
