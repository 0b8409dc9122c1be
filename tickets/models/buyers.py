"""Who ordered. A cart has no such row: it is nobody's."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sccon.addresses import shown

from .orders import Order, both_or_neither


class Buyer(models.Model):
    """The person of a placed order: where its mails go, and whose the invoice is."""

    # An order that costs nothing does not ask for it.
    ADDRESS = ("street", "postcode", "city", "country", "buyer_reference")
    # What proves a booking: everything but how to reach the buyer.
    BOOKED = ("name", "company", *ADDRESS)

    order = models.OneToOneField(Order, models.CASCADE, primary_key=True, related_name="buyer", verbose_name=_("order"))
    email = models.EmailField(_("e-mail address"), blank=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    company = models.CharField(_("organisation"), max_length=160, blank=True)
    street = models.CharField(_("street and number"), max_length=160, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    city = models.CharField(_("town"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    buyer_reference = models.CharField(_("your reference"), max_length=60, blank=True)

    # Since when mails do not arrive there; see `tickets.orders.reaching`.
    unreachable_since = models.DateTimeField(_("mails do not arrive"), null=True, editable=False)
    # Since when the buyer cannot be reached any more; see `tickets.retention`.
    forgotten_at = models.DateTimeField(_("contact forgotten"), null=True, editable=False)

    class Meta:
        verbose_name = _("buyer")
        verbose_name_plural = _("buyers")
        constraints = [
            models.CheckConstraint(
                condition=Q(forgotten_at__isnull=False) | (~Q(email="") & ~Q(name="")), name="buyer_can_be_reached"
            )
        ]
        indexes = [
            models.Index(
                fields=["unreachable_since"], condition=Q(unreachable_since__isnull=False), name="buyer_unreachable"
            )
        ]
        triggers = [both_or_neither("order_id", pgtrigger.Insert | pgtrigger.UpdateOf("order_id") | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """The e-mail address as people write it (bücher.example)."""
        return shown(self.email)
