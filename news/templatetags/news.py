"""`{% load news %}`: the tag for pictures."""

from django import template
from django.utils.safestring import SafeString

from news.models import Image
from news.pictures.html import picture_html

register = template.Library()


@register.simple_tag
def picture(
    image: Image,
    crop: str = "full",
    sizes: str = "100vw",
    alt: str | None = None,
    lazy: bool = True,
    css: str = "",
) -> SafeString:
    """`{% picture story.image crop="card" sizes="20rem" %}`; `alt` replaces the picture's own alternative text."""
    return picture_html(image, crop=crop, sizes=sizes, alt=alt, lazy=lazy, css=css)
