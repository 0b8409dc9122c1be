"""Which addresses a text may link as a video."""

import re
from urllib.parse import urlsplit

from django.conf import settings


def video_address(address: str) -> str | None:
    """`address` if it is an https page of one of `settings.VIDEO_HOSTS`, else None."""
    try:
        parts = urlsplit(address.strip())
        host = parts.hostname or ""
        port = parts.port
    except ValueError:
        return None
    # Browsers read a backslash as a slash: https://evil.example\.youtube.com leads to evil.example.
    plain = re.fullmatch(r"[!-~]+", address.strip()) and "\\" not in address and re.fullmatch(r"[a-z0-9.-]+", host)
    if parts.scheme != "https" or port or parts.username or not plain:
        return None
    known = any(host == name or host.endswith(f".{name}") for name in settings.VIDEO_HOSTS)
    return address.strip() if known and parts.path not in {"", "/"} else None
