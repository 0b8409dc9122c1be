"""From the cart to the order: the pages that need a session."""

import json
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Concatenate
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from sccon import languages, tokens
from sccon.clock import INSTANT
from sccon.pagecache import personal
from sccon.requests import secret_page, sent_by_a_form
from tickets.amounts import taxes
from tickets.catalogue.validity import NotValid, judge
from tickets.models import Order, Position, Whole
from tickets.orders import carts, origins, placing, reserving
from tickets.shop import session
from tickets.shop.forms import DetailsForm, SeenForm, chosen_in, seen
from tickets.shop.views.shop import RETRY_AFTER, begin_anew, busy, refused

type Page[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


class Incomplete(Exception):
    """The buyer's details are missing or invalid."""


def with_cart(view: Callable[[HttpRequest, Whole], HttpResponse]) -> Page[[]]:
    """Decorator: passes the session's cart, expired or not, to the view."""

    @secret_page
    @personal
    @wraps(view)
    def wrapper(request: HttpRequest) -> HttpResponse:
        found = session.shopping_of(request)
        if found is None:
            return _no_cart(request)
        if found.order.code:  # the request that ordered it could not say so in the session
            session.forget(request)
            return _no_cart(request)
        return view(request, found)

    return wrapper


def _no_cart(request: HttpRequest) -> HttpResponse:
    """The cart is empty, or this browser has not kept the cookie that says which one is its own."""
    keeps = session.accepts_cookies(request)
    return _page(request, "tickets/no_cart.html", {"keeps": keeps}, status=404 if request.method == "POST" else 200)


def _page(request: HttpRequest, template: str, context: dict, *, status: int = 200) -> HttpResponse:
    """Renders a checkout page: at the same address in each language, `noindex`."""
    match = request.resolver_match
    name = match.view_name if match and request.method == "GET" and not match.kwargs else "tickets:cart"
    links = languages.links(request, languages.in_each(name))
    return render(request, template, {**links, "robots": "noindex", **context}, status=status)


def _context(request: HttpRequest, found: Whole, step: str) -> dict:
    """Context of every page with a cart: positions, total, and until when it is reserved."""
    request.META[INSTANT] = found.at
    cart, products = found.order, carts.in_cart(found.positions)
    latest = carts.latest_end(cart, products)
    until = min(cart.reserved_until, latest)
    expired, over = cart.status != Order.Status.CART or cart.reserved_until <= found.at, []
    if products and not expired:
        try:  # what placing would say, before somebody presses the button
            judge(cart.event, products, at=found.at)
        except NotValid as reason:
            over = reason.sentences
    left = max(int((until - found.at).total_seconds()), 0)
    return {
        "cart": cart,
        "event": cart.event,
        "positions": found.positions,
        "total": sum(position.gross for position in found.positions),
        "expired": expired,
        "over": over,
        "until": until,
        "left": left,
        "extendable": until < latest,
        "latest_end": latest,
        "more": request.session.pop(session.EXTENDED, False),
        # For the browser's storage, from which the shop says that something is reserved; see static/js/cart.js.
        "mark": None
        if expired or not products
        else json.dumps({"key": cart.pk, "left": left, "of": {each.pk: number for each, number in products.items()}}),
        "step": step,
    }


@require_safe
@secret_page
@personal
def begun(request: HttpRequest, token: str) -> HttpResponse:
    """Where a first choice leads: on, or, if the browser has kept no cookie, to the sentence that says so.

    Nobody can reach that cart then, and each try would hold its places for half an hour: they go back at once.
    """
    if session.accepts_cookies(request):
        return redirect("tickets:details")
    # Too old or not ours: then it ends by itself. So it does while others hold the quota.
    with suppress(tokens.BadToken, reserving.Busy):
        carts.give_up(tokens.read(session.BEGUN, token, max_age=session.PROVE_WITHIN))
    return _no_cart(request)


# --- The cart ----------------------------------------------------------------------------------


@require_safe
@with_cart
def cart(request: HttpRequest, found: Whole) -> HttpResponse:
    """The cart, with a form to change it. Numbers in the address were chosen, but not sent yet (`change`)."""
    return _cart(request, found)


def _cart(request: HttpRequest, found: Whole, *, problems: list[str] | None = None, status: int = 200) -> HttpResponse:
    chosen = chosen_in(request.GET)
    lines = [
        {
            "product": product,
            "numbers": (numbers := sorted({0, number, *range(product.min_per_order, product.max_per_order + 1)})),
            "chosen": wanted if (wanted := chosen.get(product.pk)) in numbers else number,
            "gross": sum(position.gross for position in found.positions if position.product_id == product.pk),
        }
        for product, number in carts.in_cart(found.positions).items()
    ]
    context = {**_context(request, found, "choose"), "lines": lines, "problems": problems or []}
    return _page(request, "tickets/cart.html", context, status=status)


def _not_valid(request: HttpRequest, found: Whole, reason: NotValid) -> HttpResponse:
    return _cart(request, found, problems=reason.sentences, status=409)


@sent_by_a_form("tickets:cart")
@with_cart
def change(request: HttpRequest, found: Whole) -> HttpResponse:
    """Changes the numbers in the cart; "More time" and the other language do not, but keep what was chosen."""
    wanted, to = chosen_in(request.POST), request.POST.get("to", "")
    kept = urlencode({f"product-{pk}": number for pk, number in wanted.items()})
    if to == "more":
        return _more_time(request, found, "cart", query=kept)
    if to in dict(settings.LANGUAGES):
        return redirect(f"{languages.in_each('tickets:cart')[to]}?{kept}")
    try:
        carts.change(found.order, wanted)
    except carts.Expired:
        pass  # the page says so
    except NotValid as reason:
        return _not_valid(request, found, reason)
    except reserving.SoldOut:
        problem = _("There are not enough places for this. Your cart is as it was.")
        return _cart(request, found, problems=[problem], status=409)
    except origins.Refused as reason:
        return _too_many(request, found, reason)
    except reserving.Busy:
        return busy(request, request.path, wanted)
    return redirect("tickets:cart")


def _too_many(request: HttpRequest, found: Whole, reason: origins.Refused) -> HttpResponse:
    """429: the cart as it was, and why it gets no more places or time."""
    sentence = reason.why.label % found.order.event.seller_email
    response = _cart(request, found, problems=[sentence], status=429)
    response["Retry-After"] = RETRY_AFTER
    return response


@sent_by_a_form("tickets:cart")
@with_cart
def extend(request: HttpRequest, found: Whole) -> HttpResponse:
    """Extends the reservation and returns to the page with the button, which says so."""
    back = request.POST.get("back")
    return _more_time(request, found, back if back in {"details", "summary"} else "cart")


def _more_time(request: HttpRequest, found: Whole, back: str, *, query: str = "") -> HttpResponse:
    address = reverse(f"tickets:{back}") + (f"?{query}" if query else "")
    try:
        session.lasts(request, carts.extend(found.order))
        request.session[session.EXTENDED] = True
    except carts.Expired:
        return redirect(address)  # the page says so
    except NotValid as reason:
        return _not_valid(request, found, reason)
    except origins.Refused as reason:
        return _too_many(request, found, reason)
    return redirect(address)


@sent_by_a_form("tickets:cart")
@with_cart
def again(request: HttpRequest, found: Whole) -> HttpResponse:
    """Reserves the places of an expired cart again: in the same cart, or in a new one when its longest time is over."""
    wanted = {product.pk: number for product, number in carts.in_cart(found.positions).items()}
    try:
        try:
            cart = carts.reserve_again(found.order)
        except carts.Expired:
            cart = begin_anew(request, wanted)
    except NotValid as reason:
        return _not_valid(request, found, reason)
    except (reserving.SoldOut, origins.Refused) as reason:
        return refused(request, wanted, reason)
    except reserving.Busy:
        return busy(request, request.path)
    session.keep_cart(request, cart)
    return redirect("tickets:details")


# --- Details, summary, order -------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@with_cart
def details(request: HttpRequest, found: Whole) -> HttpResponse:
    """Form: buyer, address, attendees. What is typed is kept in the session, valid or not."""
    if not found.positions:
        return redirect("tickets:cart")
    if request.method == "POST":
        session.keep_typed(request, request.POST.dict(), names=DetailsForm(found.positions).fields)
        if (to := request.POST.get("to", "")) in ELSEWHERE:
            return _elsewhere(request, found, to)
    context = _context(request, found, "details")
    if request.method == "POST":
        form = DetailsForm(found.positions, session.typed(request))
        if form.is_valid():
            return redirect("tickets:summary")
    elif "incomplete" in request.GET:
        form = DetailsForm(found.positions, session.typed(request))
    else:
        form = DetailsForm(found.positions, initial=session.typed(request))
    status = 400 if request.method == "POST" else 200
    return _page(request, "tickets/details.html", {**context, "form": form}, status=status)


# Buttons beside the half-filled form send it, so that nothing typed is lost, and lead elsewhere.
ELSEWHERE = {"more", "cart", "kept", *dict(settings.LANGUAGES)}


def _elsewhere(request: HttpRequest, found: Whole, to: str) -> HttpResponse:
    if to == "more":
        return _more_time(request, found, "details")
    if to == "cart":
        return redirect("tickets:cart")
    if to == "kept":  # a script, before it follows a link
        return HttpResponse(status=204)
    return redirect(languages.in_each("tickets:details")[to])


def _incomplete() -> HttpResponse:
    return redirect(f"{reverse('tickets:details')}?incomplete=1")


@require_safe
@with_cart
def summary(request: HttpRequest, found: Whole) -> HttpResponse:
    """Everything on one page, with the button that orders (§ 312j BGB)."""
    return _summary(request, found)


def _summary(
    request: HttpRequest, found: Whole, *, problems: list[str] | None = None, status: int = 200
) -> HttpResponse:
    form = DetailsForm(found.positions, session.typed(request))
    if not found.positions or not form.is_valid():
        return _incomplete()
    details = form.details()
    for position in found.positions:
        attendee = details.attendees[position.pk]
        position.attendee_name, position.attendee_company = attendee.name, attendee.company
    context = {
        **_context(request, found, "summary"),
        "buyer": details.buyer,
        "country": form.country_name(),
        "taxes": taxes(found.positions),
        "due_on": placing.due_date(found.order.event, found.at),
        "seen": seen(found.positions),
        "problems": problems or [],
    }
    return _page(request, "tickets/summary.html", context, status=status)


@sent_by_a_form("tickets:summary")
@sensitive_post_parameters()
@secret_page
@personal
def place(request: HttpRequest) -> HttpResponse:
    """Places the order, and forgets it. Within ten minutes a second click finds the order of the first."""
    cart_id, shown = session.cart_id(request), SeenForm(request.POST)
    if not shown.is_valid():
        return redirect("tickets:summary")
    positions = shown.cleaned_data["positions"]
    if first := session.ordered(request, positions):
        return redirect(first)
    if cart_id is None:
        return _no_cart(request)

    def details_for(positions: list[Position]) -> placing.Details:
        form = DetailsForm(positions, session.typed(request))
        if not form.is_valid():
            raise Incomplete
        return form.details()

    try:
        order = placing.place(
            cart_id,
            details_for,
            language=translation.get_language(),
            seen=shown.cleaned_data["total"],
            positions=positions,
        )
    except Incomplete:
        return _incomplete()
    except carts.Expired:
        return redirect("tickets:summary")
    except placing.Changed:
        return _once_more(request, [_("Your cart has changed meanwhile. Please check it once more.")])
    except NotValid as reason:
        return _once_more(request, reason.sentences)
    except origins.Refused as reason:
        return _once_more(request, [], refused=reason)
    session.end(request, order, positions)
    return redirect(order)


def _once_more(request: HttpRequest, problems: list[str], *, refused: origins.Refused | None = None) -> HttpResponse:
    """The summary of the cart as it is now, with the reasons why it was not ordered."""
    found = session.shopping_of(request)
    if found is None:
        return _no_cart(request)
    if refused is None:
        return _summary(request, found, problems=problems, status=409)
    response = _summary(request, found, problems=[refused.why.label % found.order.event.seller_email], status=429)
    response["Retry-After"] = RETRY_AFTER
    return response
