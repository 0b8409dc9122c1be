"""The page of one text: the same for what is public and for what is shown as if it were."""

from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from news.models import Article, Publication
from news.reading import json_ld
from news.reading.article_page import Parts, article_context
from news.reading.feeds import feed_links
from news.reading.footer import foot_links
from news.reading.queries import Surroundings
from sccon import languages


def render_text(
    request: HttpRequest, publication: Publication, parts: Parts, around: Surroundings, at: datetime
) -> HttpResponse:
    """`publication` as visitors see it at the instant `at`."""
    overviews = {
        code: f"{url}?{urlencode({'from': publication.article_id})}"
        for code, url in languages.in_each("news:overview").items()
    }
    context = {
        **article_context(publication, parts),
        **languages.links(request, around.paths, overviews),
        "feeds": feed_links(),
        "older": around.older,
        "newer": around.newer,
        "event_is_over": publication.event_is_over(at),
    }
    if around.legal is not None:
        context["legal"] = foot_links(around.legal)
    if publication.kind == Article.Kind.PAGE:
        return render(request, "news/page.html", context)
    share = context["share"].url if context["share"] else ""
    context["json_ld"] = json_ld.article_page(publication, context["canonical"], context["topics"], share)
    return render(request, "news/article.html", context)
