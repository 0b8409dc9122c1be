"""Pages behind secret links: the order, its confirmation, a ticket, its calendar entry."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sccon import languages, tokens
from sccon.clock import INSTANT
from sccon.pagecache import personal
from sccon.requests import same_origin, secret_page
from tickets import mails
from tickets.admission import qr
from tickets.admission.calendar import calendar
from tickets.admission.codes import content
from tickets.amounts import taxes
from tickets.catalogue.validity import NotValid
from tickets.models import Order, Position, Whole
from tickets.orders import confirming, origins, reserving
from tickets.shop.views.shop import RETRY_AFTER, busy


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
    if order.status == Order.Status.PAID or not order.confirmed:  # else the page speaks of no mail of ours
        context["delayed"] = not order.buyer.unreachable_since and mails.on_its_way(order)
    if order.open_amount and not order.test:  # nobody pays for a test
        context["girocode"] = qr.as_svg(qr.girocode(order), _("GiroCode for your banking app"))
    return render(request, "tickets/order.html", context)


@secret_page
@personal
@same_origin
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link in an order's first mail. Mail scanners follow links, so only the button (POST) confirms."""
    try:
        found = Whole.of(tokens.read(mails.CONFIRM, token))
    except tokens.BadToken:
        found = None
    if found is None or not found.order.code:
        return _confirm(request, {}, status=404)
    order = found.order
    if order.confirmed or order.status == Order.Status.CANCELLED:
        return redirect(order)
    request.META[INSTANT] = found.at
    context = {"order": order, "event": order.event, "positions": found.positions, "taxes": taxes(found.positions)}
    if request.method != "POST":
        return _confirm(request, context)
    try:
        return redirect(confirming.confirm(order.pk))
    except reserving.Busy:
        return busy(request, request.path)
    except reserving.SoldOut:
        return _confirm(request, {**context, "gone": True}, status=409)
    except NotValid as reason:
        problems = reason.sentences
        return _confirm(request, {**context, "gone": True, "problems": problems}, status=409)
    except origins.Refused as reason:
        problem = reason.why.label % order.event.seller_email
        response = _confirm(request, {**context, "problems": [problem]}, status=429)
        response["Retry-After"] = RETRY_AFTER
        return response


def _confirm(request: HttpRequest, context: dict, *, status: int = 200) -> HttpResponse:
    match = request.resolver_match
    token = match.kwargs["token"] if match else ""
    links = languages.links(request, languages.in_each("tickets:confirm", token))
    return render(request, "tickets/confirm.html", {**links, "robots": "noindex", **context}, status=status)


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
