"""Views of the search page and of suggestions. Both are sent with `no-store` and `noindex`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from news.models import TopicAddress
from news.reading import queries
from news.reading.cards import KICKER, LATEST, THUMB, cards, pieces
from news.reading.lists import Filter, page_links, query
from news.search import excerpts, finding
from news.search.understanding import LONGEST, Query, understand
from sccon import languages
from sccon.characters import one_line
from sccon.clock import page_instant
from sccon.pagecache import generation_of, personal

LATEST_SHOWN = 4  # where nothing was found


@dataclass(frozen=True)
class Result:
    """A result as the template shows it."""

    url: str
    thumb: SafeString
    kicker: SafeString
    title: SafeString
    excerpt: SafeString


def unkept(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Decorator: keeps the response out of caches and search engines."""

    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        response = view(request)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    return answered


@unkept
@personal
def results(request: HttpRequest) -> HttpResponse:
    """The results for `?q=`, filtered by `?topic=` and `?year=`."""
    language, at = translation.get_language(), _instant(request)
    text = one_line(request.GET.get("q", ""))[:LONGEST]
    chosen = {"q": text, "topic": request.GET.get("topic", ""), "year": request.GET.get("year", "")}
    asked = understand(text, language)
    context: dict[str, Any] = {"q": text, "robots": "noindex", "total": 0, "asked": bool(asked.wanted)}
    if asked.wanted:
        context |= _found(request, asked, at, chosen)
    if not context["total"]:
        context |= _instead(language, at)
    otherwise = {code: path + query({"q": text}) for code, path in languages.in_each("news:search").items()}
    return render(request, "news/search.html", context | languages.links(request, {}, otherwise))


@unkept
@personal
def suggest(request: HttpRequest) -> HttpResponse:
    """Suggestions for `?q=` while somebody types, as JSON."""
    asked = understand(one_line(request.GET.get("q", "")), translation.get_language())
    topics, stories = finding.suggested(asked, _instant(request))
    found = [{"kind": _("Topic"), "text": str(topic), "url": topic.url} for topic in topics]
    found += [{"kind": "", "text": story.title, "url": story.url} for story in stories]
    return JsonResponse({"suggestions": found})


def _instant(request: HttpRequest) -> datetime:
    """The instant of the generation, whose cache is used; a later one could belong to the next."""
    generation = generation_of(request)
    return generation.at if generation else page_instant(request)


def _found(request: HttpRequest, asked: Query, at: datetime, chosen: dict[str, str]) -> dict[str, Any]:
    """The context of a page of results and filters, with the spelling corrected if nothing was found."""
    topic, year, page = _topic_id(chosen["topic"], asked.language), _number(chosen["year"], 4), _page(request)
    found = finding.find(asked, at, topic=topic, year=year, page=page)
    context: dict[str, Any] = {}
    narrowed = bool(chosen["topic"] or chosen["year"])
    if not found.total and not narrowed and (other := finding.corrected(asked, at)):
        asked = understand(other, asked.language)
        found = finding.find(asked, at, page=page)
        context, chosen = {"corrected": other}, chosen | {"q": other}
    paginator = Paginator(range(min(found.total, finding.PAGE_SIZE * finding.MOST_PAGES)), finding.PAGE_SIZE)
    if page > paginator.num_pages:
        raise Http404
    current = paginator.page(page)

    def url(number: int) -> str:
        return query(chosen | {"page": number if number > 1 else None})

    return context | {
        **_filters(asked.language, chosen, topic, year, found),
        "total": found.total,
        "narrowed": narrowed,
        "results": _results(found.texts, asked, at),
        "page": current,
        "pages": page_links(current, url),
        "previous_url": url(page - 1) if current.has_previous() else "",
        "next_url": url(page + 1) if current.has_next() else "",
        "unfiltered_url": query({"q": chosen["q"]}),
    }


def _results(texts: Sequence[finding.Text], asked: Query, at: datetime) -> list[Result]:
    pattern = asked.pattern
    drawn = pieces([(style, text.pk) for text in texts for style in (THUMB, KICKER)], asked.language, at)
    return [
        Result(
            url=text.url,
            thumb=drawn[THUMB, text.pk],
            kicker=drawn[KICKER, text.pk],
            title=excerpts.title(text, pattern),
            excerpt=excerpts.excerpt(text, pattern),
        )
        for text in texts
        if (THUMB, text.pk) in drawn
    ]


def _filters(language: str, chosen: dict[str, str], topic: int | None, year: int | None, found: finding.Found) -> dict:
    """The filters by topic and by year; each keeps the query and the other filter."""
    topics = [each for pk, each in queries.all_topics().items() if pk in found.topics and each.slug]
    topics.sort(key=lambda each: (-found.topics[each.pk], str(each)))
    return {
        "topic_filters": [
            Filter(str(each), query(chosen | {"topic": each.slug}), found.topics[each.pk], each.pk == topic)
            for each in topics
        ],
        "year_filters": [
            Filter(str(each), query(chosen | {"year": each}), found.years[each], each == year)
            for each in sorted(found.years, reverse=True)
        ],
        "all_topics_url": query(chosen | {"topic": None}),
        "all_years_url": query(chosen | {"year": None}),
        "filtered": bool(topic or year),
    }


def _instead(language: str, at: datetime) -> dict[str, Any]:
    """The context where nothing was found or nothing was asked: topics and latest news."""
    topics = [Filter(str(topic), topic.url, count, False) for topic, count in queries.topic_counts(language, at)]
    latest = queries.stories(language, at).values_list("pk", flat=True)[:LATEST_SHOWN]
    return {"topics": topics, "latest": cards(LATEST, list(latest), language, at)}


def _topic_id(slug: str, language: str) -> int | None:
    """The id of the topic with this slug; 0 for an unknown one, so that nothing is found."""
    if not slug:
        return None
    address = TopicAddress.objects.filter(language=language, slug=slug.replace("\0", "")).first()
    return address.topic_id if address else 0


def _number(text: str, most: int) -> int | None:
    """`text` as a number of at most `most` digits. Raises `Http404`."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= most and int(text)):
        raise Http404
    return int(text)


def _page(request: HttpRequest) -> int:
    return _number(request.GET.get("page", "1"), 3) or 1
