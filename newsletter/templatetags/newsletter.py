"""`{% load newsletter %}`: the sign-up form at the foot of every page; chart and troubles on the admin's front page."""

from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from newsletter.doctor import keeping
from newsletter.figures import subscribers_by_week
from newsletter.models import Hold, Issue
from newsletter.subscribers.forms import SignUpForm
from newsletter.subscribers.wording import wording
from sccon.admin.charts import columns
from sccon.pagecache import remembered

register = template.Library()


@register.simple_tag(takes_context=True)
def newsletter_call(context: Context) -> SafeString:
    """The sign-up form, which posts to the newsletter's own page. The same on every page, so cached per generation."""

    def made() -> SafeString:
        privacy = next((page for page in context.get("legal") or [] if page.role == "privacy"), None)
        form = SignUpForm(auto_id="newsletter-%s")
        return render_to_string("newsletter/call.html", {"form": form, "words": wording(), "privacy": privacy})

    return remembered(("newsletter/call.html", get_language()), made)


@register.inclusion_tag("newsletter/desk.html")
def subscribers_chart() -> dict:
    """New subscribers over twelve weeks."""
    weeks = subscribers_by_week()
    bars = columns([(date_format(week.monday, "SHORT_DATE_FORMAT"), week.came, str(week.came)) for week in weeks])
    return {"columns": bars, "this_week": weeks[-1], "total": weeks[-1].total}


@register.inclusion_tag("admin/newsletter/troubles.html")
def newsletter_troubles() -> dict[str, Any]:
    """Issues that rest though nobody paused them, how many providers' bounces wait, what the mail doctor found."""
    resting = Issue.objects.filter(status=Issue.Status.PAUSED).exclude(pause=Issue.Pause.STAFF)
    held, red = Hold.objects.filter(counts=None).count(), keeping.red()
    shown = list(resting[:4])
    return {"resting": shown, "held": held, "red": red, "waiting": len(shown) + held + bool(red)}
