"""Figures for the dashboard: tickets sold, money received, money still open."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncWeek

from tickets.models import Event, Order, Payment, Product


@dataclass(frozen=True)
class Sold:
    """Tickets of a product: paid, in pending orders, in carts."""

    product: Product
    paid: int
    pending: int
    in_carts: int

    @property
    def waiting(self) -> int:
        return self.pending + self.in_carts


@dataclass(frozen=True)
class Money:
    """Sums over the event's orders, without test orders."""

    received: Decimal
    returned: Decimal
    open: Decimal
    to_return: Decimal


def sold(event: Event) -> list[Sold]:
    """Tickets per product, in the shop's order."""

    def number(status: Order.Status) -> Count:
        live = Q(positions__cancelled_at=None, positions__order__status=status)
        return Count("positions", filter=live)

    products = Product.objects.filter(event=event).annotate(
        paid=number(Order.Status.PAID), pending=number(Order.Status.PENDING), in_carts=number(Order.Status.CART)
    )
    return [Sold(product, product.paid, product.pending, product.in_carts) for product in products]


def money(event: Event) -> Money:
    """Money received, returned, still open and to be returned."""
    orders = Order.objects.filter(event=event, test=False)
    zero = Decimal(0)
    sums = orders.aggregate(
        received=Sum(F("paid") - F("taken_back"), default=zero), returned=Sum("refunded", default=zero)
    )
    still_open = F("total") - F("paid") + F("refunded") + F("taken_back")
    waiting = orders.filter(status=Order.Status.PENDING)
    still = waiting.aggregate(sum=Sum(still_open, default=zero))["sum"]
    to_return = sum((order.money_to_return for order in orders.with_money_to_return()), zero)
    return Money(sums["received"], sums["returned"], still, to_return)


def received_by_week(event: Event) -> list[tuple[date, Decimal]]:
    """Money received per week (its Monday), oldest first, without what was recorded by mistake."""
    payments = Payment.objects.filter(order__event=event, order__test=False)
    weeks = payments.annotate(week=TruncWeek("received_on")).values("week")
    sums = weeks.annotate(sum=Sum(F("amount") - F("taken_back"))).order_by("week")
    return [(row["week"], row["sum"]) for row in sums if row["sum"]]
