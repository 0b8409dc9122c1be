"""No statement of a web request goes on for ever; the worker, commands and migrations have no end."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import path

from sccon.site import urls

ROOT = Path(__file__).resolve().parents[2]
SHOW = (
    "from django.db import connection as c; k = c.cursor(); k.execute('SHOW statement_timeout'); print(k.fetchone()[0])"
)


def sleeps(request: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 50")
        cursor.execute("SELECT pg_sleep(20)")


def fails(request: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


urlpatterns = [
    *(path(f"{language}/slow/", sleeps) for language in ("de", "en")),
    path("en/wrong/", fails),
    *urls.urlpatterns,
]
handler500 = "sccon.site.errors.broken"

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.sccon.test_statement_end")]


@pytest.mark.parametrize(("language", "sentence"), [("de", "Das hat zu lange gedauert"), ("en", "This took too long")])
def test_who_asks_too_much_reads_that_it_took_too_long(language: str, sentence: str):
    response = Client(raise_request_exception=False).get(f"/{language}/slow/")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "60")
    assert sentence in response.text


def test_any_other_error_of_the_database_is_not_called_slow():
    assert Client(raise_request_exception=False).get("/en/wrong/").status_code == 500


def timeout_of(script: str) -> str:
    """What `SHOW statement_timeout` says in a process that begins with `script`."""
    environment = os.environ | {"STATEMENT_SECONDS": "7", "DJANGO_SETTINGS_MODULE": "sccon.settings"}
    command = [sys.executable, "-c", f"{script}; {SHOW}"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize("entry", ["sccon.site.rsgi", "sccon.wsgi"])
def test_statements_of_web_processes_have_an_end(entry: str):
    assert timeout_of(f"import {entry}") == "7s"


def test_statements_of_other_processes_have_none():
    assert timeout_of("import django; django.setup()") == "0"
