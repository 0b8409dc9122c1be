"""Figures in the HTML of a text: finds the pictures it shows, with alternative text and caption, and replaces them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from news.models import Image

# A regular expression may read this HTML, for nh3 has written it (`sccon.html.sanitise`, the last step before a
# text is published): lower-case names, every attribute in double quotes, quotes in values and every < of a text
# escaped, no comments, no figure inside another.
FIGURE = re.compile(r'<figure((?: [a-z-]+="[^"]*")*)>(.*?)</figure>', re.DOTALL)


ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')


CAPTION = re.compile(r"<figcaption>(.*?)</figcaption>", re.DOTALL)


@dataclass(frozen=True)
class Figure:
    """A picture in one text; `alt` None means the library's alternative text."""

    image: Image
    alt: str | None
    caption: SafeString
    video: str = ""  # address of the video behind the picture

    @property
    def video_host(self) -> str:
        return (urlsplit(self.video).hostname or "").removeprefix("www.")

    def caption_html(self) -> SafeString:
        """Caption and credit; '' without both."""
        credit = format_html('<span class="credit">{}</span>', self.image.credit) if self.image.credit else ""
        if not (self.caption or credit):
            return mark_safe("")
        return format_html(
            "<figcaption>{}{}{}</figcaption>", self.caption, " " if self.caption and credit else "", credit
        )


def image_ids(html: str) -> list[int]:
    """Ids of the pictures of a sanitised text, in order, each once."""
    return list(dict.fromkeys(image_id for match in FIGURE.finditer(html) if (image_id := _image_id(match))))


def figure_alts(html: str) -> list[tuple[int, str | None]]:
    """Id and alternative text of each picture of a sanitised text; None for the library's alternative text."""
    found = []
    for match in FIGURE.finditer(html):
        if image_id := _image_id(match):
            alt = dict(ATTRIBUTE.findall(match[1])).get("data-alt")
            found.append((image_id, alt if alt is None else unescape(alt)))
    return found


def write_figures(html: str, images: Mapping[int, Image], write: Callable[[Figure], str]) -> SafeString:
    """The sanitised text with each figure replaced by what `write` returns for it, which must be escaped."""

    def replaced(match: re.Match[str]) -> str:
        image_id = _image_id(match)
        if image_id is None:
            return match[0]  # a figure around something else, such as a table
        image = images.get(image_id)
        return write(_figure(match, image)) if image else ""

    return mark_safe(FIGURE.sub(replaced, html))  # noqa: S308 – sanitised by `publish`; what is added is escaped


def _image_id(match: re.Match[str]) -> int | None:
    number = dict(ATTRIBUTE.findall(match[1])).get("data-image", "")
    return int(number) if re.fullmatch("[0-9]{1,18}", number) else None


def _figure(match: re.Match[str], image: Image) -> Figure:
    attributes = dict(ATTRIBUTE.findall(match[1]))
    alt = attributes.get("data-alt")
    caption = CAPTION.search(match[2])
    return Figure(
        image=image,
        alt=unescape(alt) if alt is not None else None,
        caption=mark_safe(caption[1].strip() if caption else ""),  # noqa: S308 – a piece of the sanitised text
        video=unescape(attributes.get("data-video", "")),
    )
