from django import template
from django.utils import translation

from sccon.typography import soft_hyphens

register = template.Library()


@register.filter
def shy(text: str) -> str:
    """A title or lead with soft hyphens in long German compounds."""
    return soft_hyphens(text or "") if translation.get_language() == "de" else (text or "")
