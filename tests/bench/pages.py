"""What public pages cost: from the page cache, rendered, after a change, and in memory.

Rates are taken in turns with that of a bare Django view, so that the ratios hold wherever the bench runs.
"""

import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import psycopg

from tests.bench.load import counting, wrk
from tests.bench.sites import Server

SECONDS, ROUNDS = 2, 3
ARTICLE, OVERVIEW, SEARCH = "/de/news/bench-7/", "/de/news/", "/de/news/search/?q=Vorspann"
NEW_SEARCH = f"{SEARCH}+-wN"  # for a word that all have, without one that none has
CHANGES = 10


@dataclass(frozen=True)
class Measured:
    """A page under load, and the part of the bare view's rate that it should reach. N in its address is a number of
    each request's own."""

    name: str
    address: str
    target: float | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def rate(self, seconds: int) -> float:
        script = counting(urlsplit(self.address)._replace(scheme="", netloc="").geturl()) if "N" in self.address else ""
        return wrk(self.address.replace("N", "0"), seconds=seconds, headers=self.headers, script=script)


def rates(small: Server, large: Server, cached: Server) -> None:
    """Pages a second: `small` and `large` render each, `cached` answers from memory."""
    bare = Measured("bare Django view", f"{cached.address}/bare/")
    pages = [
        bare,
        Measured("article from the cache", cached.address + ARTICLE, 1.2),
        Measured("the same, gzip", cached.address + ARTICLE, 1.2, {"Accept-Encoding": "gzip"}),
        Measured("article rendered, 200 articles", small.address + ARTICLE, 0.025),
        Measured("article rendered, 20,000", large.address + ARTICLE, 0.025),
        Measured("overview rendered, 200 articles", small.address + OVERVIEW, 0.02),
        Measured("overview rendered, 20,000", large.address + OVERVIEW, 0.02),
        Measured("search, a word that all 20,000 have", large.address + NEW_SEARCH, 0.008),
        Measured("the same search again", large.address + SEARCH, 0.008),
    ]
    for page in pages[1:]:
        page.rate(seconds=1)  # the processes have read their code and templates
    # In turns: what else this machine does meanwhile slows all of them down alike.
    rounds = [[page.rate(SECONDS) for page in pages] for _ in range(ROUNDS)]
    for page, ratio, rate in zip(
        pages, _ratios(rounds), map(statistics.median, zip(*rounds, strict=True)), strict=True
    ):
        target = f"   target {page.target}" if page.target else ""
        print(f"{page.name:<36}{rate:8.0f} a second   {ratio:.3f} of bare{target}")


def _ratios(rounds: Sequence[Sequence[float]]) -> list[float]:
    """Each page's rate to that of the first page in the same round, the median over the rounds."""
    return [statistics.median(round[n] / round[0] for round in rounds) for n in range(len(rounds[0]))]


def changes(cached: Server) -> None:
    """How often a page is rendered when something changes while many ask for it."""
    ended = threading.Event()
    asked: list[float] = []

    def ask() -> None:
        while not ended.is_set():
            asked.append(wrk(cached.address + ARTICLE, seconds=1))

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(1)
    before = _renders(cached)
    with psycopg.connect(cached.database, autocommit=True) as connection:
        for number in range(CHANGES):
            connection.execute("UPDATE news_topic SET description_de = %s", [f"Änderung {number}"])
            time.sleep(0.5)
    ended.set()
    asking.join()
    each = (_renders(cached) - before) / CHANGES / 2
    print(
        f"renders of a page after a change, in each of two processes at {statistics.mean(asked):.0f} requests a second:"
    )
    print(f"{'':<34}{each:8.1f}                           target 1")


def _renders(cached: Server) -> int:
    return cached.renders.stat().st_size


def memory(cached: Server) -> None:
    """What two processes grow by under 100,000 different query strings."""
    before, renders = cached.memory(), _renders(cached)
    rate = wrk(cached.address, seconds=1, script=counting(f"{OVERVIEW}?n=N"))
    wrk(cached.address, seconds=max(1, round(100_000 / rate)), script=counting(f"{OVERVIEW}?page=1&utm=N"))
    print(
        f"memory after 100,000 query strings: {cached.memory() - before:+.1f} MB, {_renders(cached) - renders} renders"
    )
