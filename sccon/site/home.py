"""The home page, and `/`, which leads to it in the visitor's language."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from news import reading
from sccon import languages
from sccon.clock import database_now

CARDS, BRIEFS = 5, 4


def home(request: HttpRequest) -> HttpResponse:
    """The lead story, the latest news, the topics."""
    language = translation.get_language()
    at = request.at = database_now()
    lead = reading.lead_story(language, at)
    latest = reading.stories(language, at)
    if lead:
        latest = latest.exclude(pk=lead.pk)
    shown = reading.load_cards(
        [*([lead] if lead else []), *latest[: CARDS + BRIEFS]], crops=[reading.Crop.CARD, reading.Crop.TALL]
    )
    years = reading.year_counts(language, at)
    return render(
        request,
        "site/home.html",
        {
            **languages.links(request, languages.in_each("site:home")),
            "lead_story": lead,
            "stories": shown[1:] if lead else shown,
            "topics": reading.topic_counts(language, at),
            "total": sum(count for _year, count in years),
        },
    )


def by_language(request: HttpRequest) -> HttpResponse:
    """`/`: to the home page in the language the browser asks for. Kept by no cache."""
    with translation.override(translation.get_language_from_request(request)):
        response = HttpResponseRedirect(reverse("site:home"))
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["Accept-Language"])
    return response
