"""The sitemap: an index at /sitemap.xml and its parts, each with what is public at the time of the request."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.core.paginator import EmptyPage, PageNotAnInteger
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import conditional_page, require_safe

from news.reading import sitemaps as news
from newsletter.issues import sitemaps as newsletter
from sccon import languages
from sccon.clock import page_instant
from sccon.pagecache import public
from sccon.sitemaps import EveryLanguage, Part
from tickets.models import Event

RECENT = "news"


def parts(at: datetime) -> Mapping[str, Part]:
    """Every part by its name in the address."""
    everywhere = ["site:home", "news:overview", "newsletter:sign_up"]
    if Event.objects.current().exists():
        everywhere.append("tickets:shop")
    codes = [code for code, _name in settings.LANGUAGES]
    return {
        "site": EveryLanguage(at, [languages.in_each(name) for name in everywhere]),
        "topics": news.Topics(at),
        **{f"pages-{code}": news.Pages(at, code) for code in codes},
        **{f"articles-{code}": news.Articles(at, code) for code in codes},
        **{f"issues-{code}": newsletter.Issues(at, code) for code in codes},
        RECENT: news.Recent(at),
    }


@public
@require_safe
@conditional_page
def index(request: HttpRequest) -> HttpResponse:
    """The index: the parts that are not empty, each with its pages."""
    found = [
        {"location": settings.SITE_URL + _path(name, number), "changed": part.changed()}
        for name, part in parts(page_instant(request)).items()
        if part.paginator.count
        for number in part.paginator.page_range
    ]
    return render(request, "site/sitemap_index.xml", {"parts": found}, content_type="application/xml")


@public(parameters=("p",))
@require_safe
@conditional_page
def part(request: HttpRequest, name: str) -> HttpResponse:
    """One part."""
    found = parts(page_instant(request))
    if name not in found:
        raise Http404
    try:
        urls = found[name].get_urls(request.GET.get("p", 1))
    except (EmptyPage, PageNotAnInteger) as error:
        raise Http404 from error
    template = "site/sitemap_news.xml" if name == RECENT else "site/sitemap.xml"
    return render(request, template, {"urls": urls}, content_type="application/xml")


def _path(name: str, number: int) -> str:
    path = reverse("sitemap_part", args=[name])
    return f"{path}?p={number}" if number > 1 else path
