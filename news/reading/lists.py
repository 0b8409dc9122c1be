"""Lists of stories: grouped by month, paginated, with links that filter them."""

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
    """A month as heading of a list, with its rows."""

    first_day: date
    rows: list[SafeString]


@dataclass(frozen=True)
class PageLink:
    """A link of the pagination; `number` None is an ellipsis."""

    number: int | None
    url: str
    current: bool


@dataclass(frozen=True)
class Filter:
    """A link that filters the list, with the number of stories that remain."""

    name: str
    url: str
    count: int
    current: bool


def list_context(request: HttpRequest, stories: QuerySet[Publication], filters: dict, total: int | None = None) -> dict:
    """The context of a page of `stories`; `total` spares the count where the caller knows it."""
    paginator = Paginator(stories.values_list("first_published_at", "pk"), PAGE_SIZE)
    if total is not None:
        paginator.count = total  # a cached property: no query
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
    """`stories`, each as its first date and its id, as rows grouped by month (Berlin time)."""
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
    """A query string of the parameters that have a value; '' if none has."""
    given = {name: value for name, value in parameters.items() if value}
    return f"?{urlencode(given)}" if given else ""
