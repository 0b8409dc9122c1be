"""`./dev run`: the site for trying and developing it."""

import os
import socket

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from news.models import Article
from sccon.site.processes import manage, run_together


class Command(BaseCommand):
    help = "Migrates, fills an empty site with demo content, and runs web server and worker until Ctrl-C."

    def handle(self, *args: object, **options: object) -> None:
        port = wanted_port()
        call_command("migrate", verbosity=0)
        if not Article.objects.exists():
            self.stdout.write("Filling the empty site with demo content …")
            call_command("demo")
        if settings.DEBUG and os.environ.get("DATABASE_URL", "").startswith("postgres://postgres@%2F"):
            make_demo_admin()
        connections.close_all()
        self.stdout.write(self.style.SUCCESS(sign(port)))
        code = run_together(
            [
                manage("runserver", f"127.0.0.1:{port}", "--skip-checks", "--verbosity", "0"),
                manage("worker", "--reload"),
            ],
            reload=True,
        )
        if code:
            raise CommandError("Web server or worker ended by itself; what it said stands above.", returncode=code)


def wanted_port() -> int:
    """PORT from the environment, 8000 without one; raises `CommandError` when it cannot be had."""
    text = os.environ.get("PORT", "8000")
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise CommandError(f"PORT is {text!r}; it must be a number between 1 and 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(text)))
        except OSError as error:
            raise CommandError(
                f"Port {text} is taken or forbidden; choose another, for example: PORT=9000 ./dev run"
            ) from error
    return int(text)


def make_demo_admin() -> None:
    """`admin`, password `demo`: only on the embedded database, which nobody reaches from outside."""
    users = get_user_model().objects
    if not users.filter(username="admin").exists():
        names = {"first_name": "Ada", "last_name": "Demo"}
        users.create_superuser("admin", password="demo", language="", **names)  # noqa: S106


def sign(port: int) -> str:
    return f"The site is at http://127.0.0.1:{port}/, its admin at http://127.0.0.1:{port}/admin/ (admin / demo). Ctrl-C ends it."
