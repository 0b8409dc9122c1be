"""Pictures inside a text: `<figure data-image="7">` in what is kept, a `<picture>` in what is read.

So a picture that gets new renditions, or a corrected credit, shows so in every text, and no text holds an address
of a file.
"""

import re
from collections.abc import Mapping
from html import unescape

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from news.models import Image, Rendition
from news.pictures import picture_html

# A regular expression may read this HTML, for nh3 has written it (`sccon.html.sanitise`, the last step before a
# text is published): lower-case names, every attribute in double quotes, quotes in values and every < of a text
# escaped, no comments, no figure inside another.
FIGURE = re.compile(r'<figure((?: [a-z-]+="[^"]*")*)>(.*?)</figure>', re.DOTALL)
ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
CAPTION = re.compile(r"<figcaption>(.*?)</figcaption>", re.DOTALL)

# As wide as `.prose figure` in static/css/pages.css lets it be.
SIZES = "(min-width: 61rem) 57rem, 100vw"


def image_ids(html: str) -> list[int]:
    """The pictures of a sanitised text, in order, each once."""
    return list(dict.fromkeys(image_id for match in FIGURE.finditer(html) if (image_id := _image_id(match))))


def render_body(html: str, images: Mapping[int, Image], language: str) -> SafeString:
    """A sanitised text with its pictures, whose renditions have been fetched; a figure without picture is dropped."""

    def figure(match: re.Match[str]) -> str:
        image_id = _image_id(match)
        if image_id is None:
            return match[0]  # around something else, such as a table
        image = images.get(image_id)
        return _figure(match, image, language) if image else ""

    return mark_safe(FIGURE.sub(figure, html))  # noqa: S308 – sanitised by `publish`; what is added is escaped


def _image_id(match: re.Match[str]) -> int | None:
    number = dict(ATTRIBUTE.findall(match[1])).get("data-image", "")
    return int(number) if re.fullmatch("[0-9]{1,18}", number) else None


def _figure(match: re.Match[str], image: Image, language: str) -> SafeString:
    alt = dict(ATTRIBUTE.findall(match[1])).get("data-alt")
    picture = picture_html(
        image,
        crop=Rendition.Crop.FULL,
        sizes=SIZES,
        alt=unescape(alt) if alt is not None else None,
        language=language,
    )
    caption = CAPTION.search(match[2])
    words = mark_safe(caption[1].strip()) if caption else ""  # noqa: S308 – a piece of the sanitised text
    credit = format_html('<span class="credit">{}</span>', image.credit) if image.credit else ""
    below = format_html("<figcaption>{}{}{}</figcaption>", words, " " if words and credit else "", credit)
    return format_html('<figure class="body-picture">{}{}</figure>', picture, below if words or credit else "")
