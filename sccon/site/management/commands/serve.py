"""`./dev serve`: the site as in production, web server and worker, configured by the environment alone."""

import os
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
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
        collect_static()
        connections.close_all()
        connections["default"].close_pool()  # type: ignore[attr-defined]  # its threads have nothing to do here
        host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
        self.stdout.write(f"Serving {settings.SITE_URL} on {host}:{port}.")
        web = web_server("sccon.site.rsgi:application", host=host, port=port)
        workers = ("--workers", os.environ.get("WEB_WORKERS", "2"), "--log-level", "warning")
        keep_alive({"web server": [*web, *workers], "worker": manage("worker")})


def collect_static() -> None:
    """Collects the static files, unless they are those that were collected last: hashing and packing takes half a minute."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    state = sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = os.stat(storage.path(path))
            state.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    if stamp.exists() and stamp.read_text() == state.hexdigest():
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(state.hexdigest())
