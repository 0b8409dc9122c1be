"""granian with the site, started anew for each line of the input; says the process id of each.

What it imports is imported once, before, so that it can be killed and started twenty times within seconds.
"""

import multiprocessing
import os
import signal
import sys
from contextlib import suppress

from granian import Granian

import sccon.site.rsgi  # noqa: F401 – imported once for all who are forked


def serve(port: int) -> None:
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    multiprocessing.set_start_method("fork", force=True)
    Granian(
        "sccon.site.rsgi:application",
        address="127.0.0.1",
        port=port,
        interface="rsgi",
        http="1",
        workers=1,
        websockets=False,
        log_level="error",
    ).serve()


def main(port: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that were killed
    pid = 0
    for _line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            serve(port)
            os._exit(0)
        print(pid, flush=True)
    with suppress(ProcessLookupError):  # the test has gone: none stays behind
        os.killpg(pid, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]))
