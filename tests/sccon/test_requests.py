"""The line a request leaves in the log, for people and for machines, without secrets."""

import json
import logging

import pytest
from django.test import Client

from sccon.logs import JSONFormatter


def lines(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name == "sccon.requests"]


@pytest.fixture(autouse=True)
def _listening(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def test_a_request_leaves_one_line(client: Client, caplog: pytest.LogCaptureFixture):
    client.get("/")
    (line,) = lines(caplog)
    assert line.getMessage().startswith("GET / 302 ")
    assert line.getMessage().endswith(" ms")


def test_a_query_stays_out_of_the_log(client: Client, caplog: pytest.LogCaptureFixture):
    client.get("/?email=jana@example.org")
    assert "jana" not in lines(caplog)[0].getMessage() + str(lines(caplog)[0].fields)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/media/Zm9vYmFyYmF6cXV4MTIzNA/bild.jpg", "/media/…/bild.jpg"),
        ("/de/preview/eyJhIjoxfQ:1vABCD:kf83kfL0-_sdkfj/", "/de/preview/…/"),
        ("/de/tickets/orders/AB12CD/8fK2l0aM-fj39_dk20fk/pay", "/de/tickets/orders/AB12CD/…/pay"),
        ("/de/tickets/orders/AB12CD/8fK2l0aM-fj39_dk20fk.pdf", "/de/tickets/orders/AB12CD/…"),
    ],
)
def test_secrets_in_an_address_stay_out_of_the_log(
    client: Client, caplog: pytest.LogCaptureFixture, path: str, logged: str
):
    client.get(path)
    (line,) = lines(caplog)
    assert line.fields["path"] == logged


@pytest.mark.django_db
def test_the_words_of_an_articles_address_are_no_secret(client: Client, caplog: pytest.LogCaptureFixture):
    client.get("/de/news/digitalministerinnen-treffen-sich-in-berlin/")
    (line,) = lines(caplog)
    assert line.fields["path"] == "/de/news/digitalministerinnen-treffen-sich-in-berlin/"


def test_machines_get_one_json_object_a_line(client: Client, caplog: pytest.LogCaptureFixture):
    client.get("/")
    text = JSONFormatter().format(lines(caplog)[0])
    entry = json.loads(text)
    assert "\n" not in text
    assert {name: entry[name] for name in ("level", "logger", "method", "path", "status", "bytes")} == {
        "level": "INFO",
        "logger": "sccon.requests",
        "method": "GET",
        "path": "/",
        "status": 302,
        "bytes": 0,
    }
    assert entry["time"].endswith("+00:00")


def test_an_error_keeps_its_traceback_in_the_json_line():
    try:
        raise ValueError("Ärger\nin zwei Zeilen")
    except ValueError as error:
        info = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("sccon", logging.ERROR, __file__, 1, "Das ging schief", (), info)
    text = JSONFormatter().format(record)
    assert "\n" not in text
    assert json.loads(text)["traceback"].endswith("ValueError: Ärger\nin zwei Zeilen")
