"""The home page, and `/`, which leads to it in the visitor's language."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from news.reading import queries
from news.reading.cards import BIG, BRIEF, SMALL, pieces
from news.reading.feeds import feed_links
from sccon import languages
from sccon.clock import page_instant
from sccon.pagecache import public

# The cards of the latest news, in order.
STYLES = [BIG, *[SMALL] * 4, *[BRIEF] * 4]


@dataclass(frozen=True)
class TopicLink:
    """A topic and how many stories stand under it."""

    name: str
    url: str
    count: int


@public
def home(request: HttpRequest) -> HttpResponse:
    """The lead story, the latest news, the topics."""
    language = translation.get_language()
    at = page_instant(request)
    lead = queries.lead_story(language, at)
    latest = queries.stories(language, at)
    if lead:
        latest = latest.exclude(pk=lead.pk)
        queries.load_topics([lead])
        queries.load_renditions([lead.image] if lead.image else [], crops=[queries.Crop.CARD, queries.Crop.TALL])
    asked = list(zip(STYLES, latest.values_list("pk", flat=True)[: len(STYLES)], strict=False))
    written = pieces(asked, language, at)
    years = queries.year_counts(language, at)
    return render(
        request,
        "site/home.html",
        {
            **languages.links(request, languages.in_each("site:home")),
            "feeds": feed_links(),
            "lead_story": lead,
            "stories": [written[piece] for piece in asked if piece in written],
            "topics": [TopicLink(str(topic), topic.url, count) for topic, count in queries.topic_counts(language, at)],
            "total": sum(count for _year, count in years),
        },
    )


def by_language(request: HttpRequest) -> HttpResponse:
    """`/`: redirects to the home page in the browser's language. Not cached."""
    with translation.override(translation.get_language_from_request(request)):
        response = HttpResponseRedirect(reverse("site:home"))
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["Accept-Language"])
    return response
