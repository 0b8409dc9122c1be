"""Template and context of an article's page: of a publication, or of a draft in the preview."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest
from django.utils.safestring import SafeString

from news.models import Article, Image, Publication, PublicationAttachment, Topic
from news.pictures.figures import image_ids
from news.pictures.share_pictures import shown_by
from news.reading import json_ld, queries
from news.reading.body import render_body
from news.reading.cards import RELATED, cards
from news.reading.feeds import feed_links
from news.reading.footer import foot_links
from news.reading.queries import Surroundings
from sccon import languages


@dataclass(frozen=True)
class Parts:
    """What a page shows beside the text: topics in order, files, related stories."""

    topics: Sequence[Topic]
    attachments: Sequence[PublicationAttachment]
    related: Sequence[SafeString]  # their cards, as HTML


def parts_of(publication: Publication, around: queries.Surroundings, at: datetime) -> Parts:
    files = list(publication.publication_attachments.all()) if around.has_files else []
    related = cards(RELATED, around.related, publication.language, at)
    topics = queries.all_topics() if around.topics else {}
    publication.shown_topics = [topics[topic_id] for topic_id in around.topics if topics[topic_id].slug]
    return Parts(topics=publication.shown_topics, attachments=files, related=related)


def article_context(publication: Publication, parts: Parts) -> dict:
    """The context of `publication` itself, for `news/article.html` and `news/page.html`."""
    ids = image_ids(publication.body)
    images = {image.pk: image for image in Image.objects.filter(pk__in=ids)} if ids else {}
    own = [publication.image] if publication.image else []
    queries.load_renditions([*own, *images.values()], crops=[queries.Crop.FULL])
    address = settings.SITE_URL + publication.url
    return {
        "story": publication,
        "body": render_body(publication.body, images, publication.language),
        "topics": parts.topics,
        "attachments": parts.attachments,
        "related": parts.related,
        "share": shown_by(publication),
        "share_mail": f"mailto:?subject={quote(publication.title)}&body={quote(address)}",
    }


def text_page(
    request: HttpRequest, publication: Publication, parts: Parts, around: Surroundings, at: datetime
) -> tuple[str, dict]:
    """Template and context of the page on which visitors read `publication` at the instant `at`."""
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
        return "news/page.html", context
    share = context["share"].url if context["share"] else ""
    context["json_ld"] = json_ld.article_page(publication, context["canonical"], context["topics"], share)
    return "news/article.html", context
