"""Atom and RSS feeds of all news or of one topic, per language, with full texts and pictures.

An entry keeps its id when its title or address changes. Its date changes only with new content; the feed's date with
everything that changes its entries, withdrawals included.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import Max, Q, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils import feedgenerator, translation
from django.utils.functional import cached_property
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from news.models import Image, Publication, Topic
from news.pictures.html import address, article_alt, jpeg_size
from news.reading import queries
from news.reading.full_text import full_text, load_pictures
from sccon.clock import page_instant
from sccon.pagecache import public, remembered
from sccon.xml import xml_text

SHOWN = 20
MEDIA = "http://search.yahoo.com/mrss/"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
NEVER = datetime(2026, 1, 1, tzinfo=UTC)  # date of a feed that never had an entry


def tag(name: str) -> str:
    """A tag URI (RFC 4151): an id that never changes."""
    return f"tag:{settings.FEED_ID_HOST},2026:{name}"


@dataclass(frozen=True)
class Channel:
    """What a feed is about: one language, one instant, one topic or all."""

    language: str
    at: datetime
    topic: Topic | None

    @cached_property
    def stories(self) -> list[Publication]:
        found = queries.stories(self.language, self.at, topic=self.topic).defer(None).select_related("contact")
        stories = list(found[:SHOWN])
        queries.load_topics(stories)
        prefetch_related_objects(stories, "publication_attachments")
        return stories

    @cached_property
    def pictures(self) -> dict[int, Image]:
        return load_pictures(self.stories)

    @cached_property
    def changed(self) -> datetime:
        """When a text that belongs, or belonged, among these entries last became public or ended."""
        rows = Publication.objects.news().filter(language=self.language, visible__startswith__lte=self.at)
        if self.topic:
            rows = rows.filter(publication_topics__topic=self.topic)
        if len(self.stories) == SHOWN:
            rows = rows.filter(first_published_at__gte=self.stories[-1].first_published_at)
        ended = Max("visible__endswith", filter=Q(visible__endswith__lte=self.at))
        moments = rows.order_by().aggregate(begun=Max("visible__startswith"), ended=ended).values()
        return max(filter(None, moments), default=NEVER)


class _Pictures:
    """Media RSS elements of an entry's picture, the same in both formats."""

    @staticmethod
    def add(handler: Any, item: dict[str, Any]) -> None:
        if not (image := item["image"]):
            return
        width, height = jpeg_size(image)
        url = settings.SITE_URL + address(image.jpeg)
        size = {"width": str(width), "height": str(height)}
        handler.startElement("media:content", {"url": url, "medium": "image", "type": "image/jpeg", **size})
        if item["image_alt"]:
            handler.addQuickElement("media:description", item["image_alt"], {"type": "plain"})
        if image.credit:
            handler.addQuickElement("media:credit", xml_text(image.credit))
        handler.endElement("media:content")


class Atom(feedgenerator.Atom1Feed):
    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), "xmlns:media": MEDIA}

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        handler.addQuickElement("icon", settings.SITE_URL + static("images/touch-icon.png"))

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["full_text"], {"type": "html"})
        _Pictures.add(handler, item)

    def latest_post_date(self) -> datetime:
        return self.feed["changed"]


class Rss(feedgenerator.Rss201rev2Feed):
    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), "xmlns:content": CONTENT, "xmlns:media": MEDIA}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content:encoded", item["full_text"])
        _Pictures.add(handler, item)

    def latest_post_date(self) -> datetime:
        return self.feed["changed"]


class StoryFeed(Feed):
    """Django's feed for a `Channel`. All addresses start with SITE_URL, whatever the Host header says."""

    author_name = settings.SITE_NAME
    item_guid_is_permalink = False

    def __init__(self, kind: str):
        self.kind = kind
        self.feed_type = {"atom": Atom, "rss": Rss}[kind]

    def get_object(self, request: HttpRequest, channel: Channel) -> Channel:
        return channel

    def get_feed(self, obj: Channel, request: HttpRequest) -> feedgenerator.SyndicationFeed:
        self.channel = obj
        return super().get_feed(obj, request)

    # --- The feed ---

    def title(self, channel: Channel) -> str:
        heading = xml_text(str(channel.topic)) if channel.topic else _("News")
        return f"{settings.SITE_NAME}: {heading}"

    def subtitle(self, channel: Channel) -> str:
        if channel.topic and channel.topic.description:
            return xml_text(channel.topic.description)
        return _("News, programme and results of the Smart Country Convention, newest first.")

    description = subtitle

    def link(self, channel: Channel) -> str:
        page = channel.topic.get_absolute_url() if channel.topic else reverse("news:overview")
        return settings.SITE_URL + page

    def feed_url(self, channel: Channel) -> str:
        return settings.SITE_URL + feed_path(self.kind, channel.topic)

    def feed_guid(self, channel: Channel) -> str:
        return tag(f"topic/{channel.topic.pk}/{channel.language}" if channel.topic else f"news/{channel.language}")

    def feed_extra_kwargs(self, obj: Channel) -> dict[str, Any]:
        return {"changed": obj.changed}

    # --- Its entries ---

    def items(self, channel: Channel) -> list[Publication]:
        return channel.stories

    def item_title(self, item: Publication) -> str:
        return xml_text(item.title)

    def item_description(self, item: Publication) -> str:
        return escape(xml_text(item.summary))

    def item_link(self, item: Publication) -> str:
        return settings.SITE_URL + item.url

    def item_guid(self, item: Publication) -> str:
        return tag(f"article/{item.article_id}/{item.language}")

    def item_pubdate(self, item: Publication) -> datetime:
        return item.first_published_at

    def item_updateddate(self, item: Publication) -> datetime:
        return item.updated_at or item.first_published_at

    def item_author_name(self, item: Publication) -> str | None:
        return xml_text(item.author.name) if item.author else None

    def item_categories(self, item: Publication) -> list[str]:
        return [xml_text(str(topic)) for topic in item.shown_topics]

    def item_extra_kwargs(self, item: Publication) -> dict[str, Any]:
        return {
            "full_text": xml_text(full_text(item, self.channel.pictures)),
            "image": item.image,
            "image_alt": xml_text(article_alt(item)),
        }


# --- Addresses --------------------------------------------------------------------------------


def feed_path(kind: str, topic: Topic | None = None) -> str:
    """The path of the feed of `topic` or of all news, in the active language."""
    if topic:
        return reverse(f"news:topic_feed_{kind}", args=[topic.slug])
    return reverse(f"news:feed_{kind}")


@dataclass(frozen=True)
class FeedLink:
    """A link to a feed, in a page's head and on the page."""

    name: str
    title: str
    type: str
    url: str


def feed_links(topic: Topic | None = None) -> list[FeedLink]:
    """The feeds of `topic` or of all news, in the active language."""

    def made() -> list[FeedLink]:
        about = f"{settings.SITE_NAME}: {topic or _('News')}"
        return [
            FeedLink("Atom", f"{about} (Atom)", "application/atom+xml", feed_path("atom", topic)),
            FeedLink("RSS", f"{about} (RSS)", "application/rss+xml", feed_path("rss", topic)),
        ]

    return remembered(("feeds", get_language(), topic), made)


@public
@require_safe
@conditional_page
def feed(request: HttpRequest, kind: str) -> HttpResponse:
    """All news of a language."""
    return StoryFeed(kind)(request, channel=Channel(translation.get_language(), page_instant(request), None))


@public
@require_safe
@conditional_page
def topic_feed(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """The news of one topic. Like the topic's page, it answers 404 while no public news belongs to it."""
    language = translation.get_language()
    topic = queries.topic_at(language, slug)
    if topic is None:
        raise Http404
    if topic.slug != slug:
        return HttpResponsePermanentRedirect(feed_path(kind, topic))
    channel = Channel(language, page_instant(request), topic)
    if not channel.stories:
        raise Http404
    return StoryFeed(kind)(request, channel=channel)
