"""`{% load pages %}`: parts that are the same on all public pages, cached per generation."""

from django import template
from django.conf import settings
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from sccon.pagecache import remembered

register = template.Library()


class Once(template.Node):
    child_nodelists = ("nodelist",)

    def __init__(self, name: str, nodelist: NodeList):
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> str:
        return remembered(("once", self.name, get_language()), lambda: self.nodelist.render(context))


@register.simple_tag
def menu(here: str = "", current: str = "true") -> SafeString:
    """`{% menu "news" "page" %}`: the main menu; `here` is the current section, `current` its aria-current."""

    def made() -> SafeString:
        return render_to_string(
            "components/menu.html", {"here": here, "current": current, "site_name": settings.SITE_NAME}
        )

    return remembered(("menu", here, current, get_language()), made)


@register.tag
def once(parser: Parser, token: Token) -> Once:
    """`{% once foot %}…{% endonce %}`: cached per language until something public changes.

    What stands in it must be the same on every page, and `foot` its name alone.
    """
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endonce",))
    parser.delete_first_token()
    return Once(name, nodelist)
