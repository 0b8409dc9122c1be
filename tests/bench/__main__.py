"""`./dev bench [pages] [purchases] [newsletter]`: what the site bears on this machine, beside what the machine bears at all.

Each part prints its own; without a name all of them do.
"""

import contextlib
import shutil
import signal
import sys

from tests.bench import newsletter, pages, purchases
from tests.bench.sites import databases, server

PARTS = ("pages", "purchases", "newsletter")


def main() -> None:
    parts = sys.argv[1:] or PARTS
    if unknown := set(parts) - set(PARTS):
        sys.exit(f"There is no part {', '.join(sorted(unknown))}; these are there: {', '.join(PARTS)}.")
    if set(parts) != {"newsletter"} and not shutil.which("wrk"):
        sys.exit("wrk is missing: install it (on Debian: apt-get install wrk) and call ./dev bench again.")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # not without ending the servers
    if "pages" in parts:
        with databases(200, 20_000) as (small, large), contextlib.ExitStack() as servers:
            rendering = [servers.enter_context(server(each, cache=0)) for each in (small, large)]
            cached = servers.enter_context(server(large, cache=64))
            pages.rates(*rendering, cached)
            pages.changes(cached)
            pages.memory(cached)
    if "purchases" in parts:
        with databases(0) as [empty], server(empty, cache=64) as selling:
            purchases.measure(selling.address, empty)
    if "newsletter" in parts:
        with databases(0) as [empty]:
            newsletter.measure(empty)


if __name__ == "__main__":
    main()
