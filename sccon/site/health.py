"""Probes: is this process alive (`/healthz`), and can it serve (`/readyz`)?"""

import logging
from collections.abc import Callable
from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger("sccon.health")


@cache
def _wanted() -> frozenset[tuple[str, str]]:
    """The migrations this code needs; cached, for they do not change while the process runs."""
    return frozenset(MigrationExecutor(None).loader.graph.leaf_nodes())


def reason_not_ready() -> str | None:
    """Why this process cannot serve pages, as a sentence; None when it can."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            missing = _wanted() - set(cursor.fetchall())
    except DatabaseError as error:
        return f"The database does not answer: {str(error).splitlines()[0]}"
    if missing:
        return f"Migrations are missing, run `manage migrate`: {', '.join('.'.join(m) for m in sorted(missing))}"
    return None


class HealthMiddleware:
    """Answers the two probes before anything else: they come without host name, HTTPS or cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == "/healthz":
            return _plain("alive\n")
        if request.path_info == "/readyz":
            reason = reason_not_ready()
            if reason:
                logger.error("Not ready. %s", reason)
            return _plain(f"{reason or 'ready'}\n", status=503 if reason else 200)
        return self.get_response(request)


def _plain(text: str, status: int = 200) -> HttpResponse:
    response = HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)
    response["Cache-Control"] = "no-store"
    return response
