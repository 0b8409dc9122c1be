"""Five hundred buyers at once against a hundred places, over HTTP on the server that production runs."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import pytest
from django.db import connection

from tests.tickets.factories import make_event, make_product, make_quota, taken
from tickets import reserving
from tickets.models import Order, Position

pytestmark = pytest.mark.django_db(transaction=True)

HOST = "127.0.0.1"
PATIENCE = 90  # seconds; only catches a hang
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}


def database_url() -> str:
    """Of the database the tests use."""
    database = connection.settings_dict
    host = quote(database["HOST"], safe="")
    login = database["USER"] + (f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else "")
    return f"postgres://{login}@{host}:{database['PORT'] or 5432}/{database['NAME']}"


@dataclass
class Server:
    """granian with the site, which can be killed and comes again at the same port."""

    port: int
    processes: list[subprocess.Popen] = field(default_factory=list)

    def start(self) -> None:
        environment = {**os.environ, "DATABASE_URL": database_url(), "DEBUG": "1", "WEB_THREADS": "8"}
        environment |= {"PORT": str(self.port), "TRUSTED_PROXIES": "127.0.0.1/32", "LOG_LEVEL": "ERROR"}
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(self.port)]
        command += [
            "--workers",
            "1",
            "--blocking-threads",
            "8",
            "--no-ws",
            "--log-level",
            "error",
            "sccon.wsgi:application",
        ]
        self.processes.append(subprocess.Popen(command, env=environment, start_new_session=True))
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                with socket.create_connection((HOST, self.port), 0.2):
                    break
            except OSError:
                time.sleep(0.05)

    def kill(self) -> None:
        os.killpg(self.processes[-1].pid, signal.SIGKILL)
        self.processes[-1].wait()


@contextmanager
def serving() -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        server = Server(probe.getsockname()[1])
    server.start()
    try:
        yield server
    finally:
        server.kill()


class Buyer:
    """Chooses one ticket, fills in the form and orders, as a browser without JavaScript does."""

    def __init__(self, port: int, number: int, product: int):
        self.port, self.number, self.product = port, number, product
        self.cookies: dict[str, str] = {}
        self.statuses: list[int] = []

    def ask(self, method: str, path: str, typed: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, address it leads to, and text."""
        away = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        address = f"10.{self.number // 250}.{self.number % 250}.7"
        away.request(method, path, urlencode(typed or {}), {**FORM, "Cookie": cookies, "X-Forwarded-For": address})
        answer = away.getresponse()
        text = answer.read().decode()
        for name, value in re.findall(r"(\w+)=([^;]*)", "\n".join(answer.headers.get_all("Set-Cookie") or [])):
            if name in {"sessionid", "csrftoken"}:
                self.cookies[name] = value
        self.statuses.append(answer.status)
        away.close()
        return answer.status, answer.getheader("Location") or "", text

    def buy(self) -> str:
        status, to, text = self.ask("POST", "/de/tickets/cart/add/", {f"product-{self.product}": "1"})
        if status != 302:
            return "sold out" if status == 409 and ("Ausverkauft" in text or "sehr gefragt" in text) else f"{status}"
        token = self.token(self.ask("GET", to)[2])
        typed = {"name": f"Gast {self.number}", "email": f"gast{self.number}@example.org", "csrfmiddlewaretoken": token}
        _status, to, _text = self.ask("POST", "/de/tickets/checkout/", typed)
        page = self.ask("GET", to)[2]
        seen = dict(re.findall(r'name="(total|positions)" value="([^"]+)"', page))
        _status, to, _text = self.ask(
            "POST", "/de/tickets/checkout/place/", seen | {"csrfmiddlewaretoken": self.token(page)}
        )
        return "ordered" if "Ihre Tickets sind da" in self.ask("GET", to)[2] else "lost"

    def buy_stubbornly(self) -> str:
        """Tries again when the server dies, as people do; gives up when it is told that there is nothing left."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                return self.buy()
            except (OSError, http.client.HTTPException, IndexError):
                time.sleep(0.1)
        return "gave up"

    @staticmethod
    def token(page: str) -> str:
        return re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[0]


def test_five_hundred_buyers_a_hundred_places_sells_exactly_a_hundred():
    event = make_event()
    quota = make_quota(event, 100)
    product = make_product(event, quota, price="0.00")
    with serving() as server, ThreadPoolExecutor(64) as pool:
        buyers = [Buyer(server.port, number, product.pk) for number in range(500)]
        outcomes = Counter(pool.map(Buyer.buy, buyers))
    assert outcomes == {"ordered": 100, "sold out": 400}
    assert all(status < 500 for buyer in buyers for status in buyer.statuses)
    assert (Position.objects.count(), Order.objects.filter(status="paid").count()) == (100, 100)
    assert (taken(quota), reserving.recount()) == ([100], {})


def test_a_server_killed_again_and_again_loses_no_place_and_sells_none_twice():
    event = make_event()
    quota = make_quota(event, 40)
    product = make_product(event, quota, price="0.00")
    done = threading.Event()
    with serving() as server, ThreadPoolExecutor(24) as pool:

        def kill_now_and_then() -> None:
            for _time in range(5):
                if done.wait(1.2):
                    return
                server.kill()
                server.start()

        killer = threading.Thread(target=kill_now_and_then)
        killer.start()
        buyers = [Buyer(server.port, number, product.pk) for number in range(150)]
        outcomes = Counter(pool.map(Buyer.buy_stubbornly, buyers))
        done.set()
        killer.join(60)
    assert set(outcomes) <= {"ordered", "sold out"}
    assert all(status < 500 for buyer in buyers for status in buyer.statuses)
    assert Position.objects.live().count() == taken(quota)[0] <= 40
    assert outcomes["ordered"] <= Order.objects.filter(status="paid").count() <= 40
    assert reserving.recount() == {}
