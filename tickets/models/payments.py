"""Payments, counter-entries and refunds, one row each; the order keeps the sums (docs/decisions/money.md)."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .orders import Order


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

    def __str__(self) -> str:
        return f"{self.amount} €"
