"""How often the archive's pages are opened: a number per edition and day, and nothing about who opened them.

The page cache answers most requests before any view runs, so it tells `count`, which adds one in this process's memory.
A few seconds later a thread adds what came to the database's numbers, in one statement. A process that is killed loses
those seconds.

A view is a GET by which a browser opens the page itself, as it says of itself (`Sec-Fetch-Dest: document`). No cookie,
address or name is looked at; so a reader who comes back counts again. Not counted are feeds and programs, which say
nothing; what is fetched in advance; who calls itself a machine; and browsers from before 2023 that do not say what they
open.
"""

import logging
import threading
from collections import Counter
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest

from sccon.outage import is_outage

EVERY = 5.0  # seconds
MACHINES = ("bot", "crawl", "spider", "headless")  # as programs that look like browsers call themselves

# Added in the order of the rows, so that processes that add at the same time wait for each other, but never in a circle.
ADD = """
    INSERT INTO newsletter_archiveviews AS known (edition_id, day, count)
    SELECT e.id, (clock_timestamp() AT TIME ZONE %(zone)s)::date, came.number
    FROM unnest(%(languages)s::text[], %(slugs)s::text[], %(numbers)s::integer[]) AS came (language, slug, number)
    JOIN newsletter_edition AS e USING (language, slug)
    ORDER BY e.id
    ON CONFLICT (edition_id, day) DO UPDATE SET count = known.count + excluded.count
"""

logger = logging.getLogger("newsletter.views")

_came: Counter[str] = Counter()  # by path
_lock = threading.Lock()
_timer: threading.Timer | None = None


def count(request: HttpRequest) -> None:
    """Counts a view of the page at this path, if it is one. Waits for nothing: it runs for each request."""
    global _timer
    asked = request.META
    if asked.get("HTTP_SEC_FETCH_DEST") != "document" or "HTTP_SEC_PURPOSE" in asked:
        return
    agent = asked.get("HTTP_USER_AGENT", "").lower()
    if any(word in agent for word in MACHINES):
        return
    with _lock:
        _came[request.path_info] += 1
        if _timer is None:
            _timer = threading.Timer(EVERY, _later)
            _timer.daemon = True  # nobody waits for it to end
            _timer.start()


def store() -> None:
    """Adds to the database what was counted since the last time; keeps it for the next time where that fails."""
    global _timer
    with _lock:
        came, _timer = Counter(_came), None
        _came.clear()
    if not came:
        return
    places = [path.strip("/").split("/") for path in came]  # de/newsletter/issues/<slug>
    given: dict[str, Any] = {
        "zone": settings.TIME_ZONE,
        "languages": [place[0] for place in places],
        "slugs": [place[-1] for place in places],
        "numbers": list(came.values()),
    }
    try:
        with connection.cursor() as cursor:
            cursor.execute(ADD, given)
    except (DatabaseError, InterfaceError) as error:
        with _lock:
            _came.update(came)
        if not is_outage(error):
            logger.exception("Views of the archive could not be added.")


def _later() -> None:
    try:
        store()
    finally:
        connection.close()  # back to the pool


def forget() -> None:
    """Drops what was counted and not stored yet."""
    global _timer
    with _lock:
        _came.clear()
        if _timer:
            _timer.cancel()
        _timer = None
