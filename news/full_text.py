"""A text that leaves our pages, in a feed: whole, without our style sheet, and with absolute addresses."""

import re
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from news.body import Figure, image_ids, write_figures
from news.models import Image, Publication
from news.pictures import address, jpeg_size

# The sanitised text writes every attribute in double quotes; a path of ours begins with a single slash.
LINK = re.compile(r' href="(/(?!/)[^"]*)"')


def load_pictures(stories: Sequence[Publication]) -> dict[int, Image]:
    """The pictures inside the texts of `stories`, by id, in one query for all of them."""
    wanted = {image_id for story in stories for image_id in image_ids(story.body)}
    return Image.objects.in_bulk(wanted) if wanted else {}


def full_text(story: Publication, images: Mapping[int, Image]) -> SafeString:
    """Notice, picture, lead, text and files of `story`, whose attachments have been fetched."""

    def write(figure: Figure) -> str:
        return _figure(figure.image, figure.alt, figure.caption_html(), story.language)

    body = LINK.sub(rf' href="{settings.SITE_URL}\1"', write_figures(story.body, images, write))
    return format_html(
        "{}{}{}{}{}",
        format_html("<p><strong>{}</strong></p>", story.notice) if story.notice else "",
        _article_picture(story.image, story.language) if story.image else "",
        format_html("<p><em>{}</em></p>", story.lead) if story.lead else "",
        mark_safe(body),  # noqa: S308 – sanitised by `publish`
        _files(story),
    )


def _article_picture(image: Image, language: str) -> SafeString:
    caption = format_html("{}", getattr(image, f"caption_{language}") or "")
    return _figure(image, None, Figure(image, None, caption).caption_html(), language)


def _figure(image: Image, alt: str | None, caption: SafeString, language: str) -> SafeString:
    width, height = jpeg_size(image)
    if alt is None:
        alt = alt_of(image, language)
    return format_html(
        '<figure><img src="{}" width="{}" height="{}" alt="{}">{}</figure>',
        settings.SITE_URL + address(image.jpeg),
        width,
        height,
        alt,
        caption,
    )


def alt_of(image: Image, language: str) -> str:
    """The picture's own alternative text in `language`; '' when it is decorative."""
    return "" if image.decorative else getattr(image, f"alt_{language}") or ""


def _files(story: Publication) -> SafeString | str:
    files = story.publication_attachments.all()
    if not files:
        return ""
    rows = ((settings.SITE_URL + address(file.file), file.title, file.extension) for file in files)
    return format_html("<ul>{}</ul>", format_html_join("", '<li><a href="{}">{}</a> ({})</li>', rows))
