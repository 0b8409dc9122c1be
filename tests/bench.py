"""`./dev bench`: how many requests a second the pages serve, beside a bare Django view on the same server.

All figures come from one run, measured in turns with wrk on this machine, so that the ratios hold wherever it runs.
"""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import psycopg

from sccon.site.processes import end
from tests import bench_tickets, production
from tests.processes import free_port

ROOT = Path(__file__).resolve().parent.parent
CONNECTIONS, SECONDS, ROUNDS = 8, 3, 3
ARTICLE = "/de/news/bench-1/"
OVERVIEW = "/de/news/"

# Articles of the usual length with three topics each, one a day into the past; public since now.
FILL = """
    INSERT INTO news_topic (name_de, name_en, slug_de, slug_en, accent)
    SELECT 'Thema ' || n, 'Topic ' || n, 'thema-' || n, 'topic-' || n, 'violet' FROM generate_series(1, 12) n;
    INSERT INTO news_article (kind, title_de, slug_de, image_position, version, created_at, saved_at)
    SELECT 'news', 'Titel ' || n, 'bench-' || n, 'top', 1, now(), now() FROM generate_series(1, %(articles)s::int) n;
    INSERT INTO news_publication (article_id, language, kind, path, title, lead, body, seo_title, seo_description,
        notice, image_position, visible, first_published_at)
    SELECT id, 'de', 'news', 'news/' || slug_de, 'Ein Titel von üblicher Länge, Nummer ' || slug_de,
        repeat('Der Vorspann sagt, worum es geht. ', 6), repeat('<p>' || repeat('Wörter eines Absatzes. ', 25) || '</p>', 8),
        '', '', '', 'top', tstzrange(clock_timestamp(), NULL), now() - substr(slug_de, 7)::int * interval '6 hours'
    FROM news_article;
    INSERT INTO news_publicationtopic (publication_id, topic_id, position)
    SELECT p.id, t.id, t.rank FROM news_publication p
    JOIN news_article a ON a.id = p.article_id
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS rank FROM news_topic) t ON (p.id + t.rank) %% 4 = 0;
"""


def main() -> None:
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: install it (on Debian: apt-get install wrk) and call ./dev bench again.")
    with site(articles=100) as small, site(articles=10_000) as large:
        pages = {
            "bare Django view": f"{large}/bare/",
            "article, 10,000 others": large + ARTICLE,
            "overview, 100 articles": small + OVERVIEW,
            "overview, 10,000": large + OVERVIEW,
        }
        # In turns: what else this machine does meanwhile slows all of them down alike.
        rounds = [{name: wrk(address) for name, address in pages.items()} for _ in range(ROUNDS)]
        name = name_of(urlsplit(small).port)
        bench_tickets.measure(small, urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl())
    rates = {name: statistics.median(rates[name] for rates in rounds) for name in pages}
    for name, rate in rates.items():
        print(f"{name:<24}{rate:8.0f} requests/s   {rate / rates['bare Django view']:.3f} of bare")
    slower = rates["overview, 100 articles"] / rates["overview, 10,000"]
    print(f"overview: with 10,000 articles it takes {slower:.2f} × its time with 100")


@contextmanager
def site(*, articles: int) -> Iterator[str]:
    """The address of a server as `./dev serve` starts it, on a database of its own with so many articles."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with database(name_of(port)) as url, tempfile.TemporaryDirectory() as static:
        environment = os.environ | production.SETTINGS
        environment |= {"DATABASE_URL": url, "SITE_URL": address, "STATIC_ROOT": static, "LOG_LEVEL": "ERROR"}
        for command in (["migrate", "--verbosity", "0"], ["collectstatic", "--no-input", "--verbosity", "0"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
        fill(url, articles)
        command = [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "2"),
            *("--blocking-threads", "4", "--no-ws", "--log-level", "error", "tests.bench_wsgi:application"),
        ]
        server = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
        try:
            wait_for(address + OVERVIEW)
            yield address
        finally:
            end([server])


def name_of(port: int | None) -> str:
    """What the database of the server at this port is called."""
    return f"bench_{port}_{os.getpid()}"


@contextmanager
def database(name: str) -> Iterator[str]:
    """A database of the bench's own beside the one of DATABASE_URL; gone afterwards."""
    given = os.environ["DATABASE_URL"]
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(given)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def fill(url: str, articles: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        with connection.transaction():
            for statement in FILL.split(";")[:-1]:
                connection.execute(statement, {"articles": articles})
        connection.execute("VACUUM ANALYZE")


def wait_for(address: str) -> None:
    for _attempt in range(200):
        try:
            with urlopen(address) as answer:
                answer.read()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{address} does not answer.")


def wrk(address: str) -> float:
    """Requests a second."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", address]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if rate is None or "Non-2xx" in said:
        sys.exit(f"{address} failed under load:\n{said}")
    return float(rate[1])


if __name__ == "__main__":
    main()
