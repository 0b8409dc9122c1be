"""Pages behind secret links: the order, a ticket, its calendar entry."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sccon import languages
from sccon.clock import INSTANT
from sccon.pagecache import personal
from sccon.requests import secret_page
from tickets.admission import qr
from tickets.admission.calendar import calendar
from tickets.admission.codes import content
from tickets.amounts import taxes
from tickets.models import Position, Whole


@secret_page
@personal
@require_safe
def order(request: HttpRequest, code: str, secret: str) -> HttpResponse:
    """The order's page: its state in words, what to do next, the tickets."""
    found = Whole.by_secret(code, secret)
    if found is None or not found.positions:
        raise Http404
    request.META[INSTANT] = found.at
    order, positions = found.order, found.positions
    context = {
        **languages.links(request, languages.in_each("tickets:order", code, secret)),
        "robots": "noindex",
        "order": order,
        "event": order.event,
        "positions": positions,
        "taxes": taxes(positions),
        "step": "tickets",
    }
    if order.open_amount:
        context["girocode"] = qr.as_svg(qr.girocode(order), _("GiroCode for your banking app"))
    return render(request, "tickets/order.html", context)


# --- The ticket --------------------------------------------------------------------------------


def _ticket(secret: str) -> Position:
    try:
        return Position.objects.select_related("order__event", "product").get(page_secret=secret)
    except Position.DoesNotExist as error:
        raise Http404 from error


@secret_page
@personal
@require_safe
def ticket(request: HttpRequest, secret: str) -> HttpResponse:
    """The page of one ticket, to be shown at the entrance."""
    position = _ticket(secret)
    code = position.ticket_code or ""
    number = content(code)
    context = {
        **languages.links(request, languages.in_each("tickets:ticket", secret)),
        "robots": "noindex",
        "position": position,
        "order": position.order,
        "event": position.order.event,
        "number": number.readable,
        "seed": number.number,
        "qr": qr.as_svg(qr.ticket_qr(code), _("QR code of the ticket")) if position.valid else "",
    }
    return render(request, "tickets/ticket.html", context)


@secret_page
@require_safe
def ticket_calendar(request: HttpRequest, secret: str) -> HttpResponse:
    """The ticket's entry for the calendar."""
    position = _ticket(secret)
    url = settings.SITE_URL + reverse("tickets:ticket", args=[secret])
    return HttpResponse(
        calendar(position, position.order.event, url),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="sccon.ics"'},
    )
