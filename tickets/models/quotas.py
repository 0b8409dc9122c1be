"""How many places there are, and which products share them."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .events import Event

# When a product with sold places joins or leaves a quota, the quota's counter follows, or the CHECK refuses. The lock
# on the product waits for buyers who hold it (see `tickets.orders.reserving`), so that no sale is missed.
COUNT_ALONG = """
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'Remove the product from the quota and add it to the other.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN link := NEW; ELSE link := OLD; END IF;
    IF TG_OP = 'INSERT' AND EXISTS (
        SELECT FROM tickets_product AS product JOIN tickets_quota AS quota ON quota.id = link.quota_id
        WHERE product.id = link.product_id AND product.event_id <> quota.event_id
    ) THEN
        RAISE EXCEPTION 'A quota of another event.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    PERFORM FROM tickets_product WHERE id = link.product_id FOR UPDATE;
    SELECT count(*) INTO places
    FROM tickets_position AS position JOIN tickets_order AS "order" ON "order".id = position.order_id
    WHERE position.product_id = link.product_id AND position.cancelled_at IS NULL
        AND "order".status IN ('cart', 'pending', 'paid');
    IF TG_OP = 'DELETE' THEN places := -places; END IF;
    UPDATE tickets_quota SET taken = taken + places WHERE id = link.quota_id AND places <> 0;
    RETURN link;
"""


# What is linked or sold belongs to one event for good, and so do its places.
SAME_EVENT = """
    IF EXISTS (SELECT FROM tickets_productquota WHERE {key} = OLD.id){sold} THEN
        RAISE EXCEPTION 'It belongs to its event: something hangs on it.' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""


def stays_with_its_event(key: str, *, sold: str = "") -> pgtrigger.Trigger:
    """For products and quotas; `key`: the column by which links know it, `sold`: what else holds it there."""
    return pgtrigger.Trigger(
        name="same_event",
        operation=pgtrigger.UpdateOf("event_id"),
        when=pgtrigger.Before,
        condition=pgtrigger.Q(old__event_id__df=pgtrigger.F("new__event_id")),
        func=SAME_EVENT.format(key=key, sold=sold),
    )


class Quota(models.Model):
    """A number of places that products share. `taken` counts those in use, one per live position.

    `tickets.orders.reserving` alone changes `taken`, and `manage.py check_quotas` counts again.
    """

    event = models.ForeignKey(Event, models.PROTECT, related_name="quotas", verbose_name=_("event"))
    name = models.CharField(_("name"), max_length=120)
    size = models.PositiveIntegerField(
        _("places"), null=True, blank=True, help_text=_("Empty: as many as are asked for.")
    )
    taken = models.PositiveIntegerField(_("taken"), default=0, editable=False)
    # Set every minute by `tickets.orders.watching`.
    guarded = models.BooleanField(_("guarded"), default=False, db_default=False, editable=False)
    fast_since = models.DateTimeField(_("falls fast since"), null=True, editable=False)

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(taken__gte=0) & (Q(size__isnull=True) | Q(taken__lte=F("size"))),
                name="quota_never_oversold",
            ),
            models.UniqueConstraint(fields=["event", "name"], name="quota_name_once_an_event"),
        ]
        triggers = [stays_with_its_event("quota_id")]

    def __str__(self) -> str:
        return self.name

    @property
    def free(self) -> int | None:
        """Places left; None where there is no limit."""
        return None if self.size is None else self.size - self.taken


class ProductQuota(models.Model):
    """Links a product to a quota it takes places from. A product in two quotas needs room in both."""

    product = models.ForeignKey(
        "tickets.Product", models.CASCADE, related_name="product_quotas", verbose_name=_("product")
    )
    quota = models.ForeignKey(Quota, models.PROTECT, related_name="product_quotas", verbose_name=_("quota"))

    class Meta:
        verbose_name = _("quota of a product")
        verbose_name_plural = _("quotas of a product")
        constraints = [models.UniqueConstraint(fields=["product", "quota"], name="product_in_quota_once")]
        triggers = [
            pgtrigger.Trigger(
                name="count_along",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                declare=[("link", "tickets_productquota"), ("places", "integer")],
                func=COUNT_ALONG,
            )
        ]

    def __str__(self) -> str:
        return str(self.quota)
