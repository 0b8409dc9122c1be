"""The newsletter's call: the same bytes on every page and for everybody."""

from django import template
from django.template.context import Context

from newsletter.forms import SignUpForm
from newsletter.wording import wording

register = template.Library()


@register.inclusion_tag("newsletter/call.html", takes_context=True)
def newsletter_call(context: Context) -> dict:
    """The form with its field; it leads on to the newsletter's own page."""
    privacy = next((page for page in context.get("legal") or [] if page.role == "privacy"), None)
    return {"form": SignUpForm(auto_id="newsletter-%s"), "words": wording(), "privacy": privacy}
