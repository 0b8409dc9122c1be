"""Page cache in each process's memory: a public page is rendered once and sent to everybody until it changes.

- Every transaction that changes a public page increments `PageVersion` when it commits (`sccon.models.pages`). A
  process reads it at most every 200 ms, together with the database's clock: its own may be wrong.
- `next_change` says until when that holds: the next moment at which something begins or ends by itself. Version and
  moment bound a `Generation`, within which no public page changes. It holds the cached pages, which end with it.
- A view is marked `@public`, with the parameters it reads. Its generation is fixed before it renders, and the page is
  stored in that one: a page rendered from older data is never stored among newer ones. A view marked `@personal` is not
  cached, but uses the cached parts that all pages show alike.
- While the database does not answer, pages are sent for a minute, but never past their generation's end.

docs/decisions/page-cache.md says why it is so.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial, wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.autoreload import file_changed

from sccon.clock import INSTANT
from sccon.outage import is_outage, outage
from sccon.pages import REVALIDATE, Page, Seen

LOOK_EVERY = 0.2  # seconds
LOOK_AGAIN = 1.0  # after a failed look
OUTAGE = 60.0  # how long pages are sent without a successful look
WAIT = 10.0  # for a page that another thread is rendering; after that the thread renders it itself
PATHS = 20_000  # for which the terms of their view are remembered
PARTS = 4000  # cached per generation: some kilobytes each at the most

GENERATION, TERMS = "sccon.generation", "sccon.public"  # in request.META

logger = logging.getLogger("sccon.pagecache")
type Key = tuple[str | tuple[str, str], ...]
type View = Callable[..., HttpResponseBase]


# --- When something changes by itself ----------------------------------------------------------

_parts: list[Callable[[datetime], datetime | None]] = []


def register(part: Callable[[datetime], datetime | None]) -> None:
    """Adds an app's part of `next_change`: given an instant, when does a page of the app next change by itself?"""
    _parts.append(part)


def next_change(at: datetime) -> datetime:
    """The first moment after `at` at which a page may look different; at the latest midnight, when dates change."""
    day = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date() + timedelta(days=1)
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(settings.TIME_ZONE))
    return min([midnight, *(moment for part in _parts if (moment := part(at)))])


# --- Generations -------------------------------------------------------------------------------


class Generation:
    """The cached pages and parts of one `version`, valid until `until`, when something begins or ends by itself."""

    def __init__(self, version: int, until: datetime):
        self.version = version
        self.until = until
        self.at = until  # time of the latest look, which sets `at` and `ends`
        self.ends = 0.0  # `until` on this process's monotonic clock
        self._parts: dict[Hashable, object] = {}
        self._pages: dict[Key, Page] = {}
        self._size = 0
        self._lock = threading.Lock()
        self._rendering: dict[Key, threading.Event] = {}

    def page(self, key: Key) -> Page | None:
        found = self._pages.get(key)
        return found if found and time.monotonic() < min(found.ends, self.ends) else None

    def keep(self, key: Key, page: Page) -> None:
        """Caches `page`; the oldest pages make room for it."""
        with self._lock:
            if before := self._pages.pop(key, None):
                self._size -= before.size
            self._pages[key] = page
            self._size += page.size
            while self._size > settings.PAGE_CACHE_BYTES:
                self._size -= self._pages.pop(next(iter(self._pages))).size

    def parts(self, names: Iterable[Hashable]) -> dict[Hashable, object]:
        """The cached ones of `names`."""
        missing = object()
        return {name: part for name in names if (part := self._parts.get(name, missing)) is not missing}

    def keep_parts(self, parts: Mapping[Any, object]) -> None:
        """Caches `parts`; the oldest ones make room for them."""
        with self._lock:
            self._parts |= parts
            while len(self._parts) > PARTS:
                del self._parts[next(iter(self._parts))]

    @contextmanager
    def turn(self, key: Key) -> Iterator[Page | None]:
        """Lets one thread render a page while others wait. Yields the page, or None to who must render it."""
        with self._lock:
            other = self._rendering.get(key)
            mine = self._rendering[key] = threading.Event() if other is None else other
        if other:
            other.wait(WAIT)
            yield self.page(key)
            return
        try:
            yield self.page(key)  # another thread has just finished it
        finally:
            with self._lock:
                del self._rendering[key]
            mine.set()


# --- The look ----------------------------------------------------------------------------------


class PageCache:
    """Holds the current generation, and looks at the database whether it still is."""

    def __init__(self) -> None:
        self._generation: Generation | None = None
        self._looked = self._look_at = 0.0  # when the last look succeeded, when the next is due
        self._lock = threading.Lock()
        self.terms: dict[str, Terms] = {}  # by path, also of pages of earlier generations

    def due(self) -> bool:
        """Whether the next caller of `generation` looks, and may have to wait for the database."""
        return time.monotonic() >= self._look_at or self._valid() is None

    def at_hand(self) -> Generation | None:
        """The generation as far as it is known without asking anybody."""
        return self._valid()

    def generation(self) -> Generation | None:
        """The current generation; None while the database does not answer."""
        # One thread looks; the others use the generation that is valid, and wait only if there is none.
        if time.monotonic() >= self._look_at and self._lock.acquire(blocking=self._valid() is None):
            try:
                if time.monotonic() >= self._look_at:  # else another looked while this one waited
                    self._look()
            finally:
                self._lock.release()
        return self._valid()

    def forget(self, **_signal: object) -> None:
        """Empties the cache: in development a template has changed."""
        self._generation, self._look_at = None, 0.0

    def _valid(self) -> Generation | None:
        found, now = self._generation, time.monotonic()
        return found if found and now < found.ends and now < self._looked + OUTAGE else None

    def _look(self) -> None:
        asked = time.monotonic()
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT coalesce(max(version), 0), clock_timestamp() FROM sccon_pageversion")
                version, at = cursor.fetchone()
            found = self._generation
            if found is None or found.version != version or found.until <= at:
                found = Generation(version, next_change(at))
        except (DatabaseError, InterfaceError) as error:
            # Not of `asked`: who waited for this look must not look again.
            self._look_at = time.monotonic() + LOOK_AGAIN
            if is_outage(error):
                outage.begins(error)
            else:
                logger.exception("Whether pages are the latest cannot be found out.")
            return
        # `at` was read after `asked`: the end is too early by the time the query took, and never too late.
        found.at, found.ends = at, asked + (found.until - at).total_seconds()
        self._looked, self._look_at = asked, min(asked + LOOK_EVERY, found.ends)
        self._generation = found


cache = PageCache()
file_changed.connect(cache.forget)


def generation_of(request: HttpRequest) -> Generation | None:
    """The generation of this request, fixed before it is rendered."""
    return request.META.get(GENERATION)


# The generation for which this thread renders a public page.
_rendering: ContextVar[Generation | None] = ContextVar("rendering", default=None)


def remembered[T](name: Hashable, make: Callable[[], T], generation: Generation | None = None) -> T:
    """What `make` returns, cached per generation: for what many public pages show alike. `name` must tell the languages
    apart. Outside of public pages `make` is called each time."""
    return remembered_each([name], lambda _missing: {name: make()}, generation)[name]


def remembered_each[N: Hashable, T](
    names: Collection[N], make: Callable[[list[N]], Mapping[N, T]], generation: Generation | None = None
) -> dict[N, T]:
    """`remembered` for many names at once: `make` gets the missing ones, and may leave some out."""
    generation = generation or _rendering.get()
    found: dict = generation.parts(names) if generation else {}
    if missing := [name for name in names if name not in found]:
        made = make(missing)
        found |= made
        if generation:
            generation.keep_parts(made)
    return found


def shared_with(request: HttpRequest) -> Generation | None:
    """The generation whose `remembered` parts a page uses that is not cached itself."""
    if GENERATION not in request.META and _comes_to_us(request):
        request.META[GENERATION] = cache.generation()
    return generation_of(request)


def personal[R: HttpResponseBase](view: Callable[..., R]) -> Callable[..., R]:
    """Decorator for the view of a personal page: it is not cached, but uses the `remembered` parts of public pages.

    Its generation is fixed before it reads from the database: a part must not be older than its generation.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: object, **kwargs: object) -> R:
        generation = shared_with(request)
        _not_in_vain(request)
        rendering = _rendering.set(generation)
        try:
            return view(request, *args, **kwargs)
        finally:
            _rendering.reset(rendering)

    return page


# --- Views and requests ------------------------------------------------------------------------


@dataclass(frozen=True)
class Terms:
    """How a view's pages are cached."""

    parameters: Collection[str] = ()
    unkept: Collection[str] = ()
    seconds: float = float("inf")
    seen: Seen | None = None


def public(
    view: View | None = None,
    /,
    *,
    parameters=(),
    unkept=(),
    seconds: float = float("inf"),
    seen: Seen | None = None,
):
    """Decorator for the view of a page that is the same for everybody. It sees no cookie, and only its own parameters.

    `parameters`: those that make a page of their own. `unkept`: those that change it, too, but too variously to keep
    what they made. `seconds`: for what also depends on things that do not count as a change (0: never kept). `seen`: is
    called for each GET that gets the page, from memory or not; it must not wait for anything.
    """
    if view is None:
        return partial(public, parameters=parameters, unkept=unkept, seconds=seconds, seen=seen)
    terms = Terms(tuple(parameters), frozenset(unkept), seconds, seen)
    names = {*parameters, *unkept}

    @wraps(view)
    def page(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"}:
            return view(request, *args, **kwargs)
        if request.GET:
            given = request.GET.copy()
            for name in [name for name in given if name not in names]:
                del given[name]
            request.GET = given  # type: ignore[assignment]
        request.COOKIES = {}
        if not translation.get_language_from_path(request.path_info):
            translation.activate(
                settings.LANGUAGE_CODE
            )  # not the browser's: feeds and sitemaps are the same for everybody, too
        request.META[TERMS] = terms
        if _comes_to_us(request) and GENERATION not in request.META:
            request.META[GENERATION] = cache.generation()
        _not_in_vain(request)
        if (generation := generation_of(request)) and INSTANT not in request.META:
            request.META[INSTANT] = generation.at
        rendering = _rendering.set(generation)
        try:
            return view(request, *args, **kwargs)
        finally:
            _rendering.reset(rendering)

    return page


def _not_in_vain(request: HttpRequest) -> None:
    """Fails at once where the view would wait in vain for the database: the look has done so, and tries every second."""
    if outage.lasts() and _comes_to_us(request):
        raise OperationalError("The database does not answer.")


def _comes_to_us(request: HttpRequest) -> bool:
    """Whether the request names the configured host and scheme; for others answers may differ."""
    return f"{request.scheme}://{request.META.get('HTTP_HOST')}" == settings.SITE_URL


def key_of(request: HttpRequest) -> Key | None:
    """The cache key of this request; None while no page was made at its path."""
    terms = cache.terms.get(request.path_info)
    if terms is None or not _comes_to_us(request):
        return None
    if not request.META.get("QUERY_STRING"):
        return (request.path_info,)
    if any(name in request.GET for name in terms.unkept):
        return None
    given = request.GET
    return (request.path_info, *((name, given[name]) for name in terms.parameters if name in given))


def from_memory(request: HttpRequest) -> HttpResponse | None:
    """The page that memory has for this GET or HEAD, without a look, a lock or a wait; None when it has none."""
    if (key := key_of(request)) and (generation := cache.at_hand()) and (page := generation.page(key)):
        return page.answer(request)
    return None


class PageCacheMiddleware:
    """Answers from the cache before anything else runs, and caches the answers of `@public` views."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        key = key_of(request)
        generation = cache.generation() if key else None
        if key is None or generation is None:
            return self._finish(request, self.get_response(request))
        if page := generation.page(key):
            return page.answer(request)
        request.META[GENERATION] = generation
        with generation.turn(key) as page:
            return page.answer(request) if page else self._finish(request, self.get_response(request))

    def _finish(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Turns the answer of a public view into a page, and caches it if that is allowed."""
        terms: Terms | None = request.META.get(TERMS)
        if terms is None:
            return response
        if response.status_code != 200 or response.streaming:
            if response.status_code < 500:
                response.headers.setdefault("Cache-Control", REVALIDATE)
            return response
        if response.cookies or "cookie" in response.get("Vary", "").lower():
            logger.error("%s is not public: it sets a cookie or depends on the visitor.", request.path)
            return response
        generation = generation_of(request)
        now = time.monotonic()
        page = Page(response, min(generation.ends if generation else now, now + terms.seconds), terms.seen)
        if generation and page.ends > now and settings.PAGE_CACHE_BYTES:
            if len(cache.terms) >= PATHS:
                cache.terms.clear()
            cache.terms[request.path_info] = terms
            if key := key_of(request):
                generation.keep(key, page)
        return page.answer(request)
