"""The cart: an order that is not yet placed. It holds places until it expires; for an hour more the buyer can try again.

Its row stays a day: what it held counts for its network (see `tickets.orders.origins`). Positions that are taken out
are therefore cancelled and not deleted, also when the rest is ordered.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from sccon.clock import Clock, database_now
from tickets.catalogue.validity import NotValid, Problem, end_of_sale, judge
from tickets.models import History, Order, Position, Product
from tickets.models.products import partly
from tickets.orders import origins, reserving
from tickets.orders.expiring import makes_room
from tickets.orders.reserving import told_busy

# How long after its end the buyer can try again, and how long the row is kept.
KEEP, KEEP_ROW = timedelta(hours=1), timedelta(days=1)
# With less than this of its longest time left, a cart is not reserved again: it would end before anybody could order.
LEAST = timedelta(minutes=5)


class Expired(Exception):
    """The cart's time is over; its places went back."""


def choose(cart: Order | None, wanted: Mapping[int, int], *, language: str, networks: Sequence[str] = ()) -> Order:
    """Puts so many of each product id into the cart (None: a new one), instead of what was in it, all or nothing.

    `networks`: the visitor's, from narrow to wide, for a new cart. Raises `NotValid`, `SoldOut`, `Busy`, `Refused` when
    the network has its fill, or `Expired` when the cart's time is over or its event is not sold any more.
    """
    wanted = {pk: number for pk, number in wanted.items() if number > 0}
    if cart is None:
        return _begin(wanted, language=language, networks=networks)
    if not wanted:
        raise NotValid([Problem(_("Please choose at least one ticket."))])
    there = reserving.places_of([cart.pk])
    change(cart, {**dict.fromkeys(there, 0), **wanted})
    cart.refresh_from_db(fields=["expires_at"])
    return cart


def came_by(cart: Order, source: str) -> None:
    """Keeps what led to the shop; what led there first stays."""
    Order.objects.filter(pk=cart.pk, source="").update(source=source)


@told_busy
@makes_room
def _begin(wanted: Mapping[int, int], *, language: str, networks: Sequence[str]) -> Order:
    """Creates a cart, without a transaction around it: one statement reads what is checked, another one writes."""
    found = Product.objects.to_judge(wanted)
    if found is None:
        raise NotValid([Problem(_("Please choose at least one ticket."))])
    event, products, now = found
    judge(event, {product: wanted[product.pk] for product in products}, at=now)
    until = min(now + timedelta(minutes=event.cart_minutes), end_of_sale(event, products))
    pk = reserving.begin(
        event,
        {product.pk: wanted[product.pk] for product in products},
        language=language,
        until=until,
        networks=networks,
    )
    known = {"id": pk, "code": None, "status": Order.Status.CART, "language": language, "expires_at": until}
    cart = partly(Order, [*known], [*known.values()])
    cart.event = event
    return cart


@told_busy
@makes_room
@transaction.atomic
def change(cart: Order, wanted: Mapping[int, int]) -> None:
    """Sets the number of each product id, all or nothing; what is already in the cart keeps its price.

    What is only taken out is not judged: a cart can always become smaller, but not below a product's least. Raises like
    `choose`.
    """
    order = _locked(cart)
    there = reserving.places_of([order.pk])
    change = {pk: number - there[pk] for pk, number in wanted.items() if number != there[pk]}
    if not order.event.current and any(number > 0 for number in change.values()):
        raise Expired
    numbers = {pk: number for pk, number in {**there, **wanted}.items() if number}
    products = {product.pk: product for product in Product.objects.filter(pk__in=numbers, event=order.event)}
    change = {pk: number for pk, number in change.items() if number < 0 or pk in products}  # what is sold here
    more = {pk: number for pk, number in change.items() if number > 0}
    if not there and not more:
        raise NotValid([Problem(_("Please choose at least one ticket."))])
    if any(numbers.get(pk) for pk in change):
        judge(order.event, {product: numbers[pk] for pk, product in products.items()}, at=database_now())
    if more:
        origins.allow_more(order, more)
        end = end_of_sale(order.event, products.values())
        if end < order.reserved_until:
            Order.objects.filter(pk=order.pk).update(expires_at=end)
    for pk, number in change.items():
        last = _live(order).filter(product=pk).order_by("-pk").values("pk")[: max(-number, 0)]
        Position.objects.filter(pk__in=last).update(cancelled_at=Now())
    reserving.fill(order, more)
    reserving.take(change)


def extend(cart: Order) -> datetime:
    """Restarts the reservation's minutes, up to the event's maximum; returns the new end. Raises like `choose`.

    While a quota is guarded, carts of networks that nothing speaks for are not extended (`Refused`).
    """
    with transaction.atomic():
        order = _locked(cart)
        now = database_now()
        products = in_cart(_live(order))
        judge(order.event, products, at=now)
        origins.allow_time(order)
        longest = min(now + timedelta(minutes=order.event.cart_minutes), latest_end(order, products))
        until = max(min(order.reserved_until, latest_end(order, products)), longest)
        Order.objects.filter(pk=order.pk).update(expires_at=until)
        order.expires_at = until
        History.objects.record(order, History.What.EXTENDED)
        return until


@told_busy
@makes_room
@transaction.atomic
def reserve_again(cart: Order) -> Order:
    """EXPIRED → CART: reserves the places of an expired cart again, at today's prices, all or nothing; returns the cart.

    Its longest time still counts from its first reservation. Raises like `choose`: `Expired` when too little is left of it.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("event").get(pk=cart.pk)
    now = database_now()
    if order.code or (order.status == Order.Status.CART and order.reserved_until > now):
        return order  # somebody was first, perhaps this buyer's first click
    if latest_end(order) < now + LEAST or not order.event.current:
        raise Expired
    products = in_cart(_live(order))
    judge(order.event, products, at=now)
    places = reserving.places_of([order.pk])
    origins.allow_more(order, places)
    swept = order.status == Order.Status.EXPIRED  # else it is overdue, but still holds its places
    order.status = Order.Status.CART
    order.expires_at = min(now + timedelta(minutes=order.event.cart_minutes), latest_end(order, products))
    order.save(update_fields=["status", "expires_at"])
    History.objects.record(order, History.What.RESERVED_AGAIN)
    _live(order).update(cancelled_at=now)
    reserving.fill(order, places)
    if swept:
        reserving.take(places)
    return order


@told_busy
@transaction.atomic
def give_up(cart_id: int) -> None:
    """CART → EXPIRED: gives back at once what nobody can reach. The row stays, and counts like that of any cart."""
    if Order.objects.filter(pk=cart_id, status=Order.Status.CART).update(status=Order.Status.EXPIRED):
        History.objects.record(Order.objects.get(pk=cart_id), History.What.EXPIRED)
        reserving.give_back(reserving.places_of([cart_id]))


def _live(cart: Order) -> QuerySet[Position]:
    """The cart's positions, with their products, without those that were taken out."""
    return cart.positions.filter(cancelled_at=None).select_related("product")


def latest_end(cart: Order, products: Iterable[Product] = ()) -> datetime:
    """The latest instant to which the reservation of `products` can be extended: not past the end of their sale."""
    longest = cart.created_at + timedelta(minutes=cart.event.cart_minutes_most)
    return min(longest, end_of_sale(cart.event, products)) if products else longest


def in_cart(positions: Iterable[Position]) -> Counter[Product]:
    """The number of positions per product (fetched with them)."""
    return Counter(position.product for position in positions)


def _locked(cart: Order) -> Order:
    """The cart, re-read and locked until the transaction ends. Raises `Expired` if it is no cart any more."""
    order = Order.objects.filter(pk=cart.pk, status=Order.Status.CART, expires_at__gt=Clock())
    try:
        return order.select_for_update(of=("self",)).select_related("event").get()
    except Order.DoesNotExist as error:
        raise Expired from error


@transaction.atomic
def forget() -> int:
    """Deletes carts a day after they began, once nobody can try again; returns how many."""
    over = Order.objects.filter(
        status=Order.Status.EXPIRED, code=None, expires_at__lt=Now() - KEEP, created_at__lt=Now() - KEEP_ROW
    )
    ids = list(over.select_for_update(skip_locked=True).values_list("pk", flat=True)[:1000])
    Order.objects.filter(pk__in=ids).delete()
    return len(ids)
