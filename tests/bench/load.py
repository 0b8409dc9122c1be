"""Load by wrk."""

import re
import subprocess
import sys
import tempfile
import time

CONNECTIONS = 8


def wrk(address: str, *, seconds: int, headers: dict[str, str] | None = None, script: str = "") -> float:
    """Requests a second; `script` (Lua) may vary the requests."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as lua:
        lua.write(script)
        lua.flush()
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *(["-s", lua.name] if script else [])]
        for name, value in (headers or {}).items():
            command += ["-H", f"{name}: {value}"]
        said = subprocess.run([*command, address], capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if rate is None or "Non-2xx" in said or "Socket errors" in said:
        sys.exit(f"{address} failed under load:\n{said}")
    return float(rate[1])


def counting(path: str) -> str:
    """A script that asks for `path`, in which each request, also of a later run, has its own number in place of N."""
    return f"""
        local number = {time.monotonic_ns() // 1000}
        function request()
            number = number + 1
            local path = string.gsub("{path}", "N", number)
            return wrk.format("GET", path)
        end
    """
