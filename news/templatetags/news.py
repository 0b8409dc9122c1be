"""`{% load news %}`: pictures, and how many texts stand behind a link."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import npgettext

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


@register.filter
def counted(number: int) -> SafeString:
    """The number behind a filter's or a topic's name; whoever hears it also hears what is counted."""
    noun = npgettext("counted", "text", "texts", number)
    return format_html('<span class="count">{}<span class="visually-hidden"> {}</span></span>', number, noun)
