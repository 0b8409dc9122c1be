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
from tickets.catalogue.validity import NotValid, Problem, judge
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


def add(cart: Order | None, wanted: Mapping[int, int], *, language: str, networks: Sequence[str] = ()) -> Order:
    """Puts so many of each product id into the cart (None: a new one) and reserves their places, all or nothing.

    `networks`: the visitor's, from narrow to wide, for a new cart. Raises `NotValid`, `SoldOut`, `Busy`, `Refused` when
    the network has its fill, or `Expired` when the cart's time is over or its event is not sold any more.
    """
    wanted = {pk: number for pk, number in wanted.items() if number > 0}
    return _begin(wanted, language=language, networks=networks) if cart is None else _add(cart, wanted)


@told_busy
@makes_room
def _begin(wanted: Mapping[int, int], *, language: str, networks: Sequence[str]) -> Order:
    """Creates a cart, without a transaction around it: one statement reads what is checked, another one writes."""
    found = Product.objects.to_judge(wanted)
    if found is None:
        raise NotValid([Problem(_("Please choose at least one ticket."))])
    event, products, now = found
    judge(event, {product: wanted[product.pk] for product in products}, at=now)
    until = now + timedelta(minutes=event.cart_minutes)
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
def _add(cart: Order, wanted: Mapping[int, int]) -> Order:
    """Adds to an existing cart; returns the cart as it is then."""
    order = _locked(cart)
    if not order.event.current:
        raise Expired
    there = reserving.places_of([order.pk])
    products = list(Product.objects.filter(pk__in=wanted, event=order.event).read_now())
    if not products:
        raise NotValid([Problem(_("Please choose at least one ticket."))])
    more = {product.pk: wanted[product.pk] for product in products}
    judge(order.event, {product: more[product.pk] + there[product.pk] for product in products}, at=products[0].read_at)
    origins.allow_more(order, more)
    reserving.fill(order, more)
    reserving.take(more)
    return order


@told_busy
@makes_room
@transaction.atomic
def change(cart: Order, wanted: Mapping[int, int]) -> None:
    """Sets the number of each product id, all or nothing; what is already in the cart keeps its price.

    Raises like `add`.
    """
    order = _locked(cart)
    there = reserving.places_of([order.pk])
    change = {pk: number - there[pk] for pk, number in wanted.items() if number != there[pk]}
    more = {pk: number for pk, number in change.items() if number > 0}
    if more:
        numbers = {**there, **wanted}
        products = list(Product.objects.filter(pk__in=[pk for pk in numbers if numbers[pk]], event=order.event))
        judge(order.event, {product: numbers[product.pk] for product in products}, at=database_now())
        for pk in more.keys() - {product.pk for product in products}:
            del more[pk], change[pk]  # what is not sold here
        origins.allow_more(order, more)
    for pk, number in change.items():
        last = _live(order).filter(product=pk).order_by("-pk").values("pk")[: max(-number, 0)]
        Position.objects.filter(pk__in=last).update(cancelled_at=Now())
    reserving.fill(order, more)
    reserving.take(change)


def extend(cart: Order) -> datetime:
    """Restarts the reservation's minutes, up to the event's maximum; returns the new end. Raises like `add`.

    While a quota is guarded, carts of networks that nothing speaks for are not extended (`Refused`).
    """
    with transaction.atomic():
        order = _locked(cart)
        now = database_now()
        judge(order.event, in_cart(_live(order)), at=now)
        origins.allow_time(order)
        until = max(order.reserved_until, min(now + timedelta(minutes=order.event.cart_minutes), latest_end(order)))
        Order.objects.filter(pk=order.pk).update(expires_at=until)
        order.expires_at = until
        History.objects.record(order, History.What.EXTENDED)
        return until


@told_busy
@makes_room
@transaction.atomic
def reserve_again(cart: Order) -> Order:
    """EXPIRED → CART: reserves the places of an expired cart again, at today's prices, all or nothing; returns the cart.

    Its longest time still counts from its first reservation. Raises like `add`: `Expired` when too little is left of it.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("event").get(pk=cart.pk)
    now = database_now()
    if order.code or (order.status == Order.Status.CART and order.reserved_until > now):
        return order  # somebody was first, perhaps this buyer's first click
    if latest_end(order) < now + LEAST or not order.event.current:
        raise Expired
    judge(order.event, in_cart(_live(order)), at=now)
    places = reserving.places_of([order.pk])
    origins.allow_more(order, places)
    swept = order.status == Order.Status.EXPIRED  # else it is overdue, but still holds its places
    order.status = Order.Status.CART
    order.expires_at = min(now + timedelta(minutes=order.event.cart_minutes), latest_end(order))
    order.save(update_fields=["status", "expires_at"])
    History.objects.record(order, History.What.RESERVED_AGAIN)
    _live(order).update(cancelled_at=now)
    reserving.fill(order, places)
    if swept:
        reserving.take(places)
    return order


def _live(cart: Order) -> QuerySet[Position]:
    """The cart's positions, with their products, without those that were taken out."""
    return cart.positions.filter(cancelled_at=None).select_related("product")


def latest_end(cart: Order) -> datetime:
    """The latest instant to which the reservation can be extended."""
    return cart.created_at + timedelta(minutes=cart.event.cart_minutes_most)


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
