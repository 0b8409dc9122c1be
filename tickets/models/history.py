"""The history of an order: append-only lines."""

from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sccon.models import User

from .orders import Order

FOR_EVER = """
    IF TG_OP = 'DELETE' AND EXISTS (SELECT FROM tickets_order WHERE id = OLD.order_id AND (code IS NULL OR test)) THEN
        RETURN OLD;  -- a cart that nobody placed, or a test, goes with everything
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'reason' = to_jsonb(OLD) - 'reason'
        AND EXISTS (SELECT FROM tickets_buyer WHERE order_id = OLD.order_id AND forgotten_at IS NOT NULL)
    THEN
        RETURN NEW;  -- what was said about a person goes with the person, and the line stays
    END IF;
    RAISE EXCEPTION 'What happened stays on record.' USING ERRCODE = 'integrity_constraint_violation';
"""


class HistoryManager(models.Manager["History"]):
    def record(
        self,
        order: Order,
        what: "History.What",
        *,
        by: User | None = None,
        reason: str = "",
        amount: Decimal | None = None,
    ) -> "History":
        """Adds a line about `order`, which has its new status already."""
        return self.create(order=order, what=what, status=order.status, by=by, reason=reason, amount=amount)


class History(models.Model):
    """A line of an order's history: what, when, by whom, why, and the status afterwards."""

    class What(models.TextChoices):
        PLACED = "placed", _("ordered")
        CONFIRMED = "confirmed", _("confirmed by the link in the mail")
        EXTENDED = "extended", _("reservation extended")
        RESERVED_AGAIN = "reserved_again", _("reserved again")
        PAYMENT = "payment", _("payment received")
        PAID = "paid", _("paid in full, tickets issued")
        REVIVED = "revived", _("paid after it had expired, places were free")
        TOO_LATE = "too_late", _("paid after it had ended: money to return")
        OVERPAID = "overpaid", _("more received than asked: money to return")
        TAKEN_BACK = "taken_back", _("payment taken back: it was recorded by mistake")
        UNPAID = "unpaid", _("no longer paid, tickets not valid")
        REFUND = "refund", _("money returned")
        REMINDED = "reminded", _("reminded to pay")
        EXPIRED = "expired", _("expired, places given back")
        CANCELLED = "cancelled", _("cancelled, places given back")
        SENT_AGAIN = "sent_again", _("mail sent again")
        UNREACHABLE = "unreachable", _("a mail did not arrive")
        ADDRESS = "address", _("e-mail address corrected")

    order = models.ForeignKey(Order, models.CASCADE, related_name="history", verbose_name=_("order"))
    at = models.DateTimeField(_("time"), db_default=Now())
    what = models.CharField(_("what"), max_length=14, choices=What)
    status = models.CharField(_("status"), max_length=9, choices=Order.Status)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2, null=True)
    reason = models.TextField(_("reason"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))

    objects = HistoryManager()

    class Meta:
        verbose_name = _("line of the history")
        verbose_name_plural = _("history")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(what="cancelled") | ~Q(reason=""), name="history_cancelled_has_reason")
        ]
        triggers = [
            pgtrigger.Trigger(
                name="for_ever", operation=pgtrigger.Update | pgtrigger.Delete, when=pgtrigger.Before, func=FOR_EVER
            )
        ]

    def __str__(self) -> str:
        return self.get_what_display()
