"""A rendered public page and how it is sent: with its headers, gzipped or not, or as 304."""

import gzip
import re
import time
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b

from django.http import HttpRequest, HttpResponse
from django.http.cookie import SimpleCookie
from django.http.response import ResponseHeaders
from django.utils.http import parse_http_date, parse_http_date_safe

SHARED = 5  # seconds for which a proxy or CDN may cache a page (s-maxage)
REVALIDATE = "public, max-age=0, must-revalidate"

type Seen = Callable[[HttpRequest], None]


class Headers(ResponseHeaders):
    """Headers that no longer change: `items`, which the server calls for each answer, is computed once."""

    def __init__(self, data: dict[str, str]):
        super().__init__(data)
        self._ready = list(super().items())

    def items(self):
        return self._ready


class Ready(HttpResponse):
    """HttpResponse from ready parts, without Django's constructor, which would convert and check them again.

    A test compares its attributes with Django's own."""

    def __init__(self, status: int, headers: Headers, body: bytes):
        self.status_code = status
        self.headers = headers
        self.cookies = SimpleCookie()
        self.closed = False
        self._container = [body]
        self._charset = self._reason_phrase = self._handler_class = None
        self._resource_closers: list[Callable[[], object]] = []


@lru_cache
def _takes_gzip(accepted: str) -> bool:
    return bool(re.search(r"\bgzip\b(?! *; *q=0(\.0*)?( |,|$))", accepted))


class Page:
    """A rendered page, plain and gzipped, that may be sent until `ends` (of `time.monotonic`)."""

    def __init__(self, response: HttpResponse, ends: float, seen: Seen | None = None):
        body = response.content
        self.ends = ends
        self.seen = seen  # is told of each GET
        self.tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
        self._own = {name: value for name, value in response.items() if name not in {"Content-Length", "Vary"}}
        self._bodies = {"": body}
        self._headers: dict[tuple[int, str, int], Headers] = {}
        # Bytes, estimated generously: the gzipped body as half the plain one, the headers as 8 kB.
        self.size = len(body) * 3 // 2 + 8000

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The answer to a GET or HEAD: the page, or 304 if the browser has it already."""
        if self.seen and request.method == "GET":
            self.seen(request)
        asked = request.META
        encoding = "gzip" if _takes_gzip(asked.get("HTTP_ACCEPT_ENCODING", "")) else ""
        if encoding not in self._bodies:  # gzipped only when first asked for
            self._bodies[encoding] = gzip.compress(self._bodies[""], compresslevel=6, mtime=0)
        if known := asked.get("HTTP_IF_NONE_MATCH"):
            status = 304 if self.tag in known or known == "*" else 200
        else:
            status = 304 if self._is_known_since(asked.get("HTTP_IF_MODIFIED_SINCE")) else 200
        seconds = max(0, min(SHARED, int(self.ends - time.monotonic())))
        headers = self._headers.get((status, encoding, seconds)) or self._prepare(status, encoding, seconds)
        return Ready(status, headers, self._bodies[encoding] if status == 200 and request.method == "GET" else b"")

    def _is_known_since(self, date: str | None) -> bool:
        """Whether who has the page of this date has it as it is; dates come in three forms (RFC 9110, 5.6.7)."""
        changed = self._own.get("Last-Modified")
        if not date or not changed:
            return False
        if date == changed:  # what nearly everybody sends
            return True
        since = parse_http_date_safe(date)
        return since is not None and since >= parse_http_date(changed)

    def _prepare(self, status: int, encoding: str, seconds: int) -> Headers:
        headers = dict(self._own) if status == 200 else {}
        headers |= {
            # Weak: the same for the plain and the gzipped body.
            "ETag": f"W/{self.tag}",
            "Cache-Control": f"{REVALIDATE}, s-maxage={seconds}",
            "Vary": "Accept-Encoding",
        }
        if status == 200:
            headers["Content-Length"] = str(len(self._bodies[encoding]))
            if encoding:
                headers["Content-Encoding"] = encoding
        self._headers[status, encoding, seconds] = Headers(headers)
        return self._headers[status, encoding, seconds]
