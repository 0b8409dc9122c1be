"""The full text of a story for feeds: complete, without our style sheet, with absolute addresses."""

import re
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from news.models import Author, Image, Publication
from news.pictures.figures import Figure, image_ids, write_figures
from news.pictures.html import address, alt_of, jpeg_size

# Sanitised HTML has every attribute in double quotes; paths on this site begin with a single slash.
LINK = re.compile(r' href="(/(?!/)[^"]*)"')


def load_pictures(stories: Sequence[Publication]) -> dict[int, Image]:
    """The pictures in the bodies of `stories`, by id, in one query."""
    wanted = {image_id for story in stories for image_id in image_ids(story.body)}
    return Image.objects.in_bulk(wanted) if wanted else {}


def full_text(story: Publication, images: Mapping[int, Image]) -> SafeString:
    """HTML of notice, picture, lead, body, boilerplate and files of `story`; its attachments must have been fetched."""

    def write(figure: Figure) -> str:
        shown = _figure(figure.image, figure.alt, figure.caption_html(), story.language)
        if not figure.video:
            return shown
        words = _("Watch the video at %(host)s") % {"host": figure.video_host}
        return format_html('{}<p><a href="{}">{}</a></p>', shown, figure.video, words)

    return format_html(
        "{}{}{}{}{}{}{}",
        format_html("<p><strong>{}</strong></p>", story.notice) if story.notice else "",
        _article_picture(story, story.image) if story.image else "",
        format_html("<p><em>{}</em></p>", story.lead) if story.lead else "",
        _absolute(write_figures(story.body, images, write)),
        _absolute(story.boilerplate),
        _contact(story.contact) if story.contact else "",
        _files(story),
    )


def _absolute(html: str) -> SafeString:
    return mark_safe(LINK.sub(rf' href="{settings.SITE_URL}\1"', html))  # noqa: S308 – sanitised by `publish`


def _article_picture(story: Publication, image: Image) -> SafeString:
    caption = format_html("{}", getattr(image, f"caption_{story.language}") or "")
    return _figure(image, story.image_alt, Figure(image, None, caption).caption_html(), story.language)


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


def _contact(contact: Author) -> SafeString:
    """The press contact."""
    return format_html_join("", "<p>{}</p>", ((line,) for line in (contact.name, contact.email, contact.phone) if line))


def _files(story: Publication) -> SafeString | str:
    files = story.publication_attachments.all()
    if not files:
        return ""
    rows = ((settings.SITE_URL + address(file.file), file.title, file.extension) for file in files)
    return format_html("<ul>{}</ul>", format_html_join("", '<li><a href="{}">{}</a> ({})</li>', rows))
