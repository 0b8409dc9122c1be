"""Logs for machines and for people: what looks like a secret is left out of every line, tracebacks included."""

import json
import logging
import re
from datetime import UTC, datetime

from sccon.outage import is_outage

# A secret in a path, behind a `=`, or in what Postgres says of a key: long, and not words joined by hyphens.
WORDS = r"(?:[a-z_]+|[a-z0-9]+(?:-[a-z0-9]+)+)(?:\.\w+)?"
ENDS = r"(?![A-Za-z0-9_:=-])"
SECRET = re.compile(rf"(?:(?<=[/=])|(?<==\())(?!{WORDS}{ENDS})[A-Za-z0-9_:=-]{{20,}}(?:\.\w+)?{ENDS}")


def mask(text: str) -> str:
    """`text` without what looks like a secret. The names of source files in a traceback stay."""
    return "\n".join(line if line.startswith('  File "') else SECRET.sub("…", line) for line in text.split("\n"))


class LineFormatter(logging.Formatter):
    """For people: as Django's `{`-style formatter, masked."""

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


class JSONFormatter(logging.Formatter):
    """Time (UTC, ISO 8601), level, logger, message, the request's fields, and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": mask(record.getMessage()),
        }
        entry |= getattr(record, "fields", {})
        if record.exc_info:
            entry["traceback"] = mask(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False, default=str)


class NotTheOutage(logging.Filter):
    """For Django's line on a failed request: that the database is away is said once (sccon.outage), not for each that
    needs it, nor with its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        failed = record.exc_info and is_outage(record.exc_info[1])
        return not (failed or getattr(record, "status_code", None) == 503)
