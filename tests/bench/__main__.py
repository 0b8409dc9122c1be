"""`./dev bench`: what the site bears on this machine, beside what the machine bears at all. Each part prints its own."""

import shutil
import signal
import sys

from tests.bench import pages, purchases
from tests.bench.sites import databases, server


def main() -> None:
    if not shutil.which("wrk"):
        sys.exit("wrk is missing: install it (on Debian: apt-get install wrk) and call ./dev bench again.")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # not without ending the servers
    with databases(0, 200, 20_000) as (empty, small, large):
        with (
            server(small, cache=0) as rendering_small,
            server(large, cache=0) as rendering_large,
            server(large, cache=64) as cached,
        ):
            pages.rates(rendering_small, rendering_large, cached)
            pages.changes(cached)
            pages.memory(cached)
        with server(empty, cache=64) as selling:
            purchases.measure(selling.address, empty)


if __name__ == "__main__":
    main()
