"""Another seller, another bank account: proposed by one of `finance`, true once a second one confirms it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .events import Event


class SellerChange(models.Model):
    """What somebody wants to stand on the event instead: each field with its old and its new value."""

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", pgettext_lazy("seller", "confirmed")
        REJECTED = "rejected", pgettext_lazy("seller", "rejected")

    event = models.ForeignKey(Event, models.CASCADE, related_name="seller_changes", verbose_name=_("event"))
    values = models.JSONField(_("what changes"))  # {"iban": ["DE…", "DE…"]}
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed"), db_default=Now())
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome, blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("change of the seller")
        verbose_name_plural = _("changes of the seller")
        ordering = ["-proposed_at", "-pk"]
        default_permissions = ("view", "add")
        permissions = [("confirm_sellerchange", _("Can confirm another one’s change of seller or account"))]
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="confirmed") | ~Q(decided_by=F("proposed_by")), name="seller_change_takes_two"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at__isnull=True) | (~Q(outcome="") & Q(decided_at__isnull=False)),
                name="seller_change_is_open_or_decided",
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(map(_named, self.values))

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """Each field's name, what stood there and what shall."""
        return [(_named(name), before, after) for name, (before, after) in self.values.items()]


def _named(field: str) -> str:
    return str(Event._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
