"""Pictures inside a text: `<figure data-image="7">` in what is kept, a `<picture>` in what is read.

So a picture that gets new renditions, or a corrected credit, shows so in every text, and no text holds an address
of a file.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Figure:
    """A picture as one text uses it; `alt` None means the picture's own."""

    image: Image
    alt: str | None
    caption: SafeString

    def caption_html(self) -> SafeString:
        """The caption and whose picture it is; '' when there is neither."""
        credit = format_html('<span class="credit">{}</span>', self.image.credit) if self.image.credit else ""
        if not (self.caption or credit):
            return mark_safe("")
        return format_html(
            "<figcaption>{}{}{}</figcaption>", self.caption, " " if self.caption and credit else "", credit
        )


def image_ids(html: str) -> list[int]:
    """The pictures of a sanitised text, in order, each once."""
    return list(dict.fromkeys(image_id for match in FIGURE.finditer(html) if (image_id := _image_id(match))))


def render_body(html: str, images: Mapping[int, Image], language: str) -> SafeString:
    """A sanitised text with its pictures, whose renditions have been fetched; a figure without picture is dropped."""

    def write(figure: Figure) -> str:
        picture = picture_html(figure.image, crop=Rendition.Crop.FULL, sizes=SIZES, alt=figure.alt, language=language)
        return format_html('<figure class="body-picture">{}{}</figure>', picture, figure.caption_html())

    return write_figures(html, images, write)


def write_figures(html: str, images: Mapping[int, Image], write: Callable[[Figure], str]) -> SafeString:
    """The sanitised text with what `write` makes of each of its pictures; what it adds must be escaped."""

    def replaced(match: re.Match[str]) -> str:
        image_id = _image_id(match)
        if image_id is None:
            return match[0]  # around something else, such as a table
        image = images.get(image_id)
        return write(_figure(match, image)) if image else ""

    return mark_safe(FIGURE.sub(replaced, html))  # noqa: S308 – sanitised by `publish`; what is added is escaped


def _image_id(match: re.Match[str]) -> int | None:
    number = dict(ATTRIBUTE.findall(match[1])).get("data-image", "")
    return int(number) if re.fullmatch("[0-9]{1,18}", number) else None


def _figure(match: re.Match[str], image: Image) -> Figure:
    alt = dict(ATTRIBUTE.findall(match[1])).get("data-alt")
    caption = CAPTION.search(match[2])
    return Figure(
        image=image,
        alt=unescape(alt) if alt is not None else None,
        caption=mark_safe(caption[1].strip() if caption else ""),  # noqa: S308 – a piece of the sanitised text
    )
