from django import template
from django.utils import translation

from sccon.typography import soft_hyphens

register = template.Library()


@register.filter
def shy(text: str) -> str:
    """A title or lead as it is shown: German compounds may break at their joints."""
    return soft_hyphens(text or "") if translation.get_language() == "de" else (text or "")
