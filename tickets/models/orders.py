"""Orders. A cart is an order that is not yet placed.

One state machine, one expiry, one way to give places back: see `tickets.orders`.
"""

from datetime import datetime
from decimal import Decimal
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
from sccon.translated import CHOICES

from .events import Event

KEPT = """
    IF OLD.code IS NOT NULL AND NOT OLD.test THEN
        RAISE EXCEPTION 'Order % was placed: it stays on record.', OLD.code
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
"""


# An order is placed (has a code) exactly when it has a buyer: asked at the end of the transaction, for one row is
# written before the other.
BOTH_OR_NEITHER = """
    IF EXISTS (
        SELECT FROM tickets_order AS "order" LEFT JOIN tickets_buyer AS buyer ON buyer.order_id = "order".id
        WHERE "order".id IN (OLD.{key}, NEW.{key}) AND ("order".code IS NULL) = (buyer.order_id IS NOT NULL)
    ) THEN
        RAISE EXCEPTION 'A placed order has a buyer, and a cart has none.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
"""


def both_or_neither(
    key: str, operation: pgtrigger.Operation, condition: pgtrigger.Condition | None = None
) -> pgtrigger.Trigger:
    """For the tables of orders and of buyers; `key`: the column that holds the order's id."""
    return pgtrigger.Trigger(
        name="both_or_neither",
        operation=operation,
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        condition=condition,
        func=BOTH_OR_NEITHER.format(key=key),
    )


# Asked at the end of the transaction, for one row is written before the other. Only where money moves.
ADD_UP = """
    IF EXISTS (
        SELECT FROM tickets_order AS "order" LEFT JOIN tickets_payment AS payment ON payment.order_id = "order".id
        WHERE "order".id = {order}
        GROUP BY "order".id
        HAVING ("order".paid, "order".taken_back, "order".refunded) <> (
            coalesce(sum(payment.amount), 0), coalesce(sum(payment.taken_back), 0), coalesce(sum(payment.refunded), 0)
        )
    ) OR EXISTS (
        SELECT FROM tickets_payment AS payment
        WHERE payment.order_id = {order} AND (payment.taken_back, payment.refunded) <> (
            (SELECT coalesce(sum(amount), 0) FROM tickets_counterentry WHERE payment_id = payment.id),
            (SELECT coalesce(sum(amount), 0) FROM tickets_refund WHERE payment_id = payment.id)
        )
    ) THEN
        RAISE EXCEPTION 'The sums are not those of the entries.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
"""


def adds_up(
    order: str, operation: pgtrigger.Operation, condition: pgtrigger.Condition | None = None
) -> pgtrigger.Trigger:
    """For the tables of orders and of money: each sum is that of its entries. `order`: the order's id, as SQL."""
    return pgtrigger.Trigger(
        name="adds_up",
        operation=operation,
        when=pgtrigger.After,
        timing=pgtrigger.Deferred,
        condition=condition,
        func=ADD_UP.format(order=order),
    )


class OrderQuerySet(ReadQuerySet["Order"]):
    def live(self) -> Self:
        """Orders whose positions hold places."""
        return self.filter(status__in=Order.LIVE)

    def placed(self) -> Self:
        """Placed orders, without carts."""
        return self.filter(code__isnull=False)

    def due(self, at: datetime | None = None) -> Self:
        """Overdue carts and unpaid orders (default: by the database's clock), which still hold places."""
        return self.filter(status__in=Order.EXPIRING, expires_at__lte=at or Now())

    def with_money_to_return(self) -> Self:
        """Orders with money that must go back: paid too much, or paid after they ended."""
        gone = F("refunded") + F("taken_back")
        ended = Q(status__in=Order.ENDED, paid__gt=gone)
        return self.filter(ended | Q(status=Order.Status.PAID, paid__gt=gone + F("total")))


class Order(models.Model):
    """A cart or an order. A cart has no code, no secret and no `Buyer`."""

    class Status(models.TextChoices):
        CART = "cart", _("cart")
        PENDING = "pending", _("waits for payment")  # or first for the click, see `confirmed_at`
        PAID = "paid", _("paid")
        EXPIRED = "expired", _("expired")
        CANCELLED = "cancelled", pgettext_lazy("order", "cancelled")

    class Terms(models.TextChoices):
        FREE = "free", _("free of charge")
        PREPAY = "prepay", _("bank transfer in advance")

    LIVE = (Status.CART, Status.PENDING, Status.PAID)
    EXPIRING = (Status.CART, Status.PENDING)
    ENDED = (Status.EXPIRED, Status.CANCELLED)

    event = models.ForeignKey(Event, models.PROTECT, related_name="orders", verbose_name=_("event"))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.CART, db_default=Status.CART)
    payment_terms = models.CharField(_("payment"), max_length=7, choices=Terms, null=True)
    code = models.CharField(_("order number"), max_length=8, null=True, unique=True)
    secret = models.CharField(max_length=32, null=True, unique=True)
    language = models.CharField(_("language"), max_length=2, choices=CHOICES)
    test = models.BooleanField(_("test"), default=False)
    # What led to the shop, by the link's `?src=`: "issue-12". Names nobody.
    source = models.CharField(_("came by"), max_length=30, blank=True, default="", db_default="")

    total = models.DecimalField(_("total"), max_digits=10, decimal_places=2, default=Decimal(0), db_default=Decimal(0))
    paid = models.DecimalField(
        _("received"), max_digits=10, decimal_places=2, default=Decimal(0), db_default=Decimal(0)
    )
    refunded = models.DecimalField(
        _("returned"), max_digits=10, decimal_places=2, default=Decimal(0), db_default=Decimal(0)
    )
    # What counter-entries took back: see docs/decisions/money.md.
    taken_back = models.DecimalField(
        _("taken back"), max_digits=10, decimal_places=2, default=Decimal(0), db_default=Decimal(0)
    )

    # The first reservation; extensions count from here.
    created_at = models.DateTimeField(_("begun"), db_default=Now())
    expires_at = models.DateTimeField(_("expires"), null=True)
    placed_at = models.DateTimeField(_("ordered"), null=True)
    # The click in the mail, or the first money: until then nobody knows whose mailbox it is.
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    due_on = models.DateField(_("due"), null=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True)

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
                condition=Q(code__isnull=True, secret__isnull=True, placed_at__isnull=True, payment_terms__isnull=True)
                | Q(code__isnull=False, secret__isnull=False, placed_at__isnull=False, payment_terms__isnull=False)
                & ~Q(status="cart"),
                name="order_is_placed_as_a_whole",
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
            models.CheckConstraint(
                condition=Q(code__isnull=False) | Q(confirmed_at__isnull=True), name="order_confirmed_once_placed"
            ),
            models.CheckConstraint(
                condition=~Q(status="paid") | Q(confirmed_at__isnull=False), name="order_paid_is_confirmed"
            ),
            models.CheckConstraint(condition=Q(total__gte=0, paid__gte=0), name="order_money_not_negative"),
            models.CheckConstraint(
                condition=Q(refunded__gte=0, refunded__lte=F("paid")), name="order_returns_what_it_received"
            ),
            models.CheckConstraint(
                condition=Q(taken_back__gte=0, taken_back__lte=F("paid")), name="order_takes_back_what_was_recorded"
            ),
            # Paid is what its money covers, and nothing else: not by what was returned, nor by what was taken back.
            models.CheckConstraint(
                condition=~Q(status="paid") | Q(paid__gte=F("total") + F("refunded") + F("taken_back")),
                name="order_paid_is_paid",
            ),
            models.CheckConstraint(
                condition=~Q(status="pending")
                | Q(payment_terms="free")
                | Q(paid__lt=F("total") + F("refunded") + F("taken_back")),
                name="order_pending_is_not_paid",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(status__in=["cart", "pending"]), name="order_expiring"),
            models.Index(fields=["event", "-placed_at"], name="order_newest"),
            models.Index(fields=["created_at"], name="order_begun"),
            models.Index(fields=["source"], condition=~Q(source=""), name="order_source"),
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
                    ("paid", "pending"),  # its money was taken back
                    ("expired", "cart"),
                    ("expired", "pending"),
                    ("expired", "paid"),
                ],
            ),
            pgtrigger.Trigger(name="kept", operation=pgtrigger.Delete, when=pgtrigger.Before, func=KEPT),
            adds_up(
                "NEW.id",
                pgtrigger.UpdateOf("paid", "taken_back", "refunded"),
                pgtrigger.Q(old__paid__df=pgtrigger.F("new__paid"))
                | pgtrigger.Q(old__taken_back__df=pgtrigger.F("new__taken_back"))
                | pgtrigger.Q(old__refunded__df=pgtrigger.F("new__refunded")),
            ),
            # Not for a cart: where buyers rush, nothing is asked at the end.
            both_or_neither(
                "id",
                pgtrigger.Insert | pgtrigger.UpdateOf("code"),
                pgtrigger.Q(new__code__isnull=False) | ~pgtrigger.Q(new__status="cart"),
            ),
        ]

    def __str__(self) -> str:
        return self.code or str(_("cart"))

    def get_absolute_url(self) -> str:
        """The path of the buyer's page, always in the buyer's language."""
        with translation.override(self.language):
            return reverse("tickets:order", args=[self.code, self.secret])

    @property
    def url(self) -> str:
        return settings.SITE_URL + self.get_absolute_url()

    @property
    def reserved_until(self) -> datetime:
        """`expires_at` of a cart or an unpaid order; raises `ValueError` for others."""
        if self.expires_at is None:
            raise ValueError(f"{self} does not expire.")
        return self.expires_at

    @property
    def confirmed(self) -> bool:
        """Whether the buyer's mailbox is known to be the buyer's."""
        return self.confirmed_at is not None

    @property
    def ended(self) -> bool:
        return self.status in self.ENDED

    @property
    def balance(self) -> Decimal:
        """The money that is here for the order; less than nothing when more went back than came."""
        return self.paid - self.refunded - self.taken_back

    @property
    def open_amount(self) -> Decimal:
        """The amount still to be paid; 0 if none is."""
        if self.status != self.Status.PENDING:
            return Decimal(0)
        return max(self.total - self.balance, Decimal(0))

    @property
    def money_to_return(self) -> Decimal:
        """The amount received beyond what the order costs; all of it once the order has ended."""
        if self.ended:
            return max(self.balance, Decimal(0))
        if self.status == self.Status.PAID:
            return self.balance - self.total
        return Decimal(0)
