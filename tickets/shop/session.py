"""The session of a buyer: the id of the cart, and what was typed, until an hour after the cart expires."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models.functions import Now
from django.http import HttpRequest

from tickets.models import Order, Whole
from tickets.orders import carts
from tickets.orders.carts import KEEP

CART, TYPED, ORDERED, SOURCE = "cart", "typed", "ordered", "source"
SOURCES = re.compile(r"[a-z]+-[0-9]{1,9}")  # of a link to the shop: "issue-12"
EXTENDED = "extended"  # the next page says so
BEGUN = "tickets.begun"  # what proves for a minute that a cart is this visitor's who may not keep its cookie
PROVE_WITHIN = timedelta(minutes=1)
SECOND_CLICK = timedelta(minutes=10)
MOST_TYPED = 1000  # fields kept: those of some hundred tickets; the oldest make room


def cart_id(request: HttpRequest) -> int | None:
    return request.session.get(CART)


def shopping_of(request: HttpRequest) -> Whole | None:
    """The session's cart, expired or not, or the order it became; None without one."""
    pk = cart_id(request)
    return None if pk is None else Whole.of(pk)


def keep_cart(request: HttpRequest, order: Order) -> None:
    """Keeps the cart in the session, which expires an hour after the cart."""
    request.session[CART] = order.pk
    if source := request.session.get(SOURCE):
        carts.came_by(order, source)
    if order.code is None:
        lasts(request, order.reserved_until)


def source_in(given: Mapping[str, str]) -> str:
    """What led to the shop, as link or form name it; '' for anything else."""
    source = given.get("src", "")
    return source if len(source) <= 30 and SOURCES.fullmatch(source) else ""


def accepts_cookies(request: HttpRequest) -> bool:
    """Whether this browser has kept one of ours: that of the session, which all of a purchase needs."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def lasts(request: HttpRequest, until: datetime) -> None:
    """Sets the session's expiry, as an instant: a duration would start again whenever something is typed."""
    if not request.session.get("_auth_user_id"):  # a member of staff stays signed in; see `tickets.retention`
        request.session.set_expiry(until + KEEP)


def typed(request: HttpRequest) -> dict[str, str]:
    """What the buyer typed so far, valid or not."""
    return request.session.get(TYPED, {})


def keep_typed(request: HttpRequest, data: Mapping[str, str], *, names: Collection[str]) -> None:
    """Adds to what was typed the form's own fields, `names`; what other tickets were typed for stays."""
    kept = {name: data[name][:500] for name in names if name in data}
    earlier = {
        name: value
        for name, value in typed(request).items()
        if name not in kept and not (name.startswith("declared-"))  # a box that is no longer ticked is not sent
    }
    newest = [*earlier.items(), *kept.items()][-MOST_TYPED:]
    request.session[TYPED] = dict(newest)


def end(request: HttpRequest, order: Order, positions: Collection[int]) -> None:
    """Removes cart and what was typed: whoever sits down at this computer next finds neither.

    What stays for ten minutes leads nowhere by itself: a second click on the same button finds the order of the first.
    """
    forget(request)
    request.session[ORDERED] = [order.pk, *positions]
    if not request.session.get("_auth_user_id"):
        request.session.set_expiry(SECOND_CLICK)


def forget(request: HttpRequest) -> None:
    """Removes the cart and what was typed for it."""
    request.session.pop(CART, None)
    request.session.pop(TYPED, None)
    request.session.pop(SOURCE, None)


def ordered(request: HttpRequest, positions: Collection[int]) -> Order | None:
    """The order that this browser made of these positions within ten minutes."""
    pk, *those = request.session.get(ORDERED) or [None]
    if pk is None or those != [*positions]:
        return None
    return Order.objects.filter(pk=pk, placed_at__gt=Now() - SECOND_CLICK).first()
