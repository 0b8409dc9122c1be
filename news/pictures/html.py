"""How a page shows a picture: the `<picture>` element with the renditions that are ready."""

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
    """The picture, by default with its own alternative text. Asks no query where `reading.load_renditions` was called."""
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
    else:  # not ready: the JPEG made at upload, which the style sheet cuts to the shape
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
    """Where `news.media` serves the file. (Its own `url` would lead past that view with storage elsewhere.)"""
    return f"{settings.MEDIA_URL}{file}"


def jpeg_size(image: "Image") -> tuple[int, int]:
    """Width and height of the JPEG made at upload."""
    return _shape(image, Rendition.Crop.FULL)


def _shape(image: "Image", crop: str) -> tuple[int, int]:
    """Width and height that the JPEG made at upload takes in this crop."""
    width = min(image.width, JPEG_WIDTH)
    ratio = PLAN[Rendition.Crop(crop)].ratio
    return width, max(1, round(width / ratio if ratio else width * image.height / image.width))


def alt_of(image: Image, language: str) -> str:
    """The picture's own alternative text in `language`; '' when it is decorative."""
    return "" if image.decorative else getattr(image, f"alt_{language}") or ""


def article_alt(story: Publication) -> str:
    """What the article's picture says in this text."""
    if story.image is None:
        return ""
    return alt_of(story.image, story.language) if story.image_alt is None else story.image_alt
