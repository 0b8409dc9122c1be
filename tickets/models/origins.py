"""Where carts and orders come from, as far as limits must know it."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .orders import Order


class Origin(models.Model):
    """A cart's network, or an order's mailbox or mail domain, as a keyed hash: alike for what comes from the same place.

    It names nobody, so a cart stays nobody's. Deleted after a week (see `tickets.retention`).
    """

    class Kind(models.TextChoices):
        NETWORK = "network", _("network")
        MAILBOX = "mailbox", _("mailbox")
        DOMAIN = "domain", _("mail domain")

    order = models.ForeignKey(Order, models.CASCADE, related_name="origins")
    kind = models.CharField(max_length=7, choices=Kind)
    key = models.BinaryField(max_length=16)
    # How many times the limits of a narrow network a wide one has (IPv6: /56 and /48).
    factor = models.PositiveSmallIntegerField(db_default=1)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "origin"
        indexes = [
            models.Index(fields=["key"], name="origin_of_key"),
            models.Index(fields=["at"], name="origin_old"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
