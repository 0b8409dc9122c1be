"""`./dev serve` among strangers: slow and large, odd methods, and parts of it that die."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from news.models import PublicationAttachment
from tests.factories import make_article, publish
from tests.processes import database_url, wait_until
from tests.serving import Served, answer_on, serving

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("serve")]

FORM = "application/x-www-form-urlencoded"
SIGN_UP, ONE_CLICK = "/de/newsletter/", "/de/newsletter/unsubscribe/{token}/"
FILE = "AAAAAAAAAAAAAAAAAAAAAA/programm.pdf"
PDF = b"%PDF-1.7" + bytes(8 * 1024 * 1024)


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with django_db_blocker.unblock():
        url = database_url()
    with serving(url, tmp_path_factory.mktemp("serve")) as served:
        yield served


@pytest.fixture(autouse=True)
def same_files(site: Served, settings: Any) -> None:
    settings.MEDIA_ROOT = str(site.log.parent / "media")


def half_sent_form(site: Served) -> socket.socket:
    return site.line(f"POST {SIGN_UP} HTTP/1.1\nContent-Type: {FORM}\nContent-Length: 500", b"email=ada")


def test_sixteen_half_sent_forms_hold_up_nobody(site: Served):
    lines = [half_sent_form(site) for _number in range(16)]
    assert site.get("/de/news/search/?q=Rathaus").status == 200
    assert site.get("/healthz").text == "alive\n"
    # Each of them is told so in the end.
    assert {answer_on(line).status for line in lines} == {408}
    for line in lines:
        line.close()


def test_twelve_slow_downloads_hold_up_nobody(site: Served):
    default_storage.save(FILE, ContentFile(PDF))
    with transaction.atomic():
        publication = publish(make_article("Programm", slug_de="programm"))
        PublicationAttachment.objects.create(publication=publication, file=FILE, title="Programm", size=len(PDF))
    lines = [site.line(f"GET /media/{FILE} HTTP/1.1", buffer=4096) for _number in range(12)]
    heads = [line.recv(12) for line in lines]  # each has begun
    assert site.get("/de/news/search/?q=Rathaus").status == 200
    assert site.get("/healthz").text == "alive\n"
    assert heads == [b"HTTP/1.1 200"] * 12
    got = 0
    while chunk := lines[0].recv(1024 * 1024):
        got += len(chunk)
        if got > len(PDF):
            break
    assert got > len(PDF)  # and with patience, the file is there
    for line in lines:
        line.close()


def test_what_is_too_large_for_a_form_is_refused_before_it_comes(site: Served):
    line = site.line(f"POST {SIGN_UP} HTTP/1.1\nContent-Type: {FORM}\nContent-Length: {120 * 1024 * 1024}")
    refused = answer_on(line)
    assert refused.status == 413
    assert "Das war zu groß" in refused.text


@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x"])
def test_a_body_without_a_length_is_counted_as_it_comes(site: Served, kind: str):
    head = f"POST {ONE_CLICK.format(token='x')} HTTP/1.1\nContent-Type: {kind}\nTransfer-Encoding: chunked"
    line = site.line(head, b"1000\r\n" + b"a" * 4096 + b"\r\n" + b"1001\r\n" + b"a" * 4097 + b"\r\n")
    assert answer_on(line).status == 413  # though it was not at its end


def test_a_stranger_uploads_nothing_into_the_admin(site: Served):
    head = "POST /admin/news/image/upload/ HTTP/1.1\nContent-Type: multipart/form-data; boundary=x\nContent-Length: 9000000"
    line = site.line(f"{head}\nCookie: sessionid={'a' * 40}")
    assert answer_on(line).status == 413


def test_files_are_taken_only_where_they_are_asked_for(site: Served):
    body = b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\nada@example.org\r\n--x--\r\n'
    refused = site.send("POST", SIGN_UP, body, {"Content-Type": "multipart/form-data; boundary=x"})
    assert refused.status == 415
    assert "Dieses Formular nimmt keine Dateien" in refused.text


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b"List-Unsubscribe=One-Click"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
        ),
    ],
)
def test_one_click_may_be_posted_either_way(site: Served, kind: str, body: bytes):
    answer = site.send("POST", ONE_CLICK.format(token="unknown"), body, {"Content-Type": kind})
    assert answer.status == 410  # the link is over, which the view says


def test_a_form_that_breaks_off_is_not_a_form(site: Served):
    requests_before = site.log.read_text().count("POST")
    head = f"POST {SIGN_UP} HTTP/1.1\nContent-Type: {FORM}\nTransfer-Encoding: chunked"
    site.line(head, b"16\r\nemail=ada@example.org&").close()
    half_sent_form(site).close()
    assert site.get("/healthz").status == 200
    time.sleep(1)
    assert site.log.read_text().count("POST") == requests_before


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT", "DELETE", "PATCH", "BREW"])
def test_other_methods_are_not_allowed(site: Served, method: str):
    answer = site.get(SIGN_UP, method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, POST")


def test_options_at_the_one_click_address_has_no_content(site: Served):
    answer = site.get(ONE_CLICK.format(token="x"), "OPTIONS")
    assert (answer.status, answer.text) == (204, "")


@pytest.mark.parametrize("host", ["evil.example", "//[x", "a b", "[", ""])
@pytest.mark.parametrize("path", ["/de/", "/de/newsletter/", "/admin/login/"])
def test_an_odd_host_is_a_bad_request_and_one_line_in_the_log(site: Served, host: str, path: str):
    before = len(site.log.read_text().splitlines())
    line = socket.create_connection(("127.0.0.1", site.port), timeout=60)
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert answer_on(line).status == 400
    assert site.get("/healthz").status == 200
    new = site.log.read_text().splitlines()[before:]
    assert not [entry for entry in new if "traceback" in entry or "ERROR" in entry]


def test_a_header_with_an_underscore_passes_for_no_proxys(site: Served):
    answer = site.get("/de/newsletter/", X_Forwarded_Host="evil.example")
    assert answer.status == 200


def test_static_files_come_whole_and_with_their_headers(site: Served):
    page = site.get("/de/newsletter/").text
    style = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = site.get(style)
    assert answer.status == 200
    assert int(answer.headers["content-length"]) == len(answer.text.encode())
    assert "immutable" in answer.headers["cache-control"]


def test_whichever_process_is_killed_the_site_is_served_again(site: Served, tmp_path: Path):
    granian, worker = site.children("granian", "--port")[0], site.children("manage.py", "worker")[0]
    site.kill(worker)
    wait_until(lambda: "The worker was ended by SIGKILL" in site.log.read_text(), "said that the worker died")
    assert site.get("/healthz").status == 200
    wait_until(lambda: set(site.children("manage.py", "worker")) - {worker}, "a worker again")

    web = [pid for pid in site.children("spawn_main") or site.children("granian") if pid != granian]
    site.kill(web[0])
    wait_until(site.answers, "answering after a web process died")

    site.kill(granian)
    wait_until(lambda: "The web server was ended by SIGKILL" in site.log.read_text(), "said that the web server died")
    wait_until(site.answers, "answering after the web server died")
    assert site.get("/de/newsletter/").status == 200
