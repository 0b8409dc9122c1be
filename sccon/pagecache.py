"""Public pages from the process's memory: rendered once, sent to everybody, until something they show changes.

- Whatever changes a public page counts up `PageVersion` when it commits (`sccon.models.pages`). A process looks at it
  at most every 200 ms, and takes the database's clock from the same look: its own may be wrong.
- Until when that answer holds says `next_change`: the moment at which something begins or ends by itself. Version and
  moment bound a `Generation`, within which no public page changes. It owns the pages; they end with it.
- A view says `@public`, with the parameters it reads. Its generation is fixed before it renders, and the page goes
  into that one: what was rendered from older data cannot land among newer pages. A view that says `@personal` shares
  with them what all pages show alike, and is kept nowhere.
- While the database does not answer, pages stay for a minute, but never past their generation's end.

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
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.autoreload import file_changed

from sccon.clock import INSTANT
from sccon.pages import REVALIDATE, Page

LOOK_EVERY = 0.2  # seconds
LOOK_AGAIN = 1.0  # after one that failed
OUTAGE = 60.0  # how long pages are sent without a look that succeeded
WAIT = 10.0  # for a page that another thread is rendering; then one renders it oneself
PATHS = 20_000  # whose parameters are remembered
PARTS = 4000  # that a generation keeps for its pages: some kilobytes each at the most

GENERATION, TERMS = "sccon.generation", "sccon.public"  # in request.META

logger = logging.getLogger("sccon.pagecache")
type Key = tuple[str | tuple[str, str], ...]
type View = Callable[..., HttpResponseBase]


# --- When something changes by itself ----------------------------------------------------------

_parts: list[Callable[[datetime], datetime | None]] = []


def register(part: Callable[[datetime], datetime | None]) -> None:
    """An app's share of `next_change`: after the instant it is given, when does a page of its change by itself?"""
    _parts.append(part)


def next_change(at: datetime) -> datetime:
    """The first moment after `at` at which a page may look different: at midnight at the latest, for dates."""
    day = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date() + timedelta(days=1)
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(settings.TIME_ZONE))
    return min([midnight, *(moment for part in _parts if (moment := part(at)))])


# --- Generations -------------------------------------------------------------------------------


class Generation:
    """What was made while the version was `version` and nothing began or ended by itself, which `until` will be so."""

    def __init__(self, version: int, until: datetime):
        self.version = version
        self.until = until
        self.at = until  # of the latest look, which sets both
        self.ends = 0.0  # `until`, by this process's monotonic clock
        self._parts: dict[Hashable, object] = {}
        self._pages: dict[Key, Page] = {}
        self._size = 0
        self._lock = threading.Lock()
        self._rendering: dict[Key, threading.Event] = {}

    def page(self, key: Key) -> Page | None:
        found = self._pages.get(key)
        return found if found and time.monotonic() < min(found.ends, self.ends) else None

    def keep(self, key: Key, page: Page) -> None:
        """Keeps `page`; the oldest ones make room for it."""
        with self._lock:
            if before := self._pages.pop(key, None):
                self._size -= before.size
            self._pages[key] = page
            self._size += page.size
            while self._size > settings.PAGE_CACHE_BYTES:
                self._size -= self._pages.pop(next(iter(self._pages))).size

    def parts(self, names: Iterable[Hashable]) -> dict[Hashable, object]:
        """Those of `names` that are kept."""
        missing = object()
        return {name: part for name in names if (part := self._parts.get(name, missing)) is not missing}

    def keep_parts(self, parts: Mapping[Any, object]) -> None:
        """Keeps `parts`; the oldest ones make room for them."""
        with self._lock:
            self._parts |= parts
            while len(self._parts) > PARTS:
                del self._parts[next(iter(self._parts))]

    @contextmanager
    def turn(self, key: Key) -> Iterator[Page | None]:
        """One thread at a time renders a page; the others wait, and get what it made. None: render it yourself."""
        with self._lock:
            other = self._rendering.get(key)
            mine = self._rendering[key] = threading.Event() if other is None else other
        if other:
            other.wait(WAIT)
            yield self.page(key)
            return
        try:
            yield self.page(key)  # made by one that has just finished
        finally:
            with self._lock:
                del self._rendering[key]
            mine.set()


# --- The look ----------------------------------------------------------------------------------


class PageCache:
    """The generation of now, and what one look at the database says of it."""

    def __init__(self) -> None:
        self._generation: Generation | None = None
        self._looked = self._look_at = 0.0  # when the last look succeeded, when the next is due
        self._fails = False
        self._lock = threading.Lock()

    def generation(self) -> Generation | None:
        """The generation of now; None while the database does not say what is now."""
        # One thread looks; the others go on with what holds, and wait only if nothing does.
        if time.monotonic() >= self._look_at and self._lock.acquire(blocking=self._valid() is None):
            try:
                if time.monotonic() >= self._look_at:  # else another looked while this one waited
                    self._look()
            finally:
                self._lock.release()
        return self._valid()

    def forget(self, **_signal: object) -> None:
        """Begins anew: in development a template has changed."""
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
            self._look_at = asked + LOOK_AGAIN
            if not self._fails:
                self._fails = True
                logger.error("The database does not answer; for a minute, pages come from memory. %s", error)
            return
        if self._fails:
            self._fails = False
            logger.warning("The database answers again.")
        # `at` was read after `asked`, so the end is computed too early by the way there, and never too late.
        found.at, found.ends = at, asked + (found.until - at).total_seconds()
        self._looked, self._look_at = asked, min(asked + LOOK_EVERY, found.ends)
        self._generation = found


cache = PageCache()
file_changed.connect(cache.forget)


def generation_of(request: HttpRequest) -> Generation | None:
    """The generation in which this request is answered: the one before it began to render."""
    return request.META.get(GENERATION)


# The generation for which this thread renders a public page.
_rendering: ContextVar[Generation | None] = ContextVar("rendering", default=None)


def remembered[T](name: Hashable, make: Callable[[], T], generation: Generation | None = None) -> T:
    """What `make` returns, made once a generation: for what many public pages show alike. `name` says also of which
    language. Outside of public pages it is made anew, as the moment wants it."""
    return remembered_each([name], lambda _missing: {name: make()}, generation)[name]


def remembered_each[N: Hashable, T](
    names: Collection[N], make: Callable[[list[N]], Mapping[N, T]], generation: Generation | None = None
) -> dict[N, T]:
    """The same for many things at once: `make` is asked for those that are missing, and may leave some out."""
    generation = generation or _rendering.get()
    found: dict = generation.parts(names) if generation else {}
    if missing := [name for name in names if name not in found]:
        made = make(missing)
        found |= made
        if generation:
            generation.keep_parts(made)
    return found


def shared_with(request: HttpRequest) -> Generation | None:
    """For a page that is kept nowhere and shows what is `remembered` all the same."""
    if GENERATION not in request.META and _comes_to_us(request):
        request.META[GENERATION] = cache.generation()
    return generation_of(request)


def personal[R: HttpResponseBase](view: Callable[..., R]) -> Callable[..., R]:
    """For the view of a page that is one person's, but shows what is `remembered` like any public page.

    Its generation is fixed before it reads: what is remembered must not be older than its generation.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: object, **kwargs: object) -> R:
        rendering = _rendering.set(shared_with(request))
        try:
            return view(request, *args, **kwargs)
        finally:
            _rendering.reset(rendering)

    return page


# --- Views and requests ------------------------------------------------------------------------


@dataclass(frozen=True)
class Terms:
    """How a view's pages are kept."""

    parameters: Collection[str] = ()
    unkept: Collection[str] = ()
    seconds: float = float("inf")


def public(view: View | None = None, /, *, parameters=(), unkept=(), seconds: float = float("inf")):
    """For the view of a page that is the same for everybody. It sees no cookie, and of the parameters only its own.

    `parameters`: those that make a page of their own. `unkept`: those that change it, too, but too variously to keep
    what they made. `seconds`: for what also depends on things that do not count as a change (0: never kept).
    """
    if view is None:
        return partial(public, parameters=parameters, unkept=unkept, seconds=seconds)
    terms = Terms(tuple(parameters), frozenset(unkept), seconds)
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
            translation.activate(settings.LANGUAGE_CODE)  # not the browser's: feeds and sitemaps know nobody either
        request.META[TERMS] = terms
        if _comes_to_us(request) and GENERATION not in request.META:
            request.META[GENERATION] = cache.generation()
        if (generation := generation_of(request)) and INSTANT not in request.META:
            request.META[INSTANT] = generation.at
        rendering = _rendering.set(generation)
        try:
            return view(request, *args, **kwargs)
        finally:
            _rendering.reset(rendering)

    return page


def _comes_to_us(request: HttpRequest) -> bool:
    """Whether the request names the configured host and scheme: what comes to another may be answered otherwise."""
    return f"{request.scheme}://{request.META.get('HTTP_HOST')}" == settings.SITE_URL


class PageCacheMiddleware:
    """Answers from memory before anything else is done, and keeps what `@public` views have made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response
        self._terms: dict[str, Terms] = {}  # of the paths that had a public page, also in earlier generations

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        key = self._key(request)
        generation = cache.generation() if key else None
        if key is None or generation is None:
            return self._finish(request, self.get_response(request))
        if page := generation.page(key):
            return page.answer(request)
        request.META[GENERATION] = generation
        with generation.turn(key) as page:
            return page.answer(request) if page else self._finish(request, self.get_response(request))

    def _key(self, request: HttpRequest) -> Key | None:
        """Under which a page for this request is kept; None as long as none was made at its path."""
        terms = self._terms.get(request.path_info)
        if terms is None or not _comes_to_us(request):
            return None
        if not request.META.get("QUERY_STRING"):
            return (request.path_info,)
        if any(name in request.GET for name in terms.unkept):
            return None
        given = request.GET
        return (request.path_info, *((name, given[name]) for name in terms.parameters if name in given))

    def _finish(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Turns the answer of a public view into a page, and keeps it if it may be kept."""
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
        page = Page(response, min(generation.ends if generation else now, now + terms.seconds))
        if generation and page.ends > now and settings.PAGE_CACHE_BYTES:
            if len(self._terms) >= PATHS:
                self._terms.clear()
            self._terms[request.path_info] = terms
            if key := self._key(request):
                generation.keep(key, page)
        return page.answer(request)
