"""Numbers that one app shows and another knows: `{% load roof %}`. The apps do not know each other."""

from django import template

from tickets.models import Order

register = template.Library()


@register.simple_tag
def orders_from(source: str) -> int:
    """How many confirmed orders of the shop came by links with `?src=` this source."""
    return Order.objects.placed().filter(source=source, confirmed_at__isnull=False, test=False).count()
