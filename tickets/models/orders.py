"""Orders and their positions. A cart is an order that is not yet placed.

One state machine, one expiry, one way to give places back: see `tickets.reserving` and `tickets.ordering`.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sccon.clock import ReadQuerySet
from sccon.statements import fetch
from sccon.translated import never_empty

from .events import Event
from .products import Product
from .rows import columns, instance, split

KEPT = """
    IF OLD.code IS NOT NULL AND NOT OLD.test THEN
        RAISE EXCEPTION 'Order % was placed: it stays on record.', OLD.code
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
"""

POSITION_KEPT = """
    IF EXISTS (SELECT FROM tickets_order WHERE id = OLD.order_id AND code IS NOT NULL AND NOT test) THEN
        RAISE EXCEPTION 'Position % belongs to a placed order: cancel it.', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
"""

AS_SOLD = """
    IF (NEW.order_id, NEW.product_id, NEW.gross, NEW.tax_rate, NEW.tax_category, NEW.product_name_de, NEW.product_name_en)
        IS DISTINCT FROM
        (OLD.order_id, OLD.product_id, OLD.gross, OLD.tax_rate, OLD.tax_category, OLD.product_name_de, OLD.product_name_en)
    THEN
        RAISE EXCEPTION 'Position % keeps what it was sold as.', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""


# An order with all that belongs to it. The lock first, by itself: what follows sees what others did before it was ours.
LOCK = "SELECT FROM tickets_order WHERE id = %s FOR UPDATE"
WHOLE = """
    SELECT clock_timestamp(), {order}, {event}, {position}, {product}
    FROM tickets_order AS "order"
    JOIN tickets_event AS event ON event.id = "order".event_id
    LEFT JOIN tickets_position AS position ON position.order_id = "order".id AND position.cancelled_at IS NULL
    LEFT JOIN tickets_product AS product ON product.id = position.product_id
    WHERE {condition}
    ORDER BY position.id
"""


@cache
def _whole(condition: str) -> str:
    return WHOLE.format(
        order=columns(Order, '"order"'),
        event=columns(Event, "event"),
        position=columns(Position, "position"),
        product=columns(Product, "product"),
        condition=condition,
    )


@dataclass(frozen=True)
class Whole:
    """An order with its event, its live positions with their products, and the instant at which they were read."""

    order: "Order"
    positions: list["Position"]
    at: datetime


class OrderQuerySet(ReadQuerySet["Order"]):
    def whole(self, pk: int, *, locked: bool = False) -> Whole | None:
        """An order with all that belongs to it, in one statement; `locked` until the transaction ends."""
        if locked:
            fetch(LOCK, [pk])
        return self._read_whole('"order".id = %(pk)s', {"pk": pk})

    def whole_by_secret(self, code: str, secret: str) -> Whole | None:
        """The same for the one who has its link."""
        condition = '"order".code = %(code)s AND "order".secret = %(secret)s'
        return self._read_whole(condition, {"code": code, "secret": secret})

    def _read_whole(self, condition: str, parameters: dict) -> Whole | None:
        rows = fetch(_whole(condition), parameters)
        if not rows:
            return None
        at, *values = rows[0]
        order_row, event_row, _position, _product = split(values, Order, Event, Position, Product)
        order, positions = instance(Order, order_row), []
        order.event = instance(Event, event_row)
        products: dict[int, Product] = {}
        for _at, *values in rows:
            _order, _event, position_row, product_row = split(values, Order, Event, Position, Product)
            if position_row[0] is None:
                break  # a cart in which nothing is left
            position = instance(Position, position_row)
            if position.product_id not in products:
                products[position.product_id] = instance(Product, product_row)
            position.order, position.product = order, products[position.product_id]
            positions.append(position)
        return Whole(order, positions, at)

    def live(self) -> Self:
        """Orders whose positions hold places."""
        return self.filter(status__in=Order.LIVE)

    def placed(self) -> Self:
        """Orders proper: what a buyer ordered, without carts."""
        return self.filter(code__isnull=False)

    def due(self, at: datetime | None = None) -> Self:
        """Carts and unpaid orders whose time is over (at the database's now) but which still hold places."""
        return self.filter(status__in=Order.EXPIRING, expires_at__lte=at or Now())

    def with_money_to_return(self) -> Self:
        """Orders that hold money for no ticket: paid too much, or paid after they ended."""
        ended = Q(status__in=[Order.Status.EXPIRED, Order.Status.CANCELLED], paid__gt=F("refunded"))
        return self.filter(ended | Q(status=Order.Status.PAID, paid__gt=F("refunded") + F("total")))


class Order(models.Model):
    """What someone wants, ordered or paid. A cart has no code, no secret and nothing personal."""

    class Status(models.TextChoices):
        CART = "cart", _("cart")
        PENDING = "pending", _("waits for payment")
        PAID = "paid", _("paid")
        EXPIRED = "expired", _("expired")
        CANCELLED = "cancelled", pgettext_lazy("order", "cancelled")

    class Terms(models.TextChoices):
        FREE = "free", _("free of charge")
        PREPAY = "prepay", _("bank transfer in advance")

    LIVE = (Status.CART, Status.PENDING, Status.PAID)
    EXPIRING = (Status.CART, Status.PENDING)

    event = models.ForeignKey(Event, models.PROTECT, related_name="orders", verbose_name=_("event"))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.CART)
    payment_terms = models.CharField(_("payment"), max_length=7, choices=Terms, null=True)
    code = models.CharField(_("order number"), max_length=8, null=True, unique=True)
    secret = models.CharField(max_length=32, null=True, unique=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    test = models.BooleanField(_("test"), default=False)

    total = models.DecimalField(_("total"), max_digits=10, decimal_places=2, default=Decimal(0))
    paid = models.DecimalField(_("received"), max_digits=10, decimal_places=2, default=Decimal(0))
    refunded = models.DecimalField(_("returned"), max_digits=10, decimal_places=2, default=Decimal(0))

    created_at = models.DateTimeField(_("begun"), db_default=Now())
    # The first reservation; extensions count from here.
    reserved_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(_("expires"), null=True)
    placed_at = models.DateTimeField(_("ordered"), null=True)
    due_on = models.DateField(_("due"), null=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True)

    email = models.EmailField(_("e-mail address"), blank=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    company = models.CharField(_("organisation"), max_length=160, blank=True)
    street = models.CharField(_("street and number"), max_length=160, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    city = models.CharField(_("town"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    buyer_reference = models.CharField(_("your reference"), max_length=60, blank=True)

    # Since when the buyer cannot be reached any more; see `tickets.retention`.
    forgotten_at = models.DateTimeField(_("contact forgotten"), null=True, editable=False)

    objects = OrderQuerySet.as_manager()

    if TYPE_CHECKING:
        read_at: datetime  # by `read_now()`

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-placed_at", "-pk"]
        permissions = [("handle_order", _("Can record payments, cancel orders and send tickets again"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    code__isnull=True,
                    secret__isnull=True,
                    placed_at__isnull=True,
                    payment_terms__isnull=True,
                    email="",
                    name="",
                    company="",
                    street="",
                    postcode="",
                    city="",
                    country="",
                    buyer_reference="",
                )
                | (
                    Q(code__isnull=False, secret__isnull=False, placed_at__isnull=False, payment_terms__isnull=False)
                    & (Q(forgotten_at__isnull=False) | (~Q(email="") & ~Q(name="")))
                    & ~Q(status="cart")
                ),
                name="order_cart_is_nobodys",
            ),
            models.CheckConstraint(
                condition=Q(code__isnull=False) | Q(status__in=["cart", "expired"]), name="order_has_code_once_placed"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["cart", "pending"]) | Q(expires_at__isnull=False), name="order_waits_until"
            ),
            models.CheckConstraint(
                condition=Q(payment_terms__isnull=True)
                | Q(payment_terms="free", total=0)
                | Q(payment_terms="prepay", total__gt=0, due_on__isnull=False),
                name="order_terms_fit_total",
            ),
            models.CheckConstraint(condition=Q(total__gte=0, paid__gte=0), name="order_money_not_negative"),
            models.CheckConstraint(
                condition=Q(refunded__gte=0, refunded__lte=F("paid")), name="order_returns_what_it_received"
            ),
            models.CheckConstraint(
                condition=~Q(status="paid") | Q(paid__gte=F("total") + F("refunded")), name="order_paid_is_paid"
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(status__in=["cart", "pending"]), name="order_expiring"),
            models.Index(fields=["event", "-placed_at"], name="order_newest"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="status_moves",
                field="status",
                transitions=[
                    ("cart", "pending"),
                    ("cart", "paid"),
                    ("cart", "expired"),
                    ("pending", "paid"),
                    ("pending", "expired"),
                    ("pending", "cancelled"),
                    ("paid", "cancelled"),
                    ("expired", "cart"),
                    ("expired", "paid"),
                ],
            ),
            pgtrigger.Trigger(name="kept", operation=pgtrigger.Delete, when=pgtrigger.Before, func=KEPT),
        ]

    def __str__(self) -> str:
        return self.code or str(_("cart"))

    def get_absolute_url(self) -> str:
        """The buyer's page, in the buyer's language whatever language is active."""
        with translation.override(self.language):
            return reverse("tickets:order", args=[self.code, self.secret])

    @property
    def url(self) -> str:
        return settings.SITE_URL + self.get_absolute_url()

    @property
    def reserved_until(self) -> datetime:
        """When the places of a cart or an unpaid order go back; others have no such time."""
        if self.expires_at is None:
            raise ValueError(f"{self} does not expire.")
        return self.expires_at

    @property
    def open_amount(self) -> Decimal:
        """What is still to be paid; 0 when nothing is."""
        if self.status != self.Status.PENDING:
            return Decimal(0)
        return max(self.total - self.paid + self.refunded, Decimal(0))

    @property
    def money_to_return(self) -> Decimal:
        """What we hold without owing a ticket for it."""
        if self.status in (self.Status.EXPIRED, self.Status.CANCELLED):
            return self.paid - self.refunded
        if self.status == self.Status.PAID:
            return self.paid - self.refunded - self.total
        return Decimal(0)


class PositionQuerySet(ReadQuerySet["Position"]):
    def live(self) -> Self:
        """Positions that hold a place."""
        return self.filter(cancelled_at__isnull=True, order__status__in=Order.LIVE)

    def valid(self) -> Self:
        """Tickets that open the door."""
        return self.filter(cancelled_at__isnull=True, order__status=Order.Status.PAID)


class Position(models.Model):
    """One place: what it was sold as, for how much, and who comes."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="positions", verbose_name=_("order"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="positions", verbose_name=_("product"))
    product_name = models.CharField(_("product"), max_length=120, null=True)
    declaration = models.TextField(_("declaration"), max_length=300, null=True)
    gross = models.DecimalField(_("price"), max_digits=8, decimal_places=2)
    tax_rate = models.DecimalField(_("tax rate"), max_digits=4, decimal_places=2)
    tax_category = models.CharField(_("tax category"), max_length=1, choices=Product.TaxCategory)

    attendee_name = models.CharField(_("name"), max_length=120, blank=True)
    attendee_company = models.CharField(_("organisation"), max_length=160, blank=True)
    # In the QR, signed; see `tickets.codes`. The page's address is another secret.
    ticket_code = models.CharField(max_length=160, null=True, unique=True)
    page_secret = models.CharField(max_length=32, null=True, unique=True)
    issued_at = models.DateTimeField(_("issued"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)

    objects = PositionQuerySet.as_manager()

    if TYPE_CHECKING:
        read_at: datetime  # by `read_now()`
        product_name_de: str
        product_name_en: str
        declaration_de: str | None
        declaration_en: str | None

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        ordering = ["pk"]
        constraints = [
            *never_empty("product_name", "declaration"),
            models.CheckConstraint(condition=Q(gross__gte=0), name="position_price_not_negative"),
            models.CheckConstraint(
                condition=Q(ticket_code__isnull=True, page_secret__isnull=True, issued_at__isnull=True)
                | Q(ticket_code__isnull=False, page_secret__isnull=False, issued_at__isnull=False),
                name="position_ticket_is_whole",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(name="as_sold", operation=pgtrigger.Update, when=pgtrigger.Before, func=AS_SOLD),
            pgtrigger.Trigger(name="kept", operation=pgtrigger.Delete, when=pgtrigger.Before, func=POSITION_KEPT),
        ]

    def __str__(self) -> str:
        return self.product_name or ""

    @property
    def valid(self) -> bool:
        """Whether it opens the door; the order must have been fetched."""
        return self.cancelled_at is None and self.order.status == Order.Status.PAID
