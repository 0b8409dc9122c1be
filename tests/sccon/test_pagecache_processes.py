"""The page cache in two web processes, one of whose clocks is three seconds ahead and one as much behind. No worker."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from itertools import cycle
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from django.db.models import Sum
from psycopg import sql

from news.models import Article
from newsletter.issues.archive import path_of
from newsletter.models import ArchiveViews
from sccon.clock import database_now
from sccon.site.processes import web_server
from tests.factories import make_article, make_topic, publish
from tests.newsletter.issues.made import freeze, make_issue
from tests.processes import ROOT, database_url, free_port, kill, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("crowds")]

HOST = "site.test"


@dataclass(frozen=True)
class Answer:
    status: int
    tag: str | None
    text: str


@dataclass(frozen=True)
class Web:
    port: int

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        link = HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            link.request("GET", path, headers={"Host": HOST, **(headers or {})})
            response = link.getresponse()
            return Answer(response.status, response.headers["ETag"], response.read().decode())
        finally:
            link.close()

    def lives(self) -> bool:
        try:
            return self.get("/healthz").status == 200
        except OSError:
            return False


@pytest.fixture(scope="module")
def webs(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[Web]]:
    """Two web servers on the tests' database, each with a wrong clock."""
    with django_db_blocker.unblock():
        environment = os.environ | {"DATABASE_URL": database_url(), "SITE_URL": f"http://{HOST}", "LOG_LEVEL": "ERROR"}
    found, processes = [], []
    for off in ("3", "-3"):
        port = free_port()
        command = [*web_server("tests.sccon.skewed_rsgi:application", port=port), "--log-level", "error"]
        environment |= {"CLOCK_OFF": off}
        processes.append(subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True))
        found.append(Web(port))
    try:
        wait_until(lambda: all(web.lives() for web in found), "two web servers that answer")
        yield found
    finally:
        for process in processes:
            kill(process)


def test_a_planned_text_appears_on_all_pages_of_all_processes_in_the_same_instant(webs: list[Web]):
    topic = make_topic("Open Data", slug_de="offene-daten")
    publish(make_article("Schon da", topics=[topic]))
    secret, path = "Am achten Tag gebündelt", "/de/news/achter-tag/"
    pages = [
        path,
        "/de/news/",
        "/de/",
        "/de/news/topics/offene-daten/",
        "/de/news/feed.atom",
        "/sitemap-articles-de.xml",
        "/de/news/search/?q=Tag",
    ]
    started = time.monotonic()
    before = [web.get(page) for web in webs for page in pages[1:]]
    slowness = time.monotonic() - started
    article = make_article(secret, topics=[topic], slug_de="achter-tag")
    moment = database_now() + timedelta(seconds=4 + 10 * slowness)
    publish(article, at=moment)

    # Nothing can be found of it: not the page, no count, no link, and no page's tag is another than without it.
    planned = [web.get(path) for web in webs]
    assert planned == [web.get("/de/news/nirgends/") for web in webs]
    assert [answer.status for answer in planned] == [404, 404]
    assert [web.get(page) for web in webs for page in pages[1:]] == before
    assert database_now() < moment, "This machine was too slow for the test to see the time before"

    seen: list[bool] = []
    order = cycle([(web, page) for page in pages for web in webs])
    while not all(seen[-28:]) or len(seen) < 28:
        for _request in range(6):
            web, page = next(order)
            seen.append("/de/news/achter-tag/" in web.get(page).text)
        time.sleep(0.05)
        assert database_now() < moment + timedelta(seconds=60)
    assert seen == sorted(seen), "Once one page of one process showed it, all did"
    assert not seen[0]


def test_views_of_all_processes_are_counted_whether_from_memory_or_not(webs: list[Web]):
    edition = freeze(make_issue())["de"]
    opens = {"Sec-Fetch-Dest": "document", "User-Agent": "Mozilla/5.0 (X11; rv:145.0) Firefox/145.0"}
    for web in webs:
        wait_until(lambda web=web: web.get(path_of(edition)).status == 200, "told that the issue is in the archive")
        for _time in range(3):
            assert web.get(path_of(edition), opens).status == 200
    wait_until(lambda: ArchiveViews.objects.aggregate(sum=Sum("count"))["sum"] == 6, "six views are counted")


def test_a_second_after_each_of_a_hundred_publications_nobody_reads_an_older_text(webs: list[Web]):
    article = publish(make_article("Stand 0", slug_de="stand")).article
    for web in webs:
        wait_until(lambda web=web: web.get("/de/news/stand/").status == 200, "told that the text is public")
    committed: list[tuple[float, int]] = [(time.monotonic(), 0)]
    read: list[tuple[float, int]] = []

    def reading(web: Web) -> None:
        while committed[-1][1] < 100 or len(read) < 1000:
            asked = time.monotonic()
            found = re.search(r"<h1>Stand (\d+)", web.get("/de/news/stand/").text)
            assert found
            read.append((asked, int(found[1])))

    with ThreadPoolExecutor() as pool:
        readers = [pool.submit(reading, web) for web in webs]
        for number in range(1, 101):
            Article.objects.filter(pk=article.pk).update(title_de=f"Stand {number}")
            publish(article)
            committed.append((time.monotonic(), number))
        for reader in readers:
            reader.result()
    old = [
        (asked, shown)
        for asked, shown in read
        if shown < max((number for moment, number in committed if moment <= asked - 1), default=0)
    ]
    assert (len(read) >= 1000, old) == (True, [])


def test_without_a_database_pages_are_read_from_memory_but_not_past_their_end(webs: list[Web]):
    started = time.monotonic()
    publish(make_article("Vorher", slug_de="vorher"))
    wait_until(lambda: webs[0].get("/de/news/vorher/").status == 200, "told that a text is public")
    slowness = time.monotonic() - started
    until = database_now() + timedelta(seconds=4 + 10 * slowness)
    publish(make_article("Befristet", slug_de="befristet"), until=until)
    wait_until(lambda: webs[0].get("/de/news/befristet/").status == 200, "told that the text is public")
    read: list[tuple[float, Answer]] = []

    def reading() -> None:
        while time.time() < until.timestamp() + 3:
            asked = time.time()
            read.append((asked, webs[0].get("/de/news/befristet/")))
            time.sleep(0.02)

    connections.close_all()
    stopped = time.time()
    with _database_closed(), ThreadPoolExecutor() as pool:
        for reader in [pool.submit(reading) for _reader in range(3)]:
            reader.result()
    shown = [asked for asked, answer in read if "Befristet" in answer.text]
    assert len([asked for asked in shown if asked > stopped]) > 10
    assert max(shown) < until.timestamp()
    assert {answer.status for _asked, answer in read} == {200, 503}
    wait_until(lambda: webs[0].get("/de/news/befristet/").status == 410, "told that the text has ended")


class _database_closed:
    """Nobody gets a connection to the tests' database, and those that are open end."""

    def __init__(self) -> None:
        self.name = connection.settings_dict["NAME"]

    def __enter__(self) -> None:
        self._allow(False)

    def __exit__(self, *error: object) -> None:
        self._allow(True)
        # This process's pool has found every attempt refused, and waits longer and longer before the next.
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]

    def _allow(self, yes: bool) -> None:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
            statement = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
            other.execute(statement.format(sql.Identifier(self.name), sql.Literal(yes)))
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [self.name])
