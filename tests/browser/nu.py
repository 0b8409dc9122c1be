"""The Nu HTML checker."""

import json
import subprocess
from pathlib import Path

from tests.conftest import unavailable
from tests.processes import DEADLINE
from tests.provide import vnu_jar

# It ends before the machine code that Java would write for it pays; and it needs a deep stack without that.
SHORT_LIVED = ("-XX:TieredStopAtLevel=1", "-Xss2m")

# What Django's own markup is to be blamed for.
NOT_OURS: tuple[str, ...] = ()


def complaints(folder: Path) -> list[str]:
    """All that the checker has against the pages in `folder`, in one call: starting Java takes longer than they do."""
    jar = vnu_jar() or unavailable("The Nu HTML checker is missing (npm, Java), so no page's HTML was checked.")
    command = ["java", *SHORT_LIVED, "-jar", str(jar), "--format", "json", "--exit-zero-always", "--stdout"]
    command += ["--skip-non-html", str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=DEADLINE)
    return sorted(
        f"{Path(message['url']).stem}: {message['message']} {message.get('extract', '')!r}"
        for message in json.loads(result.stdout)["messages"]
        if message["type"] == "error" and message["message"] not in NOT_OURS
    )
