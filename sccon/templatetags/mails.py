"""What the desk says about mails."""

from django import template

from sccon import mail

register = template.Library()


@register.simple_tag
def mails_braked() -> bool:
    """Whether the brake held mails back within the last hour."""
    return mail.BRAKED.is_counting("")
