"""The shipped configurations of proxies: valid, and what they do in front of the real `serve`."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from news.models import PublicationAttachment
from tests.conftest import unavailable
from tests.factories import make_article, publish
from tests.processes import ROOT, database_url, free_port, wait_until
from tests.serving import Answer, Served, answer_on, serving

# They serve one directory of static files, which only one process may collect.
pytestmark = pytest.mark.xdist_group("serve")

FILE = "AAAAAAAAAAAAAAAAAAAAAA/programm.pdf"
TOKEN = "8fK2l0aMfj39dk20fkXwQ1"


def nginx() -> str:
    return shutil.which("nginx") or unavailable(
        "nginx is missing: install it (on Debian: apt-get install nginx-light)."
    )


@dataclass(frozen=True)
class Proxied(Served):
    """The site behind the proxy: its port is the proxy's."""

    access_log: Path

    def answers(self) -> bool:
        try:
            return self.get("/healthz").status == 200
        except OSError:
            return False


def for_this_machine(directory: Path, *, port: int, upstream: int, media: Path) -> Path:
    """deploy/nginx.conf as someone sets it up: without TLS, at other ports and paths."""
    text = (ROOT / "deploy/nginx.conf").read_text()
    text = re.sub(r"server \{\s+listen 80;.*?\n\}\n", "", text, flags=re.DOTALL)
    for wrong, right in {
        "listen 443 ssl http2;": f"listen 127.0.0.1:{port};",
        "ssl_certificate /etc/ssl/sccon/fullchain.pem;": "",
        "ssl_certificate_key /etc/ssl/sccon/privkey.pem;": "",
        "127.0.0.1:8000": f"127.0.0.1:{upstream}",
        "www.example.org": "127.0.0.1",
        "proxy_set_header Host $host;": "proxy_set_header Host $http_host;",  # with the port, which is not 443
        "/var/log/nginx": str(directory),
        "/srv/sccon/.media/": f"{media}/",
    }.items():
        assert wrong in text, wrong
        text = text.replace(wrong, right)
    whole = directory / "nginx.conf"
    paths = "".join(
        f"{kind}_temp_path {directory}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole.write_text(
        f"user root; daemon off; pid {directory}/nginx.pid; error_log {directory}/start.log;"
        f"events {{}} http {{ types {{}} {paths} {text} }}"
    )
    return whole


@pytest.fixture(scope="module")
def proxied(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxied]:
    program, port, directory = nginx(), free_port(), tmp_path_factory.mktemp("nginx")
    with django_db_blocker.unblock():
        url = database_url()
    address = f"http://127.0.0.1:{port}"
    with serving(
        url, directory, SITE_URL=address, MEDIA_BY_PROXY="x-accel-redirect", TRUSTED_PROXIES="127.0.0.1/32"
    ) as site:
        configuration = for_this_machine(directory, port=port, upstream=site.port, media=directory / "media")
        subprocess.run([program, "-t", "-c", str(configuration)], check=True, capture_output=True)
        process = subprocess.Popen([program, "-c", str(configuration)])
        found = Proxied(port, site.process, site.log, directory / "sccon.log")
        try:
            wait_until(found.answers, "answering through nginx")
            yield found
        finally:
            process.terminate()
            process.wait(20)


def requests_logged(site: Proxied) -> str:
    time.sleep(0.2)
    return site.access_log.read_text()


@pytest.mark.django_db(transaction=True)
def test_a_media_file_is_sent_by_nginx_with_the_sites_headers(proxied: Proxied, settings: Any):
    settings.MEDIA_ROOT = str(proxied.log.parent / "media")
    default_storage.save(FILE, ContentFile(b"%PDF-1.7"))
    with transaction.atomic():
        publication = publish(make_article("Programm", slug_de="programm"))
        PublicationAttachment.objects.create(publication=publication, file=FILE, title="Programm", size=8)
    answer = proxied.get(f"/media/{FILE}")
    assert (answer.status, answer.text) == (200, "%PDF-1.7")
    told = {name.lower(): value for name, value in answer.headers.items()}
    assert told["content-type"] == "application/pdf"
    assert told["content-security-policy"] == "default-src 'none'; sandbox"
    assert told["content-disposition"] == 'attachment; filename="programm.pdf"'
    assert "x-accel-redirect" not in told
    assert proxied.get(f"/protected-media/{FILE}").status == 404, "Nobody gets past the site"
    assert proxied.get(f"/media/{FILE}", **{"If-None-Match": told["etag"]}).status == 304


@pytest.mark.django_db(transaction=True)
def test_a_form_that_comes_slowly_occupies_nobody(proxied: Proxied):
    head = "POST /de/newsletter/ HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 500"
    lines = [proxied.line(head, b"email=ada") for _number in range(16)]
    assert proxied.get("/de/newsletter/").status == 200
    assert proxied.get("/healthz").status == 200
    for line in lines:
        line.close()


def test_a_large_form_is_refused_at_the_door(proxied: Proxied):
    head = "POST /de/newsletter/ HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 120000000"
    line: socket.socket = proxied.line(head)
    assert answer_on(line).status == 413


def test_what_a_visitor_forges_changes_nothing(proxied: Proxied):
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "203.0.113.9"}
    answer: Answer = proxied.get("/de/newsletter/", **forged)
    assert answer.status == 200
    assert "evil.example" not in answer.text


def test_probes_are_not_for_the_world(proxied: Proxied):
    assert [proxied.get(path).status for path in ("/readyz", "/metrics")] == [404, 404]


def test_no_secret_is_in_the_access_log(proxied: Proxied):
    for path in (
        f"/de/newsletter/unsubscribe/{TOKEN}/",
        f"/de/tickets/orders/AB12CD/{TOKEN}/pay",
        f"/de/news/?preview={TOKEN}",
    ):
        proxied.get(path)
    logged = requests_logged(proxied)
    assert TOKEN not in logged
    assert "/de/newsletter/unsubscribe/.../" in logged
    assert "/de/tickets/orders/AB12CD/.../pay" in logged


def test_caddys_configuration_is_valid():
    caddy = shutil.which("caddy") or unavailable("caddy is missing: install it (on Debian: apt-get install caddy).")
    command = [caddy, "validate", "--adapter", "caddyfile", "--config", str(ROOT / "deploy/Caddyfile")]
    said = subprocess.run(command, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
