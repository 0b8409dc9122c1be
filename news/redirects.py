"""Redirects from addresses of a former site: validation, import of lists, and the middleware that answers.

A redirect leads to a page, never to another redirect, so there are no chains and no loops. One to an article follows it
to its current address.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from news.models import Publication, Redirect
from news.reading.queries import paths_of
from sccon.clock import page_instant
from sccon.models import User

MOST_LINES = 5000  # lines of one import


class RedirectRefused(Exception):
    """The redirect is not valid; the message says why, in the user's language. `field` is `old` or `new`."""

    def __init__(self, message: str, field: str = "new"):
        self.field = field
        super().__init__(message)


def normalised(address: str) -> str:
    """Path and query, percent-decoded, without a trailing slash; '' if nothing is left.

    Used alike for what is entered and for what is requested. '' as well for what is no address: //[x.
    """
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    path = unquote(parts.path).rstrip("/")
    query = f"?{unquote(parts.query)}" if parts.query else ""
    path = path if path.startswith("/") or not path else f"/{path}"
    return (path or "/") + query if query else path


@dataclass(frozen=True)
class Target:
    """The target: an article in a language, or an address."""

    article_id: int | None = None
    language: str = ""
    url: str = ""


@dataclass
class Rules:
    """Data for checking redirects, read once for one redirect or for thousands."""

    ours: dict[tuple[str, str], int] = field(default_factory=dict)  # (language, path) → article, of all publications
    old: set[str] = field(default_factory=set)  # old addresses of redirects
    urls: set[str] = field(default_factory=set)  # paths on this site that are targets

    @classmethod
    def now(cls, *, without: Redirect | None = None) -> "Rules":
        rows = Redirect.objects.exclude(pk=without.pk) if without and without.pk else Redirect.objects.all()
        pairs = list(rows.values_list("old_path", "url"))
        public = Publication.objects.values_list("language", "path", "article_id")
        return cls(
            ours={(language, path): article_id for language, path, article_id in public},
            old={old for old, _url in pairs},
            urls={normalised(url) for _old, url in pairs if url.startswith("/")},
        )

    def check(self, old_address: str, new_address: str) -> tuple[str, Target]:
        """The normalised old path, and the target. Raises `RedirectRefused`."""
        old = normalised(old_address)
        if not old or any(sign.isspace() or sign in "#\x00" for sign in old) or len(old) > 500:
            raise RedirectRefused(_("This is no address: it begins with / and has no spaces."), "old")
        if self._is_ours(old):
            raise RedirectRefused(_("A page of this site answers this address itself."), "old")
        if old in self.urls:
            raise RedirectRefused(_("Another redirect leads here: a redirect must not lead to a redirect."), "old")
        return old, self._target(old, new_address.strip())

    def _target(self, old: str, address: str) -> Target:
        try:
            parts = urlsplit(address)
        except ValueError as error:
            raise RedirectRefused(_("This is no address: it has spaces or is too long.")) from error
        if parts.scheme in {"http", "https"} and parts.netloc and parts.netloc != urlsplit(settings.SITE_URL).netloc:
            if any(sign.isspace() or not sign.isprintable() for sign in address) or len(address) > 500:
                raise RedirectRefused(_("This is no address: it has spaces or is too long."))
            return Target(url=address)
        path = normalised(address)
        if "\x00" in path or len(path) > 500:
            raise RedirectRefused(_("This is no address: it has spaces or is too long."))
        if not re.match(r"/(?!/)|https?://", address):
            raise RedirectRefused(_("Enter a page of this site, such as /de/tickets/, or an address with https://."))
        if path == old:
            raise RedirectRefused(_("It would lead to itself."))
        language, _slash, rest = path.removeprefix("/").partition("/")
        if article_id := self.ours.get((language, rest)):
            return Target(article_id=article_id, language=language)
        if path in self.old:
            raise RedirectRefused(_("This address is itself redirected: name the page where it ends."))
        if not self._is_ours(path):
            raise RedirectRefused(_("No page of this site has this address."))
        bare, question, query = path.partition("?")
        return Target(url=_page_address(bare) + question + query)

    def _is_ours(self, path: str) -> bool:
        """Whether `path` belongs to this site: to an article that was or will be public, or to another page."""
        bare = path.partition("?")[0]
        language, _slash, rest = bare.removeprefix("/").partition("/")
        return (language, rest) in self.ours or bool(_page_address(bare))


def _page_address(path: str) -> str:
    """The canonical address of the page at `path`, if it is a page of this site other than a text; else ''."""
    for address in (f"{path}/", path):
        try:
            # Not the pattern of texts, which matches any word: publications tell whether there is one.
            if resolve(address).view_name not in {"news:article", "news:page"}:
                return address
        except Resolver404:
            continue
    return ""


def save(redirect: Redirect, old_address: str, new_address: str, *, by: User | None) -> Redirect:
    """Saves `redirect` with these two addresses. Raises `RedirectRefused`, and then changes nothing."""
    redirect.old_path, target = Rules.now(without=redirect).check(old_address, new_address)
    redirect.article_id, redirect.language, redirect.url = target.article_id, target.language, target.url
    if not redirect.pk:
        redirect.created_by = by
    redirect.save()
    return redirect


# --- A list ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A line of an import with its outcome: new, changed, same, or refused for `problem`."""

    number: int
    old: str
    new: str
    outcome: str
    problem: str = ""


def read_list(text: str) -> Iterator[tuple[int, str, str]]:
    """Reads a CSV with two columns, old and new address, separated by comma, semicolon or tab; skips a heading.

    Raises `RedirectRefused` if it has more than `MOST_LINES` lines.
    """
    lines = text.lstrip("\ufeff").replace("\x00", "").splitlines()
    if len(lines) > MOST_LINES:
        raise RedirectRefused(_("The list has more than %(most)d lines; please divide it.") % {"most": MOST_LINES})
    head = lines[0] if lines else ""
    delimiter = next((sign for sign in "\t;" if sign in head), ",")
    for number, row in enumerate(csv.reader(lines, delimiter=delimiter), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and not cells[0].startswith(("/", "http"))):
            continue
        yield number, cells[0], cells[1] if len(cells) > 1 else ""


def judge(pairs: Iterable[tuple[int, str, str]]) -> list[Line]:
    """The outcome of importing `pairs`, line by line; changes nothing."""
    return [line for line, _row in _judged(pairs)]


def _judged(pairs: Iterable[tuple[int, str, str]]) -> Iterator[tuple[Line, Redirect | None]]:
    """Each line with its redirect, unsaved; None if it is refused."""
    rules = Rules.now()
    stored = {row.old_path: row for row in Redirect.objects.all()}
    seen: set[str] = set()
    for number, old_address, new_address in pairs:
        try:
            old, target = rules.check(old_address, new_address)
            if old in seen:
                raise RedirectRefused(_("The list names this old address twice."), "old")
        except RedirectRefused as refused:
            yield Line(number, old_address, new_address, "refused", str(refused)), None
            continue
        seen.add(old)
        rules.old.add(old)
        if target.url.startswith("/"):
            rules.urls.add(normalised(target.url))
        row = stored.get(old)
        outcome = "new" if row is None else "same" if _target_of(row) == target else "changed"
        yield Line(number, old_address, new_address, outcome), _unsaved(old, target)


def _target_of(redirect: Redirect) -> Target:
    return Target(redirect.article_id, redirect.language, redirect.url)


def _unsaved(old: str, target: Target) -> Redirect:
    return Redirect(old_path=old, article_id=target.article_id, language=target.language, url=target.url)


@transaction.atomic
def take_list(pairs: Iterable[tuple[int, str, str]], *, by: User | None) -> list[Line]:
    """Imports the lines that `judge` finds new or changed, in one INSERT; returns the outcome of each line."""
    judged = list(_judged(pairs))
    taken = [redirect for line, redirect in judged if redirect and line.outcome in {"new", "changed"}]
    for redirect in taken:
        redirect.created_by = by
    # A changed one keeps when and by whom it was entered.
    Redirect.objects.bulk_create(
        taken, update_conflicts=True, unique_fields=["old_path"], update_fields=["article", "language", "url"]
    )
    return [line for line, _row in judged]


# --- The answer --------------------------------------------------------------------------------


def target_url(redirect: Redirect, request: HttpRequest) -> str | None:
    """The current target; None while its article is not public in its language."""
    if redirect.article_id:
        return paths_of(redirect.article_id, page_instant(request)).get(redirect.language)
    return redirect.url


class RedirectMiddleware:
    """Middleware: instead of 404, redirects (301) an address of the former site."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 404 or request.method not in {"GET", "HEAD"}:
            return response
        if request.path.startswith(reverse("admin:index")):
            return response
        full, path = normalised(request.get_full_path()), normalised(request.path)
        if "\x00" in full + path or len(full) > 500:
            return response
        found = {row.old_path: row for row in Redirect.objects.filter(old_path__in={full, path})}
        redirect = found.get(full) or found.get(path)
        url = redirect and target_url(redirect, request)
        return HttpResponsePermanentRedirect(url) if url else response
