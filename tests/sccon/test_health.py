"""The two probes: /healthz says that the process lives, /readyz that it can serve pages."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client


@pytest.fixture
def probe() -> Client:
    """Asks as a load balancer does: by address, with a host name of its own."""
    return Client(headers={"host": "10.0.0.7:8000"})


@pytest.fixture
def database_down() -> Iterator[None]:
    """A database that is not there: nobody listens at its address."""
    here = connection.settings_dict["HOST"]
    connection.close()
    connection.close_pool()
    connection.settings_dict["HOST"] = "/nowhere"
    yield
    connection.close()
    connection.close_pool()
    connection.settings_dict["HOST"] = here


def test_a_living_process_says_so_without_a_database(probe: Client):
    response = probe.get("/healthz")
    assert (response.status_code, response.content, response["Cache-Control"]) == (200, b"alive\n", "no-store")


@pytest.mark.django_db
def test_a_process_that_can_serve_is_ready(probe: Client):
    response = probe.get("/readyz")
    assert (response.status_code, response.content, response["Cache-Control"]) == (200, b"ready\n", "no-store")


@pytest.mark.django_db
def test_a_missing_migration_is_the_reason_not_to_be_ready(probe: Client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE (app, name) = ('sessions', '0001_initial')")
    response = probe.get("/readyz")
    assert response.status_code == 503
    assert response.content == b"Migrations are missing, run `manage migrate`: sessions.0001_initial\n"


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer_is_the_reason_not_to_be_ready(probe: Client, database_down: None):
    response = probe.get("/readyz")
    assert response.status_code == 503
    assert response.content.startswith(b"The database does not answer: ")
    assert probe.get("/healthz").status_code == 200
