"""Lists of stories as pages show them: by month, in numbered pages, narrowed by links."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.http import Http404, HttpRequest
from django.utils import timezone

from news import reading
from news.models import Publication

PAGE_SIZE = 20


@dataclass(frozen=True)
class Month:
    """A heading of a list and what stands under it."""

    first_day: date
    stories: list[Publication]


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

    @property
    def year(self) -> str:
        return self.name


def list_context(request: HttpRequest, stories: Any, filters: dict, total: int | None = None) -> dict:
    """A page of `stories`; `total` is how many there are, where that is known already."""
    paginator = Paginator(stories, PAGE_SIZE)
    if total is not None:
        paginator.count = total  # a cached property: not asked again
    try:
        current = paginator.page(request.GET.get("page", 1))
    except (PageNotAnInteger, EmptyPage) as error:
        raise Http404 from error
    current.object_list = reading.load_cards(current.object_list)

    def url(number: int) -> str:
        return query(filters | {"page": number if number > 1 else None}) or request.path

    return {
        "page": current,
        "months": by_month(current.object_list),
        "total": paginator.count,
        "pages": page_links(current, url),
        "previous_url": url(current.previous_page_number()) if current.has_previous() else "",
        "next_url": url(current.next_page_number()) if current.has_next() else "",
    }


def by_month(stories: list[Publication]) -> list[Month]:
    months: list[Month] = []
    for story in stories:
        first_day = timezone.localdate(story.first_published_at).replace(day=1)
        if not months or months[-1].first_day != first_day:
            months.append(Month(first_day, []))
        months[-1].stories.append(story)
    return months


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
