"""Filters and tags of the admin's templates: thumbnails, dates, the desk."""

from collections import Counter

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from news.admin.desk import Desk
from news.admin.desk import desk as build_desk
from news.models import Image, Rendition
from news.pictures.html import address
from news.versions.word_diff import Piece
from sccon import moments
from sccon.models import User

register = template.Library()

register.filter("short", moments.short)
register.filter("in_words", moments.weekday)
register.filter("exactly", moments.exactly)


@register.filter
def thumbnail(image: Image) -> str:
    """The URL of the smallest cropped rendition; until there is one, of the JPEG made at upload."""
    wanted = (Rendition.Crop.CARD, Rendition.Format.WEBP)
    cards = [rendition for rendition in image.shown if (rendition.crop, rendition.format) == wanted]
    return address(min(cards, key=lambda rendition: rendition.width).file if cards else image.jpeg)


@register.filter
def focal(image: Image) -> str:
    """The focal point in pixels, for an SVG."""
    return f"{image.focal_x * image.width:.0f} {image.focal_y * image.height:.0f}"


@register.filter
def unchanged_blocks(pieces: list[Piece]) -> str:
    """What a collapsed run of a comparison contains: "2 paragraphs and 1 heading unchanged"."""
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
def desk(user: User) -> Desk:
    return build_desk(user)
