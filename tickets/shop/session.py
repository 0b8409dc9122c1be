"""What belongs to a buyer before the order: the cart, and what was typed. Both stay in the session, no longer than
an hour after the cart's end."""

from collections.abc import Mapping
from datetime import datetime

from django.http import HttpRequest

from tickets.models import Order, Whole
from tickets.orders.carts import KEEP

CART, TYPED = "cart", "typed"
NOT_TYPED = {"csrfmiddlewaretoken"}


def cart_id(request: HttpRequest) -> int | None:
    return request.session.get(CART)


def shopping_of(request: HttpRequest) -> Whole | None:
    """What this session has: a cart, an expired cart, or the order it became; None without one."""
    pk = cart_id(request)
    return None if pk is None else Whole.of(pk)


def keep_cart(request: HttpRequest, order: Order) -> None:
    """The session now has this cart, and lasts until an hour after the cart's end as it is now."""
    request.session[CART] = order.pk
    if order.code is None:
        lasts(request, order.reserved_until)


def lasts(request: HttpRequest, until: datetime) -> None:
    """The cart ends then. A moment is kept, not a duration: that would begin anew with everything typed."""
    if not request.session.get("_auth_user_id"):  # a member of staff stays signed in; see `tickets.retention`
        request.session.set_expiry(until + KEEP)


def typed(request: HttpRequest) -> dict[str, str]:
    """What the buyer typed so far, valid or not."""
    return request.session.get(TYPED, {})


def keep_typed(request: HttpRequest, data: Mapping[str, str]) -> None:
    """Adds to what was typed; what other tickets were typed for stays."""
    kept = {name: value[:500] for name, value in data.items() if name not in NOT_TYPED}
    unchecked = [name for name in typed(request) if name.startswith("declared-") and name not in kept]
    request.session[TYPED] = {
        name: value for name, value in {**typed(request), **kept}.items() if name not in unchecked
    }


def forget_typed(request: HttpRequest) -> None:
    """The order is placed: what was typed stands there."""
    request.session.pop(TYPED, None)
