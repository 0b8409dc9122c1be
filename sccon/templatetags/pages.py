"""`{% load pages %}`: what all public pages show alike is rendered once."""

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
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


@register.tag
def once(parser: Parser, token: Token) -> Once:
    """`{% once foot %}…{% endonce %}`: rendered once a language, until something public changes.

    What stands in it must be the same on every page, and `foot` its name alone.
    """
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endonce",))
    parser.delete_first_token()
    return Once(name, nodelist)
