"""A text as it is read: with its pictures, addresses for its headings, and tables that scroll on a phone.

A picture is `<figure data-image="7">` in what is kept and a `<picture>` in what is read. So one that gets new
renditions, or a corrected credit, shows so in every text, and no text holds an address of a file.
"""

import re
from collections.abc import Mapping
from html import unescape

from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _

from news.models import Image, Rendition
from news.pictures.figures import Figure, write_figures
from news.pictures.html import picture_html
from sccon.typography import UMLAUTS

PARTS = re.compile(r"<(?P<level>h[23])>(?P<heading>.*?)</(?P=level)>|<table>.*?</table>", re.DOTALL)

# Elsewhere on an article's page; a heading's id must not be one of them.
PAGE_IDS = {"content", "share", "related", "attachments", "legal-pages", "press-contact", "newsletter-call"}
PAGE_IDS |= {"ticket-call", "event-facts", "topics", "news", "neighbours"}
ID_LENGTH = 60

# As wide as `.prose figure` in static/css/pages.css lets it be.
SIZES = "(min-width: 61rem) 57rem, 100vw"


def render_body(html: str, images: Mapping[int, Image], language: str) -> SafeString:
    """A sanitised text with its pictures, whose renditions have been fetched; a figure without picture is dropped."""

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
    """A picture that leads to a video elsewhere. Nothing is asked of that place before somebody follows the link."""
    return format_html(
        '<figure class="body-picture body-video"><a href="{}" rel="noreferrer">{}<span class="watch">{}{}</span></a>{}</figure>',
        figure.video,
        picture,
        PLAY,
        _("Watch the video at %(host)s") % {"host": figure.video_host},
        figure.caption_html(),
    )


def _with_addresses(html: str) -> SafeString:
    """With an id for each heading, so that it can be linked to, and each table in a region that can be scrolled.

    Such a region takes the focus, or nobody could scroll it with the keyboard; so it has a name.
    """
    used = set(PAGE_IDS)
    heading, tables = "", 0

    def written(match: re.Match[str]) -> str:
        nonlocal heading, tables
        if level := match["level"]:
            heading = unescape(strip_tags(match["heading"]))
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
    """The heading's words as an id that is on the page only once; it stays while heading and order stay."""
    words = slugify(heading.translate(UMLAUTS))[:ID_LENGTH].strip("-") or "section"
    found, number = words, 1
    while found in used:
        number += 1
        found = f"{words}-{number}"
    used.add(found)
    return found
