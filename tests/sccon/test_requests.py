"""The line a request leaves in the log, for people and for machines, without secrets."""

import json
import logging
import sys
from urllib.parse import urlencode

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from sccon.logs import JSONFormatter, LineFormatter
from sccon.requests import same_origin, secret_page


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


# --- Forms without a token ---------------------------------------------------------------------


@same_origin
def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse("taken")


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "nonsense"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://other.example"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, False),
        ({"Origin": "http://testserver"}, True),
        ({"Origin": "https://testserver"}, False),
        ({"Origin": "http://testserver:8000"}, False),
        ({"Origin": "https://other.example"}, False),
        ({"Origin": "null"}, False),
        ({}, True),
    ],
)
def test_a_form_is_taken_from_our_own_pages_only(headers: dict[str, str], taken: bool):
    request = RequestFactory().post("/", {}, headers=headers)
    if taken:
        assert form(request).content == b"taken"
    else:
        with pytest.raises(PermissionDenied):
            form(request)


def test_reading_is_free_to_all():
    assert form(RequestFactory().get("/", headers={"Sec-Fetch-Site": "cross-site"})).content == b"taken"


def test_a_secret_page_is_kept_by_nobody():
    response = secret_page(form)(RequestFactory().get("/"))
    assert {name: response[name] for name in ("Cache-Control", "X-Robots-Tag", "Referrer-Policy")} == {
        "Cache-Control": "no-store, private",
        "X-Robots-Tag": "noindex",
        "Referrer-Policy": "same-origin",
    }


TOKEN = "8fK2l0aM-fj39_dk20fk"


@pytest.mark.parametrize("formatter", [JSONFormatter(), LineFormatter("{message}", style="{")])
def test_secrets_are_masked_in_every_line_also_of_a_traceback(formatter: logging.Formatter):
    try:
        raise ValueError(f"Key (token)=({TOKEN}) already exists; asked for '/de/preview/{TOKEN}/?preview={TOKEN}'")
    except ValueError:
        failed = sys.exc_info()
    record = logging.LogRecord(
        "django.request", logging.ERROR, "", 0, "Internal Server Error: %s", (f"/de/preview/{TOKEN}/",), failed
    )
    said = formatter.format(record)
    assert TOKEN not in said
    assert "Internal Server Error: /de/preview/…/" in said
    assert "Key (token)=(…) already exists; asked for '/de/preview/…/?preview=…'" in said
    assert f'File "{__file__}"' in said.replace('\\"', '"')  # where it happened is no secret


def test_a_body_larger_than_its_form_is_refused_behind_any_server(client: Client):
    large = {"email": "x" * 70_000}
    response = client.post("/de/newsletter/", urlencode(large), content_type="application/x-www-form-urlencoded")
    assert response.status_code == 413
    assert "Das war zu groß" in response.text
