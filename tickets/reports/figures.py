"""Figures for the dashboard: what was sold, what came in, what is still open."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncWeek

from tickets.models import Event, Order, Payment, Product


@dataclass(frozen=True)
class Sold:
    """A product with its tickets: paid, and reserved by orders that wait for payment or by carts."""

    product: Product
    paid: int
    pending: int
    in_carts: int

    @property
    def waiting(self) -> int:
        return self.pending + self.in_carts


@dataclass(frozen=True)
class Money:
    """Sums over the event's orders, without tests."""

    received: Decimal
    returned: Decimal
    open: Decimal
    to_return: Decimal


def sold(event: Event) -> list[Sold]:
    """Tickets by product, in the shop's order."""

    def number(status: Order.Status) -> Count:
        live = Q(positions__cancelled_at=None, positions__order__status=status)
        return Count("positions", filter=live)

    products = Product.objects.filter(event=event).annotate(
        paid=number(Order.Status.PAID), pending=number(Order.Status.PENDING), in_carts=number(Order.Status.CART)
    )
    return [Sold(product, product.paid, product.pending, product.in_carts) for product in products]


def money(event: Event) -> Money:
    """What came, what went back, what is still to come and what must go back."""
    orders = Order.objects.filter(event=event, test=False)
    zero = Decimal(0)
    sums = orders.aggregate(received=Sum("paid", default=zero), returned=Sum("refunded", default=zero))
    waiting = orders.filter(status=Order.Status.PENDING, total__gt=F("paid") - F("refunded"))
    still = waiting.aggregate(sum=Sum(F("total") - F("paid") + F("refunded"), default=zero))["sum"]
    to_return = sum((order.money_to_return for order in orders.with_money_to_return()), zero)
    return Money(sums["received"], sums["returned"], still, to_return)


def received_by_week(event: Event) -> list[tuple[date, Decimal]]:
    """What came in, by the Monday of its week, oldest first."""
    payments = Payment.objects.filter(order__event=event, order__test=False)
    weeks = payments.annotate(week=TruncWeek("received_on")).values("week").annotate(sum=Sum("amount")).order_by("week")
    return [(row["week"], row["sum"]) for row in weeks]
