"""The `<picture>` element of a page, with the renditions that are ready, and alternative texts."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models.fields.files import FieldFile
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from news.models import Image, Publication, Rendition
from news.models.images import Shown
from news.pictures.library import JPEG_WIDTH, PLAN

if TYPE_CHECKING:
    from news.models import Image

LAZY = mark_safe(' loading="lazy"')
EAGER = mark_safe(' loading="eager" fetchpriority="high"')


def picture_html(
    image: "Image",
    *,
    crop: str = Rendition.Crop.FULL,
    sizes: str = "100vw",
    alt: str | None = None,
    lazy: bool = True,
    css: str = "",
    language: str | None = None,
) -> SafeString:
    """The picture, by default with the library's alternative text. No query if `queries.load_renditions` was called."""
    if alt is None:
        alt = "" if image.decorative else getattr(image, f"alt_{language or get_language()}") or ""
    sets: dict[str, list[Shown]] = {kind: [] for kind in Rendition.Format.values}
    for rendition in image.shown:
        if rendition.crop == crop:
            sets[rendition.format].append(rendition)
    if jpegs := sets[Rendition.Format.JPEG]:
        source = address(jpegs[0].file)
        widest = max(sets[Rendition.Format.AVIF] or jpegs, key=lambda rendition: rendition.width)
        width, height = widest.width, widest.height
    else:  # not ready: the JPEG made at upload, which CSS crops
        source = address(image.jpeg)
        width, height = _shape(image, crop)
    return format_html(
        '<picture{}>{}{}<img src="{}" width="{}" height="{}" alt="{}"{} decoding="async"></picture>',
        format_html(' class="{}"', css) if css else "",
        _source("image/avif", sets[Rendition.Format.AVIF], sizes),
        _source("image/webp", sets[Rendition.Format.WEBP], sizes),
        source,
        width,
        height,
        alt,
        LAZY if lazy else EAGER,
    )


def _source(kind: str, renditions: Iterable[Shown], sizes: str) -> SafeString | str:
    widths = sorted(renditions, key=lambda rendition: rendition.width)
    if not widths:
        return ""
    addresses = ", ".join(f"{address(rendition.file)} {rendition.width}w" for rendition in widths)
    return format_html('<source type="{}" srcset="{}" sizes="{}">', kind, addresses, sizes)


def address(file: FieldFile | str) -> str:
    """The URL at which `news.media` serves the file. (`file.url` would bypass that view with a remote storage.)"""
    return f"{settings.MEDIA_URL}{file}"


def jpeg_size(image: "Image") -> tuple[int, int]:
    """Width and height of the JPEG made at upload."""
    return _shape(image, Rendition.Crop.FULL)


def _shape(image: "Image", crop: str) -> tuple[int, int]:
    """Width and height of the JPEG made at upload when cropped like this."""
    width = min(image.width, JPEG_WIDTH)
    ratio = PLAN[Rendition.Crop(crop)].ratio
    return width, max(1, round(width / ratio if ratio else width * image.height / image.width))


def alt_of(image: Image, language: str) -> str:
    """The library's alternative text in `language`; '' when the picture is decorative."""
    return "" if image.decorative else getattr(image, f"alt_{language}") or ""


def article_alt(story: Publication) -> str:
    """The alternative text of the article's picture in this publication."""
    if story.image is None:
        return ""
    return alt_of(story.image, story.language) if story.image_alt is None else story.image_alt
