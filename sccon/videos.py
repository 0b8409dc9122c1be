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
    if parts.scheme != "https" or port or parts.username or not re.fullmatch(r"[!-~]+", address.strip()):
        return None
    known = any(host == name or host.endswith(f".{name}") for name in settings.VIDEO_HOSTS)
    return address.strip() if known and parts.path not in {"", "/"} else None
