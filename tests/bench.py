"""`./dev bench`: how many requests a second the pages serve, beside a bare Django view on the same server.

All figures come from one run, measured in turns with wrk on this machine, so that the ratios hold wherever it runs.
"""

import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import psycopg

from sccon.site.processes import end
from tests import production

ROOT = Path(__file__).resolve().parent.parent
PORT = 8901
SITE = f"http://127.0.0.1:{PORT}"
CONNECTIONS, SECONDS, ROUNDS = 8, 3, 3
ARTICLE = "/de/news/bench-1/"
OVERVIEW = "/de/news/"

# Articles of the usual length with three topics each, one a day into the past; public since now.
FILL = """
    INSERT INTO news_topic (name_de, name_en, slug_de, slug_en, accent)
    SELECT 'Thema ' || n, 'Topic ' || n, 'thema-' || n, 'topic-' || n, 'violet' FROM generate_series(1, 12) n
    WHERE NOT EXISTS (SELECT FROM news_topic);
    INSERT INTO news_article (kind, title_de, slug_de, image_position, version, created_at, saved_at)
    SELECT 'news', 'Titel ' || n, 'bench-' || n, 'top', 1, now(), now() FROM generate_series(%(first)s::int, %(last)s::int) n;
    INSERT INTO news_publication (article_id, language, kind, path, title, lead, body, seo_title, seo_description,
        notice, image_position, visible, first_published_at)
    SELECT id, 'de', 'news', 'news/' || slug_de, 'Ein Titel von üblicher Länge, Nummer ' || slug_de,
        repeat('Der Vorspann sagt, worum es geht. ', 6), repeat('<p>' || repeat('Wörter eines Absatzes. ', 25) || '</p>', 8),
        '', '', '', 'top', tstzrange(clock_timestamp(), NULL), now() - substr(slug_de, 7)::int * interval '6 hours'
    FROM news_article WHERE substr(slug_de, 7)::int >= %(first)s;
    INSERT INTO news_publicationtopic (publication_id, topic_id, position)
    SELECT p.id, t.id, t.rank FROM news_publication p
    JOIN news_article a ON a.id = p.article_id AND substr(a.slug_de, 7)::int >= %(first)s
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS rank FROM news_topic) t ON (p.id + t.rank) %% 4 = 0;
"""


def main() -> None:
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: install it (on Debian: apt-get install wrk) and call ./dev bench again.")
    with database() as url:
        environment = os.environ | production.SETTINGS
        environment |= {"DATABASE_URL": url, "SITE_URL": SITE, "LOG_LEVEL": "ERROR"}
        for command in (["migrate", "--verbosity", "0"], ["collectstatic", "--no-input", "--verbosity", "0"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
        fill(url, 1, 100)
        small = measure(environment, [OVERVIEW])
        fill(url, 101, 10_000)
        rates = measure(environment, ["/bare/", ARTICLE, OVERVIEW])
    bare = rates["/bare/"]
    print(f"bare Django view       {bare:8.0f} requests/s")
    print(f"article, 10,000 others {rates[ARTICLE]:8.0f} requests/s   {rates[ARTICLE] / bare:.3f} of bare")
    print(f"overview, 100 articles {small[OVERVIEW]:8.0f} requests/s   {small[OVERVIEW] / bare:.3f} of bare")
    print(f"overview, 10,000       {rates[OVERVIEW]:8.0f} requests/s   {rates[OVERVIEW] / bare:.3f} of bare")
    print(f"overview: with 10,000 articles it takes {small[OVERVIEW] / rates[OVERVIEW]:.2f} × its time with 100")


@contextmanager
def database() -> Iterator[str]:
    """A database of the bench's own beside the one of DATABASE_URL; gone afterwards."""
    given = os.environ["DATABASE_URL"]
    name = f"bench_{os.getpid()}"
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(given)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def fill(url: str, first: int, last: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        with connection.transaction():
            for statement in FILL.split(";")[:-1]:
                connection.execute(statement, {"first": first, "last": last})
        connection.execute("ANALYZE")


def measure(environment: dict[str, str], paths: list[str]) -> dict[str, float]:
    """Requests a second for each of `paths`: the median of some rounds, in which they take turns."""
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(PORT), "--workers", "2"),
        *("--blocking-threads", "4", "--no-ws", "--log-level", "error", "tests.bench_wsgi:application"),
    ]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        for path in paths:
            wait_for(path)
        rounds = [{path: wrk(path) for path in paths} for _ in range(ROUNDS)]
    finally:
        end([server])
    return {path: statistics.median(rates[path] for rates in rounds) for path in paths}


def wait_for(path: str) -> None:
    for _attempt in range(100):
        try:
            with urlopen(SITE + path) as answer:
                answer.read()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{SITE}{path} does not answer.")


def wrk(path: str) -> float:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", SITE + path]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if rate is None or "Non-2xx" in said:
        sys.exit(f"{path} failed under load:\n{said}")
    return float(rate[1])


if __name__ == "__main__":
    main()
