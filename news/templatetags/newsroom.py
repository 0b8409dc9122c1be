"""What the admin's templates ask of the news: thumbnails, dates, and the desk's lists."""

from collections import Counter
from datetime import datetime
from typing import Any

from django import template
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from news import standing, translating
from news.models import Article, Image, Publication, Rendition
from news.states import changed
from news.word_diff import Piece
from sccon.clock import database_now
from sccon.models import User
from sccon.translated import LANGUAGES

register = template.Library()

SHOWN = 6  # lines of each of the desk's lists
NAMES = {"de": "Deutsch", "en": "English"}

register.filter("short", standing.short)
register.filter("in_words", standing.weekday)
register.filter("exactly", standing.exactly)


@register.filter
def thumbnail(image: Image) -> str:
    """The smallest rendition of a list's shape; until there is one, the JPEG made at upload."""
    cards = [
        rendition
        for rendition in image.renditions.all()
        if rendition.key == image.ready_key
        and rendition.crop == Rendition.Crop.CARD
        and rendition.format == Rendition.Format.WEBP
    ]
    return min(cards, key=lambda rendition: rendition.width).file.url if cards else image.jpeg.url


@register.filter
def focal(image: Image) -> str:
    """The focal point for an SVG in the picture's own pixels."""
    return f"{image.focal_x * image.width:.0f} {image.focal_y * image.height:.0f}"


@register.filter
def unchanged_blocks(pieces: list[Piece]) -> str:
    """How much of a text is folded away because it is the same: "2 paragraphs and 1 heading unchanged"."""
    counts = Counter({"h2": "heading", "h3": "heading", "ul": "list", "ol": "list"}.get(p.tag, p.tag) for p in pieces)
    words = [sentence % {"count": count} for kind, count in counts.items() if (sentence := _blocks(kind, count))]
    *first, last = words
    named = _("%(first)s and %(last)s") % {"first": ", ".join(first), "last": last} if first else last
    return _("%(blocks)s unchanged") % {"blocks": named}


def _blocks(kind: str, count: int) -> str:
    match kind:
        case "heading":
            return ngettext("%(count)d heading", "%(count)d headings", count)
        case "list":
            return ngettext("%(count)d list", "%(count)d lists", count)
        case "blockquote":
            return ngettext("%(count)d quote", "%(count)d quotes", count)
        case "table":
            return ngettext("%(count)d table", "%(count)d tables", count)
        case "figure":
            return ngettext("%(count)d picture", "%(count)d pictures", count)
    return ngettext("%(count)d paragraph", "%(count)d paragraphs", count)


@register.simple_tag
def translations_waiting() -> dict[str, int]:
    """How many articles wait for a translator."""
    articles = translating.with_outdated_since(Article.objects.all())
    return {
        "outdated": articles.filter(outdated_since__isnull=False).count(),
        "missing": Article.objects.filter(translating.needs_translation()).count(),
    }


@register.simple_tag
def desk(user: User) -> dict[str, Any]:
    """What an editor wants to know in the morning: what goes out or ends, what is open, what was begun."""
    at = database_now()
    open_ids = {language: changed(language, at) for language in LANGUAGES}
    articles = Article.objects.select_related("saved_by")
    open_articles = list(articles.filter(pk__in={pk for ids in open_ids.values() for pk in ids}).order_by("-saved_at"))
    for article in open_articles:
        article.open_in = [NAMES[language] for language in LANGUAGES if article.pk in open_ids[language]]  # type: ignore[attr-defined]
    never = articles.filter(publications__isnull=True).order_by("-saved_at")
    return {
        "ahead": _ahead(at),
        "changed": open_articles[:SHOWN],
        "changed_count": len(open_articles),
        "drafts": never[:SHOWN],
        "drafts_count": never.count(),
        "last": articles.filter(saved_by=user).order_by("-saved_at").first(),
    }


def _ahead(at: datetime) -> list[dict[str, Any]]:
    """What begins and ends next, in the order of time; both languages of one instant on one line."""
    rows = Publication.objects.filter(Q(visible__startswith__gt=at) | Q(visible__endswith__gt=at)).select_related(
        "article"
    )
    moments: dict[tuple[datetime, str, int], dict[str, Any]] = {}
    for row in rows.order_by("visible"):
        edges = [("begins", row.visible.lower), ("ends", row.visible.upper)]
        if any(other.visible.lower == row.visible.upper and other.article_id == row.article_id for other in rows):
            edges.pop()  # it does not end: another version follows
        for kind, moment in edges:
            if moment and moment > at:
                line = moments.setdefault(
                    (moment, kind, row.article_id),
                    {"at": moment, "kind": kind, "article": row.article, "title": row.title, "languages": []},
                )
                line["languages"].append(NAMES[row.language])
    return [moments[key] for key in sorted(moments)][:SHOWN]
