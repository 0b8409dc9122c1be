"""Lists of stories as pages show them: by month, in numbered pages, narrowed by links."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from urllib.parse import urlencode

from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from news.models import Publication
from news.reading.cards import ROW, pieces
from sccon.clock import page_instant

PAGE_SIZE = 20


@dataclass(frozen=True)
class Month:
    """A heading of a list and what stands under it."""

    first_day: date
    rows: list[SafeString]


@dataclass(frozen=True)
class PageLink:
    """A number of the pagination; None is a gap."""

    number: int | None
    url: str
    current: bool


@dataclass(frozen=True)
class Filter:
    """A link that narrows the list, and how many stories it leaves."""

    name: str
    url: str
    count: int
    current: bool


def list_context(request: HttpRequest, stories: QuerySet[Publication], filters: dict, total: int | None = None) -> dict:
    """A page of `stories`; `total` is how many there are, where that is known already."""
    paginator = Paginator(stories.values_list("first_published_at", "pk"), PAGE_SIZE)
    if total is not None:
        paginator.count = total  # a cached property: not asked again
    try:
        current = paginator.page(request.GET.get("page", 1))
    except (PageNotAnInteger, EmptyPage) as error:
        raise Http404 from error

    def url(number: int) -> str:
        return query(filters | {"page": number if number > 1 else None}) or request.path

    return {
        "page": current,
        "months": by_month(list(current), translation.get_language(), page_instant(request)),
        "total": paginator.count,
        "pages": page_links(current, url),
        "previous_url": url(current.previous_page_number()) if current.has_previous() else "",
        "next_url": url(current.next_page_number()) if current.has_next() else "",
    }


def by_month(stories: Sequence[tuple[datetime, int]], language: str, at: datetime) -> list[Month]:
    """Rows of `stories`, each given by when it first appeared and its number, under their months (Berlin time)."""
    written = pieces([(ROW, pk) for _first, pk in stories], language, at)
    shown = [(timezone.localdate(first), written[ROW, pk]) for first, pk in stories if (ROW, pk) in written]
    months = groupby(shown, lambda row: row[0].replace(day=1))
    return [Month(first_day, [row for _day, row in rows]) for first_day, rows in months]


def page_links(current: Page, url: Callable[[int], str]) -> list[PageLink]:
    numbers = current.paginator.get_elided_page_range(current.number, on_each_side=1, on_ends=1)
    return [
        PageLink(number, url(number), number == current.number)
        if isinstance(number, int)
        else PageLink(None, "", False)
        for number in numbers
    ]


def query(parameters: dict) -> str:
    """A query string of what is set; '' when nothing is."""
    given = {name: value for name, value in parameters.items() if value}
    return f"?{urlencode(given)}" if given else ""
