"""`{% load accounts %}`: what the desk says of the way visitors come."""

from django import template

from sccon import limits

register = template.Library()


@register.simple_tag
def unnamed_proxy() -> bool:
    """Whether X-Forwarded-For came from a peer that TRUSTED_PROXIES does not name, within the hour."""
    return limits.unnamed_proxy_seen()
