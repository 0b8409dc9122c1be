"""Positions of an order: one place each, later one ticket."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sccon.clock import ReadQuerySet
from sccon.translated import never_empty

from .orders import Order
from .products import Product

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


class PositionQuerySet(ReadQuerySet["Position"]):
    def live(self) -> Self:
        """Positions that hold a place."""
        return self.filter(cancelled_at__isnull=True, order__status__in=Order.LIVE)

    def valid(self) -> Self:
        """Tickets that open the door: the same question as `Position.valid`, for many."""
        return self.filter(cancelled_at__isnull=True, order__status=Order.Status.PAID)


class Position(models.Model):
    """One place: its product, name and price as sold, its attendee, its ticket."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="positions", verbose_name=_("order"))
    product = models.ForeignKey(Product, models.PROTECT, related_name="positions", verbose_name=_("product"))
    product_name = models.CharField(_("product"), max_length=120, null=True)
    declaration = models.TextField(_("declaration"), max_length=300, null=True)
    gross = models.DecimalField(_("price"), max_digits=8, decimal_places=2)
    tax_rate = models.DecimalField(_("tax rate"), max_digits=4, decimal_places=2)
    tax_category = models.CharField(_("tax category"), max_length=1, choices=Product.TaxCategory)

    attendee_name = models.CharField(_("name"), max_length=120, blank=True, default="", db_default="")
    attendee_company = models.CharField(_("organisation"), max_length=160, blank=True, default="", db_default="")
    # In the QR code, signed (see `tickets.admission.codes`); the ticket's page has another secret.
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
        """Whether it opens the door: not cancelled, in an order that is paid. Fetch the order with it."""
        return self.cancelled_at is None and self.order.status == Order.Status.PAID
