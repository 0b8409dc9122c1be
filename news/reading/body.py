"""Renders the body of a text: pictures, ids for headings, tables that scroll on a phone.

The stored HTML has `<figure data-image="7">`, which is rendered as `<picture>`. So new renditions or a corrected credit
show in every text, and no text contains the address of a file.
"""

import re
from collections.abc import Mapping

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from news.models import Image, Rendition
from news.pictures.figures import Figure, write_figures
from news.pictures.html import picture_html
from sccon.plain_text import words
from sccon.typography import slug

PARTS = re.compile(r"<(?P<level>h[23])>(?P<heading>.*?)</(?P=level)>|<table>.*?</table>", re.DOTALL)

# Ids used elsewhere on an article's page: a heading must not get one of them.
PAGE_IDS = {"content", "share", "related", "attachments", "legal-pages", "press-contact", "newsletter-call"}
PAGE_IDS |= {"ticket-call", "event-facts", "topics", "news", "neighbours"}
ID_LENGTH = 60

# The width of `.prose figure` in static/css/prose.css.
SIZES = "(min-width: 61rem) 57rem, 100vw"


def render_body(html: str, images: Mapping[int, Image], language: str) -> SafeString:
    """A sanitised text with its pictures, whose renditions must have been fetched; unknown pictures are left out."""

    def write(figure: Figure) -> str:
        picture = picture_html(figure.image, crop=Rendition.Crop.FULL, sizes=SIZES, alt=figure.alt, language=language)
        if figure.video:
            return _video(figure, picture)
        return format_html('<figure class="body-picture">{}{}</figure>', picture, figure.caption_html())

    return _with_addresses(write_figures(html, images, write))


PLAY = mark_safe(
    '<svg viewBox="0 0 24 24" width="24" height="24" fill="currentColor" aria-hidden="true"><path d="M6 3v18l15-9z"/></svg>'
)


def _video(figure: Figure, picture: SafeString) -> SafeString:
    """A picture that links to a video on another site; nothing is loaded from there until somebody follows the link."""
    return format_html(
        '<figure class="body-picture body-video"><a href="{}" rel="noreferrer">{}<span class="watch">{}{}</span></a>{}</figure>',
        figure.video,
        picture,
        PLAY,
        _("Watch the video at %(host)s") % {"host": figure.video_host},
        figure.caption_html(),
    )


def _with_addresses(html: str) -> SafeString:
    """Gives each heading an id to link to, and puts each table in a region that scrolls.

    The region is focusable, so that it can be scrolled with the keyboard, and therefore needs a name.
    """
    used = set(PAGE_IDS)
    heading, tables = "", 0

    def written(match: re.Match[str]) -> str:
        nonlocal heading, tables
        if level := match["level"]:
            heading = words(match["heading"])
            return f'<{level} id="{_id_of(heading, used)}">{match["heading"]}</{level}>'
        tables += 1
        name = _("Table %(number)d") % {"number": tables}
        label = f"{name}: {heading}" if heading else name
        return format_html(
            '<div class="table" role="region" tabindex="0" aria-label="{}">{}</div>',
            label,
            mark_safe(match[0]),  # noqa: S308 – a piece of the sanitised text
        )

    return mark_safe(PARTS.sub(written, html))  # noqa: S308 – sanitised by `publish`; what is added is escaped


def _id_of(heading: str, used: set[str]) -> str:
    """An id made of the heading's words, unique on the page; it stays the same while headings and their order do."""
    words = slug(heading)[:ID_LENGTH].strip("-") or "section"
    found, number = words, 1
    while found in used:
        number += 1
        found = f"{words}-{number}"
    used.add(found)
    return found
