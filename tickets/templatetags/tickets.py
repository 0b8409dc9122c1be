"""Template tags: what other pages show of the event; money and patterns for the tickets' pages.

The three pieces of other pages are the same for everybody, so that the pages can be kept by any cache.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from django import template
from django.http import HttpRequest
from django.template.context import RequestContext
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from sccon.admin.charts import columns
from sccon.clock import database_now, page_instant
from sccon.pagecache import remembered
from tickets import amounts
from tickets.admission import patterns
from tickets.catalogue.offers import price_from
from tickets.models import Event, Order, Quota
from tickets.reports import figures

register = template.Library()


@register.filter
def euros(amount: Decimal) -> str:
    """1.490,00 € in German, €1,490.00 in English."""
    return amounts.euros(amount)


@register.filter
def percent(rate: Decimal) -> str:
    return amounts.percent(rate)


@register.simple_tag
def pattern(seed: object, columns: int, rows: int, signals: int = 1) -> SafeString:
    """The house's tiles, drawn from `seed`."""
    return patterns.pattern(str(seed), columns, rows, signals=signals)


@register.simple_tag
def facts(event: Event) -> SafeString:
    """When and where an event is."""
    return _once("tickets/facts.html", lambda: {"event": event}, event.pk)


def _event_and_time(context: RequestContext) -> tuple[Event | None, datetime]:
    """The current event, queried once per request unless the page has it in its context, and the page's instant."""
    request: HttpRequest | None = context.get("request")
    if request is None:
        return Event.objects.current().first(), database_now()
    if "tickets.event" not in request.META:
        own = context.get("event")
        known = isinstance(own, Event) and own.current
        request.META["tickets.event"] = own if known else Event.objects.current().first()
    return request.META["tickets.event"], page_instant(request)


def _once(template: str, make: Callable[[], dict], *variant: object) -> SafeString:
    """The piece of a page, rendered once per language and `variant` and cached until something public changes."""
    return remembered((template, get_language(), *variant), lambda: render_to_string(template, make()))


@register.simple_tag
def steps(present: str) -> SafeString:
    """The four steps of an order, and where in it the page is."""
    return _once("tickets/steps.html", lambda: {"step": present}, present)


@register.simple_tag(takes_context=True)
def event_line(context: RequestContext) -> SafeString:
    """One line below the page's head: when, where, and a link to the shop. Empty once the event is over."""

    def made() -> dict:
        event, at = _event_and_time(context)
        return {"event": event if event and at < event.ends_at else None, "sells": bool(event and event.sells(at))}

    return _once("tickets/event_line.html", made)


@register.inclusion_tag("tickets/event_facts.html", takes_context=True)
def event_facts(context: RequestContext) -> dict:
    """When, where, admission, as a list of terms."""
    event, at = _event_and_time(context)
    return {"event": event if event and at < event.ends_at else None}


@register.simple_tag(takes_context=True)
def ticket_call(context: RequestContext) -> SafeString:
    """The call to buy a ticket. Empty while none is sold."""

    def made() -> dict:
        event, at = _event_and_time(context)
        if event is None or not event.sells(at):
            return {"event": None}
        return {"event": event, "price_from": price_from(event, at), "site": context.get("site")}

    return _once("tickets/ticket_call.html", made)


@register.simple_tag
def troubled_quotas() -> list[Quota]:
    """Quotas of the current event that fall fast or are guarded (see `tickets.orders.watching`)."""
    troubled = Quota.objects.filter(event__current=True).exclude(fast_since=None, guarded=False)
    return list(troubled.select_related("event"))


@register.inclusion_tag("tickets/test_banner.html", takes_context=True)
def test_banner(context: RequestContext) -> dict:
    """Says that this is a test: of the page's order, else of the current event."""
    order = context.get("order") or context.get("cart")
    if order is not None:
        return {"test": order.test or bool(order.event.current and order.event.test_mode)}
    event, _at = _event_and_time(context)
    return {"test": bool(event and event.test_mode)}


@register.simple_tag
def unreachable_buyers() -> list[Order]:
    """Orders of the current event whose buyers our mails do not reach."""
    unreachable = Order.objects.filter(event__current=True, buyer__unreachable_since__isnull=False)
    return list(unreachable.select_related("buyer").order_by("-pk")[:100])


@register.inclusion_tag("tickets/desk.html")
def sales_charts() -> dict:
    """What was sold and what came in for the current event, for the admin's front page."""
    event = Event.objects.current().first()
    if event is None:
        return {"rows": [], "money": None, "columns": []}
    rows = figures.sold(event)
    most = max((row.paid + row.waiting for row in rows), default=0) or 1
    weeks = figures.received_by_week(event)[-12:]
    return {
        "rows": [
            {
                "product": row.product,
                "paid": row.paid,
                "waiting": row.waiting,
                "width": round(360 * row.paid / most, 1),
                "both": round(360 * (row.paid + row.waiting) / most, 1),
            }
            for row in rows
        ],
        "sold_total": sum(row.paid for row in rows),
        "waiting_total": sum(row.waiting for row in rows),
        "money": figures.money(event),
        "columns": columns(
            [(date_format(week, "SHORT_DATE_FORMAT"), float(sum_), amounts.euros(sum_)) for week, sum_ in weeks]
        ),
    }
