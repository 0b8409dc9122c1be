"""Views of the overview, topics, articles and pages. Each shows one language at one instant."""

from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from news.models import Topic
from news.reading import json_ld, queries
from news.reading.article_page import parts_of, text_page
from news.reading.feeds import feed_links
from news.reading.lists import Filter, list_context, query
from sccon import languages
from sccon.clock import page_instant
from sccon.pagecache import public
from sccon.translated import NAMES


@public(parameters=("page", "topic", "year"), unkept=("from",))
def overview(request: HttpRequest) -> HttpResponse:
    """All news, newest first, by topic and year."""
    language, at = _begin(request)
    topic = _topic(request.GET["topic"], language) if request.GET.get("topic") else None
    year = _year(request.GET.get("year"))
    filters = {"topic": topic.slug if topic else None, "year": year}
    narrowing = _filters(language, at, topic, year)
    total = sum(choice.count for choice in narrowing["year_filters"] if choice.current or not year)
    context = list_context(request, queries.stories(language, at, topic=topic, year=year), filters, total)
    if (topic or year) and not context["total"]:
        raise Http404
    return render(
        request,
        "news/overview.html",
        {
            **context,
            **narrowing,
            **languages.links(
                request,
                _list_paths("news:overview", {"topic": topic, "year": year}, at),
                languages.in_each("news:overview"),
            ),
            "heading": _("News"),
            "feeds": feed_links(),
            "from_notice": _from_notice(request, language, at),
            "robots": "noindex" if "from" in request.GET else "",
        },
    )


@public(parameters=("page",))
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """The news of one topic. Raises `Http404` where there is none."""
    language, at = _begin(request)
    found = _topic(slug, language)
    if found.slug != slug:
        return HttpResponsePermanentRedirect(found.get_absolute_url())
    context = list_context(request, queries.stories(language, at, topic=found), {})
    if not context["total"]:
        raise Http404
    paths = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            if found.slug and queries.stories(code, at, topic=found).exists():
                paths[code] = found.get_absolute_url()
    return render(
        request,
        "news/topic.html",
        {
            **context,
            **languages.links(request, paths, languages.in_each("news:overview")),
            "topic": found,
            "heading": found.name,
            "feeds": feed_links(found),
            "json_ld": json_ld.topic_page(found),
        },
    )


@public
def article(request: HttpRequest, slug: str) -> HttpResponse:
    return _text(request, f"news/{slug}")


@public
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Imprint, privacy and other articles of kind page."""
    return _text(request, slug)


def _begin(request: HttpRequest) -> tuple[str, datetime]:
    """The language of the page, and the instant for all its queries."""
    return translation.get_language(), page_instant(request)


def _text(request: HttpRequest, path: str) -> HttpResponse:
    language, at = _begin(request)
    publication = queries.text(language, path, at)
    if publication is None:
        return _answer_elsewhere(request, language, path, at)
    around = queries.surroundings(publication, at)
    return render(request, *text_page(request, publication, parts_of(publication, around, at), around, at))


def _answer_elsewhere(request: HttpRequest, language: str, path: str, at: datetime) -> HttpResponse:
    """Without a public text: 404 if there never was one, 301 if it moved or was replaced, else 410."""
    found = queries.elsewhere(language, path, at)
    if found is None:
        raise Http404
    if found.url:
        return HttpResponsePermanentRedirect(found.url)
    context = {**languages.links(request, {}, languages.in_each("news:overview")), "robots": "noindex"}
    return render(request, "410.html", context, status=410)


# --- Lists ---------------------------------------------------------------------------------------


def _filters(language: str, at: datetime, topic: Topic | None, year: int | None) -> dict:
    """The filters by topic and by year. Each keeps the other one, leaves at least one story, and leads to page one."""
    chosen = {"topic": topic.slug if topic else None, "year": year}
    return {
        "topic_filters": [
            Filter(str(other), query(chosen | {"topic": other.slug}), count, other == topic)
            for other, count in queries.topic_counts(language, at, year=year)
        ],
        "year_filters": [
            Filter(str(other), query(chosen | {"year": other}), count, other == year)
            for other, count in queries.year_counts(language, at, topic=topic)
        ],
        "all_topics_url": query(chosen | {"topic": None}) or "./",
        "all_years_url": query(chosen | {"year": None}) or "./",
        "filtered": any(chosen.values()),
    }


def _list_paths(view_name: str, chosen: dict, at: datetime) -> dict[str, str]:
    """The paths of the same filtered list by language. A language in which it would be empty is left out."""
    here = translation.get_language()
    paths = {}
    for language, path in languages.in_each(view_name).items():
        with translation.override(language):
            topic = chosen["topic"]
            if topic and not topic.slug:
                continue
            choice = query({"topic": topic.slug if topic else None, "year": chosen["year"]})
        if (
            not choice
            or language == here
            or queries.stories(language, at, topic=chosen["topic"], year=chosen["year"]).exists()
        ):
            paths[language] = path + choice
    return paths


def _topic(slug: str, language: str) -> Topic:
    """The topic that has, or had, this slug. Raises `Http404`."""
    if found := queries.topic_at(language, slug):
        return found
    raise Http404


def _year(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) == 4 and int(text) > 0):
        raise Http404
    return int(text)


def _from_notice(request: HttpRequest, language: str, at: datetime) -> str:
    """The notice for a visitor whom the language switch brought here from an article without this language; or ''."""
    given = request.GET.get("from", "")
    if not (given.isascii() and given.isdigit() and len(given) <= 18):
        return ""
    if language in (paths := queries.paths_of(int(given), at)) or not paths:
        return ""
    return _("The page you came from is not available in %(language)s. Here is all our news in %(language)s.") % {
        "language": NAMES[language]
    }
