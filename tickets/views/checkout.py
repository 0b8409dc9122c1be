"""The shop, the way from cart to order, and what the buyer's secret links show."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Concatenate

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from sccon import languages
from sccon.clock import database_now
from sccon.requests import same_origin
from tickets import carts, json_ld, ordering, qr, reserving, shopping
from tickets.calendar import calendar
from tickets.codes import read
from tickets.forms import DetailsForm, SeenForm, chosen_in, seen
from tickets.models import Event, Order, Position, Product
from tickets.money import taxes
from tickets.offers import offers, shortages
from tickets.validity import NotValid

STEPS = ("choose", "details", "summary", "tickets")


def private[**P](view: Callable[Concatenate[HttpRequest, P], HttpResponse]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page that belongs to one person: kept by no cache, found by no search engine, its address told to nobody.

    `same-origin`, not `no-referrer`: that would send `Origin: null` and break the page's own buttons.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        response["Referrer-Policy"] = "same-origin"
        return response

    return wrapper


def current_event() -> Event:
    """The event the site is about; raises `Http404` without one."""
    if event := Event.objects.current().first():
        return event
    raise Http404


# --- The shop ----------------------------------------------------------------------------------


@require_safe
def shop(request: HttpRequest) -> HttpResponse:
    """What there is to buy. Knows nobody: choosing begins the cart."""
    request.at = database_now()
    return _shop(request, current_event(), request.at)


def _shop(
    request: HttpRequest,
    event: Event,
    at: datetime,
    *,
    chosen: Mapping[int, int] | None = None,
    errors: Mapping[int, str] | None = None,
    general: str = "",
    status: int = 200,
) -> HttpResponse:
    shown = offers(event, at, chosen=chosen, errors=errors)
    context = {
        **languages.links(request, languages.in_each("tickets:shop")),
        "event": event,
        "sections": [
            (label, [offer for offer in shown if offer.product.section == section])
            for section, label in Product.Section.choices
            if any(offer.product.section == section for offer in shown)
        ],
        "buyable": any(offer.buyable for offer in shown),
        "errors": bool(errors or general),
        "general_error": general,
        "step": "choose",
    }
    context["json_ld"] = json_ld.event_with_offers(event, shown, context["canonical"])
    return render(request, "tickets/shop.html", context, status=status)


@private
@require_POST
@same_origin
def add(request: HttpRequest) -> HttpResponse:
    """Puts the choice into the cart: from here on there is a session."""
    event, chosen = current_event(), chosen_in(request.POST)
    order = shopping.order_of(request)
    cart = order if order and order.status == Order.Status.CART else None
    wanted = {pk: number for pk, number in chosen.items() if number}
    try:
        try:
            cart = carts.add(cart, event, wanted, language=translation.get_language())
        except carts.Expired:
            cart = carts.add(None, event, wanted, language=translation.get_language())
    except (NotValid, reserving.SoldOut, reserving.Busy) as refused:
        return _refused(request, event, wanted, refused)
    shopping.keep_cart(request, cart)
    return redirect("tickets:details")


def _refused(
    request: HttpRequest, event: Event, wanted: dict[int, int], reason: NotValid | reserving.SoldOut | reserving.Busy
) -> HttpResponse:
    """The shop once more, with what was chosen and what stands against it."""
    at = database_now()
    if isinstance(reason, reserving.Busy):
        return _busy(request, reverse("tickets:add"), wanted)
    if isinstance(reason, NotValid):
        errors = {problem.product.pk: problem.sentence for problem in reason.problems if problem.product}
        general = " ".join(problem.sentence for problem in reason.problems if not problem.product)
    else:
        errors = shortages(event, wanted, at)
        general = "" if errors else _("Someone was faster, but places have just become free. Please try again.")
    return _shop(request, event, at, chosen=wanted, errors=errors, general=general, status=409)


def _busy(request: HttpRequest, action: str, wanted: Mapping[int, int] | None = None) -> HttpResponse:
    """Many want the same at once: nothing is lost, one click tries again."""
    context = {
        **languages.links(request, languages.in_each("tickets:shop")),
        "robots": "noindex",
        "action": action,
        "wanted": wanted or {},
    }
    return render(request, "tickets/busy.html", context, status=409, headers={"Retry-After": "5"})


# --- The cart ----------------------------------------------------------------------------------


type CartView[**P] = Callable[Concatenate[HttpRequest, Order, P], HttpResponse]


def with_cart[**P](view: CartView[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Gives the view the session's cart, expired or not; an order placed meanwhile shows its own page."""

    @private
    @wraps(view)
    def wrapper(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        order = shopping.order_of(request)
        if order is None:
            return _page(request, "tickets/no_cart.html", {}, status=404 if request.method == "POST" else 200)
        if order.code:
            return redirect(order)
        return view(request, order, *args, **kwargs)

    return wrapper


def _page(request: HttpRequest, template: str, context: dict, *, status: int = 200) -> HttpResponse:
    """A page of the way to the order: the same in both languages, in no index."""
    paths = languages.in_each(request.resolver_match.view_name) if request.method == "GET" else languages.in_each("tickets:cart")
    return render(request, template, {**languages.links(request, paths), "robots": "noindex", **context}, status=status)


def _cart_context(cart: Order, positions: list[Position]) -> dict:
    now = database_now()
    return {
        "cart": cart,
        "event": cart.event,
        "positions": positions,
        "total": sum(position.gross for position in positions),
        "expired": cart.status != Order.Status.CART or cart.expires_at <= now,
        "extendable": cart.expires_at < carts.latest_end(cart),
        "latest_end": carts.latest_end(cart),
    }


def _positions(order: Order) -> list[Position]:
    return list(order.positions.filter(cancelled_at=None).select_related("product"))


@require_safe
@with_cart
def cart(request: HttpRequest, cart: Order) -> HttpResponse:
    """What is in the cart, to be changed."""
    return _cart(request, cart)


def _cart(request: HttpRequest, cart: Order, *, problems: list[str] | None = None, status: int = 200) -> HttpResponse:
    positions = _positions(cart)
    lines = [
        {
            "product": product,
            "number": number,
            "numbers": range(max(product.max_per_order, number) + 1),
            "gross": sum(position.gross for position in positions if position.product == product),
        }
        for product, number in carts.in_cart(positions).items()
    ]
    context = {**_cart_context(cart, positions), "lines": lines, "problems": problems or [], "step": "choose"}
    return _page(request, "tickets/cart.html", context, status=status)


@require_POST
@with_cart
def change(request: HttpRequest, cart: Order) -> HttpResponse:
    """Other numbers of what is in the cart."""
    wanted = chosen_in(request.POST)
    try:
        carts.change(cart, wanted)
    except carts.Expired:
        pass  # the page says so
    except NotValid as refused:
        return _cart(request, cart, problems=[problem.sentence for problem in refused.problems], status=409)
    except reserving.SoldOut:
        problem = _("There are not enough places for this. Your cart is as it was.")
        return _cart(request, cart, problems=[problem], status=409)
    except reserving.Busy:
        return _busy(request, request.path, wanted)
    return redirect("tickets:cart")


@require_POST
@with_cart
def extend(request: HttpRequest, cart: Order) -> HttpResponse:
    """More time for the reservation, and back to where the button was pressed."""
    try:
        carts.extend(cart)
    except carts.Expired:
        pass  # the page says so
    except NotValid as refused:
        return _cart(request, cart, problems=[problem.sentence for problem in refused.problems], status=409)
    back = request.POST.get("back")
    return redirect(f"tickets:{back}" if back in {"details", "summary"} else "tickets:cart")


@require_POST
@with_cart
def again(request: HttpRequest, cart: Order) -> HttpResponse:
    """Tries to get the expired cart's places once more."""
    try:
        carts.reserve_again(cart)
    except NotValid as refused:
        return _cart(request, cart, problems=[problem.sentence for problem in refused.problems], status=409)
    except reserving.SoldOut:
        wanted = {product.pk: number for product, number in carts.in_cart(_positions(cart)).items()}
        return _refused(request, cart.event, wanted, reserving.SoldOut([]))
    except reserving.Busy:
        return _busy(request, request.path)
    shopping.keep_cart(request, cart)
    return redirect("tickets:details")


# --- Details, summary, order -------------------------------------------------------------------


@sensitive_post_parameters()
@with_cart
def details(request: HttpRequest, cart: Order) -> HttpResponse:
    """Who buys, who comes. What is typed is kept whether it is valid or not."""
    positions = _positions(cart)
    if not positions:
        return redirect("tickets:cart")
    context = {**_cart_context(cart, positions), "step": "details"}
    if request.method == "POST":
        shopping.keep_typed(request, request.POST.dict())
        form = DetailsForm(positions, shopping.typed(request))
        if form.is_valid() and not context["expired"]:
            return redirect("tickets:summary")
    elif "incomplete" in request.GET:
        form = DetailsForm(positions, shopping.typed(request))
    else:
        form = DetailsForm(positions, initial=shopping.typed(request))
    status = 400 if request.method == "POST" and form.errors else 200
    return _page(request, "tickets/details.html", {**context, "form": form}, status=status)


@require_safe
@with_cart
def summary(request: HttpRequest, cart: Order) -> HttpResponse:
    """Everything once more, and the button that orders."""
    return _summary(request, cart)


def _summary(request: HttpRequest, cart: Order, *, problems: list[str] | None = None, status: int = 200) -> HttpResponse:
    positions = _positions(cart)
    form = DetailsForm(positions, shopping.typed(request))
    if not positions or not form.is_valid():
        return redirect(f"{reverse('tickets:details')}?incomplete=1")
    details = form.details()
    for position in positions:
        attendee = details.attendees[position.pk]
        position.attendee_name, position.attendee_company = attendee.name, attendee.company
    context = {
        **_cart_context(cart, positions),
        "details": details,
        "country": dict(form.fields["country"].choices).get(details.country, "") if details.country else "",
        "taxes": taxes(positions),
        "due_on": ordering.due_date(cart.event, database_now()),
        "seen": seen(positions),
        "problems": problems or [],
        "step": "summary",
    }
    return _page(request, "tickets/summary.html", context, status=status)


@sensitive_post_parameters()
@require_POST
@with_cart
def place(request: HttpRequest, cart: Order) -> HttpResponse:
    """Orders, bindingly. A second click finds the order of the first."""
    form, shown = DetailsForm(_positions(cart), shopping.typed(request)), SeenForm(request.POST)
    if not form.is_valid() or not shown.is_valid():
        return redirect(f"{reverse('tickets:details')}?incomplete=1")
    try:
        order = ordering.place(
            cart,
            form.details(),
            language=translation.get_language(),
            seen=shown.cleaned_data["total"],
            positions=shown.cleaned_data["positions"],
        )
    except carts.Expired:
        return redirect("tickets:summary")
    except ordering.Changed:
        return _summary(request, cart, problems=[_("Your cart has changed meanwhile. Please check it once more.")], status=409)
    except NotValid as refused:
        return _summary(request, cart, problems=[problem.sentence for problem in refused.problems], status=409)
    shopping.forget_typed(request)
    return redirect(order)


@private
@require_safe
def order(request: HttpRequest, code: str, secret: str) -> HttpResponse:
    """The buyer's page: the state in words, what to do next, the tickets."""
    try:
        found = Order.objects.placed().select_related("event").get(code=code, secret=secret)
    except Order.DoesNotExist as error:
        raise Http404 from error
    positions = _positions(found)
    context = {
        **languages.links(request, _in_each("tickets:order", code, secret)),
        "robots": "noindex",
        "order": found,
        "event": found.event,
        "positions": positions,
        "taxes": taxes(positions),
        "step": "tickets",
    }
    if found.open_amount:
        context["girocode"] = qr.as_svg(qr.girocode(found), _("GiroCode for your banking app"))
    return render(request, "tickets/order.html", context)


def _in_each(view_name: str, *args: str) -> dict[str, str]:
    paths = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            paths[language] = reverse(view_name, args=args)
    return paths


# --- The ticket --------------------------------------------------------------------------------


def _ticket(secret: str) -> Position:
    try:
        return Position.objects.select_related("order__event", "product").get(page_secret=secret)
    except Position.DoesNotExist as error:
        raise Http404 from error


@private
@require_safe
def ticket(request: HttpRequest, secret: str) -> HttpResponse:
    """One attendee's ticket, to be shown at the door."""
    position = _ticket(secret)
    number = read(position.ticket_code)
    context = {
        **languages.links(request, _in_each("tickets:ticket", secret)),
        "robots": "noindex",
        "position": position,
        "order": position.order,
        "event": position.order.event,
        "number": number.readable,
        "seed": number.number,
        "valid": position.valid,
        "qr": qr.as_svg(qr.ticket_qr(position.ticket_code), _("QR code of the ticket")) if position.valid else "",
    }
    return render(request, "tickets/ticket.html", context)


@private
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
