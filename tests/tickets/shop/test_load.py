"""Five hundred buyers at once against a hundred places, over HTTP on the server that production runs."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection

from tests.own_postgres import own_postgres
from tests.processes import database_url, free_port
from tests.tickets.factories import let_expire, make_event, make_product, make_quota, taken
from tickets.models import Order, Position
from tickets.orders import expiring, reserving

pytestmark = pytest.mark.xdist_group("crowds")

HOST = "127.0.0.1"
PATIENCE = 300  # seconds; only catches a hang
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
BUYERS, PLACES = 500, 100
KILLS, ANSWERS_BETWEEN_KILLS = 20, 30


class Server:
    """granian with the site, which can be killed and comes again at the same port."""

    def __init__(self, url: str):
        self.port = free_port()
        environment = {**os.environ, "DATABASE_URL": url, "DEBUG": "1", "WEB_THREADS": "8"}
        environment |= {"PORT": str(self.port), "TRUSTED_PROXIES": "127.0.0.1/32", "LOG_LEVEL": "CRITICAL"}
        self.starter = subprocess.Popen(
            [sys.executable, "-m", "tests.tickets.server", str(self.port)],
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def start(self) -> None:
        assert self.starter.stdin
        assert self.starter.stdout
        self.starter.stdin.write("\n")
        self.starter.stdin.flush()
        self.pid = int(self.starter.stdout.readline())
        until(self._answers)

    def _answers(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), 0.2):
                return True
        except OSError:
            return False

    def kill(self) -> None:
        """As the kernel does it when memory runs out: no farewell."""
        os.killpg(self.pid, signal.SIGKILL)
        until(lambda: not self._answers())


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def serving(url: str) -> Iterator[Server]:
    server = Server(url)
    try:
        server.start()
        yield server
    finally:
        server.starter.stdin.close()
        server.starter.wait(10)
        server.starter.stdout.close()


class Buyer:
    """Chooses one ticket, fills in the form and orders, as a browser without JavaScript does."""

    def __init__(self, port: int, number: int, product: int):
        self.port, self.number, self.product = port, number, product
        self.cookies: dict[str, str] = {}
        self.statuses: list[tuple[float, int]] = []  # each with the time of its answer

    def ask(self, method: str, path: str, typed: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, address it leads to, and text."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        address = f"10.{self.number // 250}.{self.number % 250}.7"
        with closing(http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE)) as away:
            away.request(method, path, urlencode(typed or {}), {**FORM, "Cookie": cookies, "X-Forwarded-For": address})
            answer = away.getresponse()
            text = answer.read().decode()
        for name, value in re.findall(r"(\w+)=([^;]*)", "\n".join(answer.headers.get_all("Set-Cookie") or [])):
            if name in {"sessionid", "csrftoken"}:
                self.cookies[name] = value
        self.statuses.append((time.monotonic(), answer.status))
        return answer.status, answer.getheader("Location") or "", text

    def buy(self) -> str:
        if "sessionid" not in self.cookies:  # else this buyer was cut off, and goes on with the same cart
            status, _to, text = self.ask("POST", "/de/tickets/cart/add/", {f"product-{self.product}": "1"})
            if status == 409 and "sehr gefragt" in text:  # the machine is busy, too: this buyer tries again
                return self.buy()
            if status != 302:
                return "sold out" if status == 409 and "Ausverkauft" in text else f"{status}"
        status, to, page = self.ask("GET", "/de/tickets/checkout/")
        if status == 302:  # ordered, only the answer was lost
            return self.look(to)
        token = self.token(page)
        typed = {"name": f"Gast {self.number}", "email": f"gast{self.number}@example.org", "csrfmiddlewaretoken": token}
        _status, to, _text = self.ask("POST", "/de/tickets/checkout/", typed)
        page = self.ask("GET", to)[2]
        seen = dict(re.findall(r'name="(total|positions)" value="([^"]+)"', page))
        _status, to, _text = self.ask(
            "POST", "/de/tickets/checkout/place/", seen | {"csrfmiddlewaretoken": self.token(page)}
        )
        return self.look(to)

    def look(self, order: str) -> str:
        return "ordered" if "Ein Klick fehlt noch" in self.ask("GET", order)[2] else "lost"

    def buy_stubbornly(self) -> str:
        """Tries again when the server or its database is away, as people do, until there is a clear answer."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if (outcome := self.buy()) in {"ordered", "sold out"}:
                    return outcome
            except (OSError, http.client.HTTPException, IndexError):
                pass
            time.sleep(0.1)
        return "gave up"

    @staticmethod
    def token(page: str) -> str:
        return re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[0]


@pytest.mark.django_db(transaction=True)
def test_five_hundred_buyers_a_hundred_places_sells_exactly_a_hundred():
    event = make_event()
    quota = make_quota(event, PLACES)
    product = make_product(event, quota, price="0.00")
    with serving(database_url()) as server, ThreadPoolExecutor(64) as pool:
        buyers = [Buyer(server.port, number, product.pk) for number in range(BUYERS)]
        outcomes = Counter(pool.map(Buyer.buy, buyers))
    assert outcomes == {"ordered": PLACES, "sold out": BUYERS - PLACES}
    assert all(status < 500 for buyer in buyers for _at, status in buyer.statuses)
    assert (Position.objects.count(), Order.objects.filter(status="pending").count()) == (PLACES, PLACES)
    assert (taken(quota), reserving.recount()) == ([PLACES], {})


def test_a_server_killed_twenty_times_and_a_crashed_database_lose_no_place_and_sell_none_twice(django_db_blocker: Any):
    with django_db_blocker.unblock(), own_postgres() as database:
        event = make_event()
        quota = make_quota(event, PLACES)
        product = make_product(event, quota, price="0.00")
        connection.close()  # it would not outlive the crash
        with serving(database.url) as server, ThreadPoolExecutor(24) as pool:
            buyers = [Buyer(server.port, number, product.pk) for number in range(BUYERS)]
            answers = [pool.submit(buyer.buy_stubbornly) for buyer in buyers]
            for kill in range(KILLS):
                # Spread over the sale by what was answered, not by the clock: there are more than a thousand answers.
                until(lambda kill=kill: sum(len(buyer.statuses) for buyer in buyers) >= kill * ANSWERS_BETWEEN_KILLS)
                if kill == KILLS // 2:
                    crashed_at = time.monotonic()
                    database.end(signal.SIGQUIT)
                    database.start()
                server.kill()
                server.start()
            outcomes = Counter(answer.result() for answer in answers)
        assert set(outcomes) == {"ordered", "sold out"}
        assert all(status < 500 for buyer in buyers for at, status in buyer.statuses if at < crashed_at)
        # Whoever was told that all is sold was told the truth: the rest is in the carts of those who were cut off.
        assert Position.objects.live().count() == PLACES
        assert (taken(quota), reserving.recount()) == ([PLACES], {})
        left = Order.objects.filter(status="cart")
        let_expire(*left)
        while expiring.expire_overdue():
            pass
        sold = Order.objects.filter(status="pending").count()
        assert outcomes["ordered"] == sold <= PLACES
        assert (taken(quota), reserving.recount()) == ([sold], {})
