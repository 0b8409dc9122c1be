"""Views of the archive by year and month, and of authors. A year, month or author without public news answers 404."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from news.models import AuthorAddress, Publication
from news.reading import json_ld, queries
from news.reading.lists import list_context
from sccon import languages
from sccon.clock import page_instant
from sccon.pagecache import public

BERLIN = ZoneInfo(settings.TIME_ZONE)
type Counts = Sequence[tuple[date, int]]


@dataclass(frozen=True)
class MonthLink:
    """A month of the archive, and how many stories it has."""

    first_day: date
    count: int
    current: bool

    @property
    def url(self) -> str:
        return reverse("news:month", args=[f"{self.first_day.year:04}", f"{self.first_day.month:02}"])


@dataclass(frozen=True)
class YearLink:
    """A year of the archive with its months."""

    year: int
    months: Sequence[MonthLink]
    current: bool

    @property
    def url(self) -> str:
        return reverse("news:year", args=[f"{self.year:04}"])

    @property
    def count(self) -> int:
        return sum(month.count for month in self.months)


@public
def archive(request: HttpRequest) -> HttpResponse:
    """All years and their months."""
    counts = queries.month_counts(translation.get_language(), page_instant(request))
    context = {"years": _years(counts), **languages.links(request, languages.in_each("news:archive"))}
    return render(request, "news/archive.html", context)


@public(parameters=("page",))
def year(request: HttpRequest, year: str) -> HttpResponse:
    """The news of a year. Raises `Http404` where there is none."""
    first = date(int(year), 1, 1)
    return _period(request, "news:year", [year], first, 12, year)


@public(parameters=("page",))
def month(request: HttpRequest, year: str, month: str) -> HttpResponse:
    """The news of a month. Raises `Http404` where there is none."""
    first = date(int(year), int(month), 1)
    return _period(request, "news:month", [year, month], first, 1, date_format(first, "YEAR_MONTH_FORMAT"))


@public(parameters=("page",))
def author(request: HttpRequest, slug: str) -> HttpResponse:
    """The news of an author. Raises `Http404` where there is none."""
    language, at = translation.get_language(), page_instant(request)
    address = AuthorAddress.objects.filter(slug=slug).select_related("author__portrait").first()
    if address is None or not (found := address.author).slug:
        raise Http404
    written = {
        code: stories
        for code, _name in settings.LANGUAGES
        if (stories := queries.stories(code, at).filter(author=found)).exists()
    }
    if language not in written:
        raise Http404
    if found.slug != slug:
        return HttpResponsePermanentRedirect(found.get_absolute_url())
    if found.portrait:
        queries.load_renditions([found.portrait], crops=[queries.Crop.TALL])
    paths = {code: _path("news:author", [found.slug], code) for code in written}
    context = {
        **list_context(request, written[language], {}),
        **languages.links(request, paths, languages.in_each("news:overview")),
        "author": found,
        "heading": found.name,
        "json_ld": json_ld.author_page(found, paths[language]),
    }
    return render(request, "news/author.html", context)


def _period(
    request: HttpRequest, view_name: str, arguments: list[str], first: date, months: int, heading: str
) -> HttpResponse:
    """The news that first appeared within `months` months from `first` on, Berlin time."""
    language, at = translation.get_language(), page_instant(request)
    counts = queries.month_counts(language, at)
    after = date(first.year + (first.month + months > 12), (first.month + months - 1) % 12 + 1, 1)
    total = sum(count for month, count in counts if first <= month < after)
    if not total:
        raise Http404
    paths = {
        code: _path(view_name, arguments, code)
        for code, _name in settings.LANGUAGES
        if code == language or _of(queries.stories(code, at), first, after).exists()
    }
    is_month = months == 1
    years = _years(counts, first.year, first if is_month else None)
    context = {
        **list_context(request, _of(queries.stories(language, at), first, after), {}, total),
        **languages.links(request, paths, languages.in_each("news:archive")),
        "years": years,
        "year": next(link for link in years if link.current),
        "heading": heading,
        "is_month": is_month,
    }
    return render(request, "news/archive_period.html", context)


def _of(stories: QuerySet[Publication], first: date, after: date) -> QuerySet[Publication]:
    begins, ends = (datetime(day.year, day.month, day.day, tzinfo=BERLIN) for day in (first, after))
    return stories.filter(first_published_at__gte=begins, first_published_at__lt=ends)


def _years(counts: Counts, current_year: int | None = None, current_month: date | None = None) -> list[YearLink]:
    return [
        YearLink(
            year, [MonthLink(first, count, first == current_month) for first, count in months], year == current_year
        )
        for year, months in groupby(counts, key=lambda pair: pair[0].year)
    ]


def _path(view_name: str, arguments: Sequence[str], language: str) -> str:
    with translation.override(language):
        return reverse(view_name, args=arguments)
