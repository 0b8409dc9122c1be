"""JSON-LD of the pages of news: schema.org's NewsArticle, ProfilePage and BreadcrumbList."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from news.models import Author, Publication, Topic
from news.pictures.html import address
from sccon.json_ld import json_ld

# Breadcrumbs from the home page down: name and absolute address of each.
type Trail = Sequence[tuple[str, str]]


def article_page(publication: Publication, canonical: str, topics: Sequence[Topic], share: str = "") -> SafeString:
    """For an article's page at the absolute address `canonical`; `share` is the address of its share picture."""
    trail = [*_news_trail(topics[:1]), (publication.title, canonical)]
    return _written(_news_article(publication, canonical, topics, share), _breadcrumbs(trail))


def topic_page(topic: Topic) -> SafeString:
    """For the page of a topic: its breadcrumbs."""
    return _written(_breadcrumbs(_news_trail([topic])))


def author_page(author: Author, path: str) -> SafeString:
    """For the page of an author at `path`: the person, and breadcrumbs."""
    address = settings.SITE_URL + path
    person = {"@type": "Person", "name": author.name, "url": address, "jobTitle": author.role}
    page = {"@type": "ProfilePage", "url": address, "mainEntity": {n: v for n, v in person.items() if v}}
    return _written(page, _breadcrumbs([*_news_trail([]), (author.name, address)]))


def _news_trail(topics: Sequence[Topic]) -> list[tuple[str, str]]:
    steps = [(settings.SITE_NAME, reverse("site:home")), (_("News"), reverse("news:overview"))]
    steps += [(str(topic), topic.get_absolute_url()) for topic in topics]
    return [(name, settings.SITE_URL + path) for name, path in steps]


def _breadcrumbs(trail: Trail) -> dict[str, Any]:
    items = [
        {"@type": "ListItem", "position": position, "name": name, "item": url}
        for position, (name, url) in enumerate(trail, 1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": items}


def _news_article(publication: Publication, canonical: str, topics: Sequence[Topic], share: str) -> dict[str, Any]:
    organisation = {
        "@type": "Organization",
        "name": settings.SITE_NAME,
        "url": settings.SITE_URL,
        "logo": {
            "@type": "ImageObject",
            "url": settings.SITE_URL + static("images/icon-512.png"),
            "width": 512,
            "height": 512,
        },
    }
    pictures = [share] if share else []
    if publication.image:
        pictures.append(settings.SITE_URL + address(publication.image.jpeg))
    data = {
        "@type": "NewsArticle",
        "headline": publication.title,
        "description": publication.seo_description or publication.summary,
        "image": pictures,
        "inLanguage": publication.language,
        "datePublished": publication.first_published_at.isoformat(),
        "dateModified": (publication.updated_at or publication.first_published_at).isoformat(),
        "articleSection": [str(topic) for topic in topics],
        "author": _author(publication) or organisation,
        "publisher": organisation,
        "mainEntityOfPage": {"@type": "WebPage", "@id": canonical},
        "url": canonical,
        "isAccessibleForFree": True,
    }
    return {name: value for name, value in data.items() if value}


def _author(publication: Publication) -> dict[str, Any] | None:
    if not (author := publication.author):
        return None
    person = {
        "@type": "Person",
        "name": author.name,
        "jobTitle": getattr(author, f"role_{publication.language}"),
        "url": settings.SITE_URL + author.url if author.slug else "",
    }
    return {name: value for name, value in person.items() if value}


def _written(*things: dict[str, Any]) -> SafeString:
    """The content of an application/ld+json element."""
    return json_ld({"@graph": things})
