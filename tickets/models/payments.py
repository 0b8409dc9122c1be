"""Payments, counter-entries and refunds, one row each; the order keeps the sums (docs/decisions/money.md)."""

from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .orders import Order, adds_up

# `{free}`: columns that may change; the columns with somebody's words change only once their buyer is forgotten.
STANDS = """
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT FROM tickets_order AS "order" WHERE "order".id = {order} AND "order".test) THEN
            RETURN OLD;  -- a test goes with everything
        END IF;
    ELSIF to_jsonb(NEW) - '{{{free}}}'::text[] = to_jsonb(OLD) - '{{{free}}}'::text[] AND (
        NEW.{words} = OLD.{words}
        OR EXISTS (SELECT FROM tickets_buyer WHERE order_id = {order} AND forgotten_at IS NOT NULL)
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'What was booked stays on record.' USING ERRCODE = 'integrity_constraint_violation';
"""
ORDER_OF_ENTRY = "(SELECT payment.order_id FROM tickets_payment AS payment WHERE payment.id = {}.payment_id)"


def stands(
    *, order: str = ORDER_OF_ENTRY.format("OLD"), words: str = "reason", free: str = "reason"
) -> pgtrigger.Trigger:
    """Entries are neither changed nor deleted."""
    return pgtrigger.Trigger(
        name="stands",
        operation=pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.Before,
        func=STANDS.format(order=order, words=words, free=free),
    )


class Payment(models.Model):
    """Money received for an order."""

    class Provider(models.TextChoices):
        TRANSFER = "transfer", _("bank transfer")

    order = models.ForeignKey(Order, models.PROTECT, related_name="payments", verbose_name=_("order"))
    provider = models.CharField(_("way"), max_length=8, choices=Provider, default=Provider.TRANSFER)
    # The provider's id; for a transfer typed in by staff, the form's token, so that a double click records it once.
    provider_id = models.CharField(max_length=120)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    refunded = models.DecimalField(_("returned"), max_digits=10, decimal_places=2, default=0)
    taken_back = models.DecimalField(_("taken back"), max_digits=10, decimal_places=2, default=0, db_default=Decimal(0))
    received_on = models.DateField(_("received"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now())
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["received_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_id"], name="payment_recorded_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_is_something"),
            models.CheckConstraint(
                condition=Q(refunded__gte=0, refunded__lte=F("amount")), name="payment_returns_what_it_brought"
            ),
            models.CheckConstraint(
                condition=Q(taken_back__gte=0, taken_back__lte=F("amount")), name="payment_takes_back_what_it_brought"
            ),
        ]
        triggers = [
            stands(order="OLD.order_id", words="note", free="note,refunded,taken_back"),
            adds_up("NEW.order_id", pgtrigger.Insert | pgtrigger.UpdateOf("refunded", "taken_back")),
        ]

    def __str__(self) -> str:
        return f"{self.amount} €"


class CounterEntry(models.Model):
    """Takes a payment back: it was typed in by mistake. Nothing is deleted, the payment stays with this beside it."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="counter_entries", verbose_name=_("payment"))
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    reason = models.CharField(_("reason"), max_length=200)
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now())
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("counter-entry")
        verbose_name_plural = _("counter-entries")
        ordering = ["recorded_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="counter_entry_is_something"),
            models.CheckConstraint(condition=~Q(reason=""), name="counter_entry_has_reason"),
        ]
        triggers = [stands(), adds_up(ORDER_OF_ENTRY.format("NEW"), pgtrigger.Insert)]

    def __str__(self) -> str:
        return f"−{self.amount} €"


class Refund(models.Model):
    """Money of a payment that was returned."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds", verbose_name=_("payment"))
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    returned_on = models.DateField(_("returned"))
    reason = models.CharField(_("reason"), max_length=200)
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now())
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["returned_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_is_something"),
            models.CheckConstraint(condition=~Q(reason=""), name="refund_has_reason"),
        ]
        triggers = [stands(), adds_up(ORDER_OF_ENTRY.format("NEW"), pgtrigger.Insert)]

    def __str__(self) -> str:
        return f"{self.amount} €"
