"""The application that granian serves (RSGI): what is slow, or already known, takes no page thread.

One event loop reads every body within a time, answers `/healthz` and pages from memory, and leaves the rest to
`WEB_THREADS` threads, in which Django runs as under WSGI. Files are sent by granian itself, at the visitor's pace.
A line as slow as it likes thus holds a connection, but never a thread.
"""

import asyncio
import io
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from sccon import wsgi

site = wsgi.application  # Django is set up by now; the rest needs that

from django.conf import settings  # noqa: E402
from django.contrib.auth import SESSION_KEY  # noqa: E402
from django.core.handlers.wsgi import WSGIRequest  # noqa: E402
from django.db import DatabaseError, connection  # noqa: E402
from django.http import HttpResponse, parse_cookie  # noqa: E402
from granian.rsgi import HTTPProtocol, Scope  # noqa: E402

from sccon import pagecache, requests  # noqa: E402
from sccon.outage import outage  # noqa: E402
from sccon.requests import KB, MB, Body  # noqa: E402
from sccon.sessions import SessionStore  # noqa: E402
from sccon.site import bodies  # noqa: E402

type Environ = dict[str, Any]
type WSGI = Callable[[Environ, Callable[..., Any]], Any]

# A body must be there after so many seconds, and for each further second bring so many bytes.
BODY_SECONDS, BODY_RATE = 10, 16 * KB
IN_MEMORY = 1 * MB  # of a body; what is larger is kept in a file
LOOK_SECONDS = 0.4  # for which a page in memory waits for the look whether it is the latest
WAITING = 1000  # requests for a page thread; more are told to come again
LINGER_SECONDS, LINGER_SIZE = 3, 16 * MB  # a refused body is read on, so that its sender reads the answer

PLAIN = [("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store")]


class Refused(Exception):
    """The body may not come; `status` is what to answer."""

    def __init__(self, status: int):
        self.status = status


class Gone(Exception):
    """The visitor hung up before all was sent."""


class Application:
    """Called by granian once a request, on the event loop of each web process."""

    def __init__(self, wsgi: WSGI):
        self.wsgi = wsgi
        self.waiting = 0

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.pages = ThreadPoolExecutor(settings.WEB_THREADS, "page")
        self.looker = ThreadPoolExecutor(1, "look")
        self.looking: asyncio.Future[None] | None = None

    async def __rsgi__(self, scope: Scope, proto: HTTPProtocol) -> None:
        if scope.path == "/healthz":
            proto.response_str(200, PLAIN, "alive\n")
            return
        started, environ = time.perf_counter(), environ_of(scope)
        if environ["REQUEST_METHOD"] == "POST":
            await self._with_body(environ, proto)
            return
        if environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            request = WSGIRequest(environ)
            if found := await self._from_memory(request):
                proto.response_bytes(found.status_code, list(found.headers.items()), found.content)
                requests.log(request, found, started)
                return
        environ.pop("CONTENT_LENGTH", None)  # nobody reads it
        await self._in_a_page_thread(environ, proto)

    async def _from_memory(self, request: WSGIRequest) -> HttpResponse | None:
        """The page, if memory has it; the look whether it is the latest happens in a thread of its own."""
        if pagecache.key_of(request) is None:
            return None
        if pagecache.cache.due():
            if self.looking is None or self.looking.done():
                self.looking = self.loop.run_in_executor(self.looker, look)
            await asyncio.wait([self.looking], timeout=0 if outage.lasts() else LOOK_SECONDS)
        return pagecache.from_memory(request)

    async def _with_body(self, environ: Environ, proto: HTTPProtocol) -> None:
        try:
            body = await self._allowed(environ)
            with await read(proto, environ, body) as file:
                environ["wsgi.input"] = file
                await self._in_a_page_thread(environ, proto)
        except Refused as refused:
            environ |= {bodies.REFUSED: refused.status, "CONTENT_LENGTH": "0"}
            await self._in_a_page_thread(environ, proto)
            if refused.status != 408:
                await linger(proto)
        except Gone:
            proto.response_empty(400, [])

    async def _allowed(self, environ: Environ) -> Body:
        """What may come, by the address; raises `Refused` when the headers alone tell that it may not."""
        body = bodies.of_address(environ["PATH_INFO"])
        length = environ.get("CONTENT_LENGTH")
        known = int(length) if length and length.isdecimal() else 0
        large = body is bodies.ADMIN and (known > bodies.PUBLIC.size or not length)
        if large and not await self.loop.run_in_executor(self.pages, is_signed_in, environ):
            body = Body(bodies.PUBLIC.size, multipart=True)
        if status := bodies.refusal(body, environ.get("CONTENT_TYPE", ""), known):
            raise Refused(status)
        return body

    async def _in_a_page_thread(self, environ: Environ, proto: HTTPProtocol) -> None:
        if self.waiting >= WAITING:
            busy = (
                "Zu viele Anfragen zugleich; bitte gleich noch einmal. – Too many requests at once; please try again."
            )
            proto.response_str(503, [*PLAIN, ("retry-after", "5")], busy)
            return
        self.waiting += 1
        try:
            await self.loop.run_in_executor(self.pages, self._answer, environ, proto)
        finally:
            self.waiting -= 1

    def _answer(self, environ: Environ, proto: HTTPProtocol) -> None:
        """In a page thread: Django answers, and granian is told what to send."""
        head: list[tuple[int, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _exception: object = None) -> None:
            head.append((int(status[:3]), headers))

        response = self.wsgi(environ, start_response)
        try:
            ((status, headers),) = head
            if path := path_of(response):
                proto.response_file(status, headers, path)
            elif response.streaming:
                stream = proto.response_stream(status, headers)
                for chunk in response:
                    _sent = stream.send_bytes(chunk)  # done when it returns; there is nothing to await
            else:
                proto.response_bytes(status, headers, response.content)
        finally:
            response.close()


def environ_of(scope: Scope) -> Environ:
    """What WSGI calls the request (PEP 3333)."""
    host, _, port = scope.server.rpartition(":")
    environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": None,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" in name:  # would pass for the header with a hyphen, which a proxy sets or drops
            continue
        key = name.replace("-", "_").upper()
        if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            key = f"HTTP_{key}"
        environ[key] = f"{environ[key]}{';' if key == 'HTTP_COOKIE' else ','}{value}" if key in environ else value
    return environ


async def read(proto: HTTPProtocol, environ: Environ, body: Body) -> IO[bytes]:
    """The body, whole and counted; raises `Refused` when it grows too large or comes too slowly, `Gone` when it ends
    before its time."""
    loop = asyncio.get_running_loop()
    file: IO[bytes] = io.BytesIO() if body.size <= IN_MEMORY else SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
    size = ends = 0
    started = loop.time()
    try:
        async with asyncio.timeout_at(started + BODY_SECONDS) as limit:
            async for chunk in proto:
                ends += not chunk
                size += len(chunk)
                if size > body.size:
                    raise Refused(413)
                file.write(chunk)
                limit.reschedule(started + BODY_SECONDS + size / BODY_RATE)
    except TimeoutError:
        raise Refused(408) from None
    # granian gives an empty chunk at the end, and one more before it when the line broke.
    if ends > 1 or size < int(environ.get("CONTENT_LENGTH") or 0):
        raise Gone
    environ["CONTENT_LENGTH"] = str(size)
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    file.seek(0)
    return file


async def linger(proto: HTTPProtocol) -> None:
    """Reads on after the answer: to close with something unread would tear the answer from its reader's hands."""
    size = 0
    with suppress(TimeoutError, StopAsyncIteration):
        async with asyncio.timeout(LINGER_SECONDS):
            with suppress(RuntimeError):  # it was being read already
                aiter(proto)
            while size < LINGER_SIZE and (chunk := await anext(cast(AsyncIterator[bytes], proto))):
                size += len(chunk)


def look() -> None:
    try:
        pagecache.cache.generation()
    finally:
        connection.close()  # back to the pool


def is_signed_in(environ: Environ) -> bool:
    """Whether the session in the cookie is somebody's; yes when that cannot be found out, for then nothing goes on."""
    key = parse_cookie(environ.get("HTTP_COOKIE", "")).get(settings.SESSION_COOKIE_NAME)
    try:
        return bool(key) and SESSION_KEY in SessionStore(key).load()
    except DatabaseError:
        return True
    finally:
        connection.close()


def path_of(response: Any) -> str | None:
    """The path of the file that is the whole answer; None when it is something else."""
    file = getattr(response, "file_to_stream", None)
    opened = getattr(file, "file", file)  # Django's storage wraps it
    return opened.name if isinstance(opened, io.BufferedReader) and isinstance(opened.name, str) else None


application = Application(site)
