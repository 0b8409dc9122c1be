"""Redirects from addresses of a former site: validation, import of lists, and the middleware that answers.

A redirect leads to a page, never to another redirect, so there are no chains and no loops. One to an article follows it
to its current address.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import combinations
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from news.models import Publication, Redirect
from news.reading.queries import paths_of
from sccon import spreadsheets
from sccon.clock import page_instant
from sccon.links import APPENDED
from sccon.models import User

MOST_LINES = 5000  # lines of one import


class RedirectRefused(Exception):
    """The redirect is not valid; the message says why, in the user's language. `field` is `old` or `new`."""

    def __init__(self, message: str, field: str = "new"):
        self.field = field
        super().__init__(message)


# --- How an address is compared ------------------------------------------------------------------

SESSION = re.compile(r";(jsessionid|phpsessid|sessionid|sid|cfid|cftoken)=[^/;]*")
ESCAPED = re.compile(r"(?:%[0-9a-f]{2})+", re.IGNORECASE)
CONTROL = re.compile(r"%(?:[01][0-9a-f]|7f)", re.IGNORECASE)
HOST = re.compile(r"(?:https?:)?//([^/?#]*)|www\.[^/?#]*", re.IGNORECASE)
MOST_PARAMETERS = 6  # of a request that are left out one by one: each doubles what is looked for
LOST = "\N{REPLACEMENT CHARACTER}"  # granian's word for a byte that is no UTF-8; an ISO-8859-1 site wrote a letter so
LATIN = "[\u00a0-\u00ff]"


def normalised(address: str) -> str:
    """An old address as it is compared, however former sites and browsers spell it; '' for what is none: //[x.

    Path and query, without host, trailing slash, session, and what mailings append; in lower case and composed
    letters, the parameters in order. Escaped is only what would mean something else unescaped: the result is an
    address, too, and its own normalised form.
    """
    address = address.strip()
    if host := HOST.match(address):
        try:
            urlsplit(host[0])
        except ValueError:
            return ""
        address = address[host.end() :]
    path, _question, query = address.partition("#")[0].partition("?")
    return _spelt(ESCAPED.sub(_unescaped, path), _parameters(query))


def asked_for(request: HttpRequest) -> list[str]:
    """The old addresses that may be meant by a request, as they are compared, the most particular first.

    A parameter that the old address does not name changes nothing.
    """
    # Django has unescaped the path, but for what is no UTF-8.
    path = ESCAPED.sub(_unescaped, re.sub("%(?![89A-F][0-9A-F])", "%25", request.path))
    raw = request.META["QUERY_STRING"].encode("latin-1", errors="replace")
    given = _parameters("".join(chr(byte) if byte < 128 else f"%{byte:02X}" for byte in raw))
    sizes = range(len(given), -1, -1) if len(given) <= MOST_PARAMETERS else (len(given), 0)
    found = [_spelt(path, some) for size in sizes for some in combinations(given, size)]
    return [address for address in found if address and len(address) <= 500]


def _spelt(path: str, parameters: Sequence[str]) -> str:
    """From an unescaped path and parameters in their normalised form."""
    path = SESSION.sub("", _composed(path))
    path = _escaped(re.sub("/{2,}", "/", f"/{path}").rstrip("/ "), "#?")
    return f"{path or '/'}?{'&'.join(parameters)}".rstrip("/") if parameters else path


def _parameters(query: str) -> list[str]:
    """The parameters of `query` that tell pages apart, in order."""
    found = set()
    for part in query.split("&"):
        # "&amp;" is in addresses that were copied out of a page's source.
        name, equals, value = part.removeprefix("amp;").replace("+", " ").partition("=")
        name, value = (_composed(ESCAPED.sub(_unescaped, each)) for each in (name, value))
        if name and not APPENDED.fullmatch(name):
            found.add(_escaped(name, "#&+=") + equals + _escaped(value, "#&+"))
    return sorted(found)


def _unescaped(escapes: re.Match[str]) -> str:
    data = unquote_to_bytes(escapes[0])
    for encoding in ("utf-8", "cp1252"):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    return data.decode("latin-1")


def _composed(text: str) -> str:
    """`text` in lower case and composed letters, without signs nobody sees and spaces around it."""
    seen = "".join(" " if sign.isspace() else sign for sign in text if unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFC", seen.lower()).strip()


def _escaped(text: str, signs: str) -> str:
    return "".join(
        quote(sign, safe="") if sign in signs or sign in " %" or unicodedata.category(sign) == "Cc" else sign
        for sign in text
    )


# --- What may be entered -------------------------------------------------------------------------


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
        if not old or CONTROL.search(old) or len(old) > 500:
            raise RedirectRefused(_("This is no address, or too long a one: it begins with / or https://."), "old")
        if self._is_ours(old):
            raise RedirectRefused(_("A page of this site answers this address itself."), "old")
        if old in self.urls:
            raise RedirectRefused(_("Another redirect leads here: a redirect must not lead to a redirect."), "old")
        return old, self._target(old, new_address)

    def _target(self, old: str, address: str) -> Target:
        address = "".join(sign for sign in address if unicodedata.category(sign) != "Cf").strip()
        try:
            parts = urlsplit(address)
        except ValueError as error:
            raise RedirectRefused(_("This is no address: it has spaces or is too long.")) from error
        if any(sign.isspace() or not sign.isprintable() for sign in address) or len(address) > 500:
            raise RedirectRefused(_("This is no address: it has spaces or is too long."))
        if parts.scheme in {"http", "https"} and parts.netloc and parts.netloc != urlsplit(settings.SITE_URL).netloc:
            return Target(url=address)
        if not re.match(r"/(?!/)|https?://", address):
            raise RedirectRefused(_("Enter a page of this site, such as /de/tickets/, or an address with https://."))
        spelt = normalised(address)
        if spelt == old:
            raise RedirectRefused(_("It would lead to itself."))
        path = unquote(parts.path).rstrip("/")
        language, _slash, rest = path.removeprefix("/").partition("/")
        if article_id := self.ours.get((language, rest)):
            return Target(article_id=article_id, language=language)
        if spelt in self.old:
            raise RedirectRefused(_("This address is itself redirected: name the page where it ends."))
        if not (page := _page_address(path)):
            raise RedirectRefused(_("No page of this site has this address."))
        return Target(url=f"{page}?{parts.query}" if parts.query else page)

    def _is_ours(self, path: str) -> bool:
        """Whether `path` belongs to this site: to an article that was or will be public, or to another page."""
        bare = path.partition("?")[0]
        language, _slash, rest = bare.removeprefix("/").partition("/")
        return (language, rest) in self.ours or bool(_page_address(bare))


def _page_address(path: str) -> str:
    """The canonical address of the page at `path`, if it is a page of this site other than a text; else ''."""
    # Django finds addresses that begin with a language only while that one is active.
    with translation.override(translation.get_language_from_path(path) or settings.LANGUAGE_CODE):
        for address in (f"{path}/", path):
            # Not the pattern of texts, which matches any word: publications tell whether there is one.
            with suppress(Resolver404):
                if resolve(address).view_name not in {"news:article", "news:page"}:
                    return address
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


def read_list(text: str) -> list[tuple[int, str, str]]:
    """The rows of a list with two columns, old and new address; without a heading.

    Raises `RedirectRefused` if it has more than `MOST_LINES` rows.
    """
    found = list(spreadsheets.rows(text, fits=lambda cells: len(cells) > 1 and all(map(_begins_so, cells[:2]))))
    if len(found) > MOST_LINES:
        raise RedirectRefused(_("The list has more than %(most)d lines; please divide it.") % {"most": MOST_LINES})
    if found and not any(map(_begins_so, found[0].cells)):
        del found[0]
    return [(row.number, row.cells[0], row.cells[1] if len(row.cells) > 1 else "") for row in found]


def _begins_so(cell: str) -> bool:
    return cell.startswith("/") or bool(HOST.match(cell))


def judge(pairs: Iterable[tuple[int, str, str]]) -> list[Line]:
    """The outcome of importing `pairs`, line by line; changes nothing."""
    return [line for line, _row in _judged(pairs)]


def _judged(pairs: Iterable[tuple[int, str, str]]) -> Iterator[tuple[Line, Redirect | None]]:
    """Each line with its redirect, unsaved; None if it is refused or said before."""
    rules = Rules.now()
    stored = {row.old_path: row for row in Redirect.objects.all()}
    seen: dict[str, Target] = {}
    for number, old_address, new_address in pairs:
        try:
            old, target = rules.check(old_address, new_address)
            if seen.get(old, target) != target:
                raise RedirectRefused(_("The list names this old address twice."), "old")
        except RedirectRefused as refused:
            yield Line(number, old_address, new_address, "refused", str(refused)), None
            continue
        if old in seen:
            yield Line(number, old_address, new_address, "same"), None
            continue
        seen[old] = target
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


def _meant(addresses: list[str]) -> Redirect | None:
    """The redirect of the first of `addresses` that has one."""
    found = {row.old_path: row for row in Redirect.objects.filter(old_path__in=addresses)}
    if not found and (lost := [address for address in addresses if LOST in address]):
        letters = [re.escape(address).replace(LOST, LATIN) for address in (lost[0], lost[-1])]
        return Redirect.objects.filter(old_path__regex=f"^({'|'.join(letters)})$").first()
    return next((found[address] for address in addresses if address in found), None)


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
        redirect = _meant(asked_for(request))
        url = redirect and target_url(redirect, request)
        return HttpResponsePermanentRedirect(url) if url else response
