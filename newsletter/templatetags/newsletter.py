"""`{% load newsletter %}`: the sign-up form at the foot of every page; chart and troubles on the admin's front page."""

from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from newsletter import figures
from newsletter.doctor import keeping
from newsletter.models import Hold, Issue
from newsletter.subscribers.forms import SignUpForm
from newsletter.subscribers.wording import wording
from sccon.admin.charts import both_ways
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


@register.inclusion_tag("newsletter/desk.html", takes_context=True)
def subscribers_chart(context: Context) -> dict[str, Any]:
    """Who came and who left over twelve weeks; and the last issue, for those who may see issues."""
    rows = figures.subscribers_by_week()
    weeks, line = both_ways([(str(row.monday), row.came, row.went) for row in rows])
    shown = {"weeks": weeks, "line": line, "rows": rows, "this_week": rows[-1], "total": rows[-1].total}
    if context["user"].has_perm("newsletter.view_issue") and (issue := figures.last_issue()):
        shown |= {"issue": issue, "became": figures.outcome(issue)}
    return shown


@register.inclusion_tag("admin/newsletter/troubles.html")
def newsletter_troubles() -> dict[str, Any]:
    """Issues that rest though nobody paused them, how many providers' bounces wait, what the mail doctor found."""
    resting = Issue.objects.filter(status=Issue.Status.PAUSED).exclude(pause=Issue.Pause.STAFF)
    held, red = Hold.objects.filter(counts=None).count(), keeping.red()
    shown = list(resting[:4])
    return {"resting": shown, "held": held, "red": red, "waiting": len(shown) + held + bool(red)}
