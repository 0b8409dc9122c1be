"""Products: the kinds of ticket there are, and how many of each could be sold now."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from sccon.clock import ReadQuerySet
from sccon.models.pages import changes_pages
from sccon.statements import fetch
from sccon.translated import never_empty

from .events import Event, both_languages
from .quotas import Quota, stays_with_its_event

# The places of overdue carts and orders count as free: the next buyer gets them (see `orders.expiring`).
LEFT = """(
    SELECT greatest(min(quota.size - quota.taken + (
        SELECT count(*)
        FROM tickets_order AS overdue
        JOIN tickets_position AS position ON position.order_id = overdue.id AND position.cancelled_at IS NULL
        JOIN tickets_productquota AS other ON other.product_id = position.product_id AND other.quota_id = quota.id
        WHERE overdue.status IN ('cart', 'pending') AND overdue.expires_at <= clock_timestamp()
    )), 0)
    FROM tickets_productquota AS link JOIN tickets_quota AS quota ON quota.id = link.quota_id
    WHERE link.product_id = tickets_product.id
)"""


# The columns that `tickets.catalogue.validity` checks, and those a new cart needs.
JUDGED_EVENT = ("id", "starts_at", "sales_start", "sales_end", "test_mode", "transfer_days", "cart_minutes", "cart_minutes_most")  # fmt: skip
JUDGED_PRODUCT = ("id", "event_id", "price", "active", "available_from", "available_until", "min_per_order", "max_per_order")  # fmt: skip
TO_JUDGE = f"""
    SELECT clock_timestamp(), {", ".join(f"event.{name}" for name in JUDGED_EVENT)},
        {", ".join(f"product.{name}" for name in JUDGED_PRODUCT)}
    FROM tickets_product AS product JOIN tickets_event AS event ON event.id = product.event_id
    WHERE event.current AND product.id = ANY (%s::bigint[])
    ORDER BY product.section, product.position, product.id
"""  # noqa: S608 – our own names


def partly[M: models.Model](model: type[M], names: Sequence[str], values: Sequence[object]) -> M:
    """A row of which only these columns were read; the others are fetched when somebody asks for them."""
    known = dict(zip(names, values, strict=True))
    columns = [field.attname for field in model._meta.concrete_fields if field.attname in known]
    return model.from_db("default", columns, [known[name] for name in columns])


SOLD = " OR EXISTS (SELECT FROM tickets_position WHERE product_id = OLD.id)"


class ProductQuerySet(ReadQuerySet["Product"]):
    def to_judge(self, ids: Iterable[int]) -> "tuple[Event, list[Product], datetime] | None":
        """The current event, those of its products with these ids, and the database's time; None without any.

        A hand-written statement with only the columns that are checked: under load every purchase begins here, and
        the ORM takes several times as long as the database.
        """
        rows = fetch(TO_JUDGE, [list(ids)])
        if not rows:
            return None
        end = 1 + len(JUDGED_EVENT)
        event = partly(Event, JUDGED_EVENT, rows[0][1:end])
        return event, [partly(Product, JUDGED_PRODUCT, row[end:]) for row in rows], rows[0][0]

    def with_left(self) -> Self:
        """Each product with `left`: how many more can be sold now; None without a limit."""
        return self.annotate(left=RawSQL(LEFT, [], models.IntegerField(null=True)))  # noqa: S611 – no one's input

    def for_sale(self) -> Self:
        """The active products of the current event, with the event."""
        return self.filter(event__current=True, active=True).select_related("event")


class Product(models.Model):
    """A kind of ticket. Positions copy its name, price and tax when they are added to a cart."""

    class Section(models.TextChoices):
        ADMISSION = "admission", _("Congress and expo")
        EXTRA = "extra", _("In addition")

    class TaxCategory(models.TextChoices):
        """Codes of EN 16931 (UNTDID 5305)."""

        STANDARD = "S", _("taxed")
        EXEMPT = "E", _("exempt")
        OUTSIDE = "O", _("not subject to tax")

    event = models.ForeignKey(Event, models.PROTECT, related_name="products", verbose_name=_("event"))
    section = models.CharField(_("section"), max_length=9, choices=Section, default=Section.ADMISSION)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    name = models.CharField(_("name"), max_length=120, null=True)
    description = models.TextField(_("what is included"), max_length=400, null=True, blank=True)
    audience = models.TextField(
        _("who may buy"), max_length=400, null=True, blank=True, help_text=_("Stands beside the product.")
    )
    declaration = models.TextField(
        _("declaration"),
        max_length=300,
        null=True,
        blank=True,
        help_text=_(
            "What the buyer confirms, such as: “I am employed by a public body.” The ticket shows it at the door."
        ),
    )
    price = models.DecimalField(
        _("price"),
        max_digits=8,
        decimal_places=2,
        validators=[MinValueValidator(0)],
        help_text=_("In euros, with tax."),
    )
    tax_rate = models.DecimalField(
        _("tax rate"), max_digits=4, decimal_places=2, default=19, validators=[MinValueValidator(0)]
    )
    tax_category = models.CharField(_("tax category"), max_length=1, choices=TaxCategory, default=TaxCategory.STANDARD)
    active = models.BooleanField(_("on sale"), default=True)
    available_from = models.DateTimeField(_("on sale from"), null=True, blank=True)
    available_until = models.DateTimeField(_("on sale until"), null=True, blank=True)
    min_per_order = models.PositiveSmallIntegerField(_("least per order"), default=1, validators=[MinValueValidator(1)])
    max_per_order = models.PositiveSmallIntegerField(_("most per order"), default=10, validators=[MinValueValidator(1)])
    quotas = models.ManyToManyField(Quota, through="ProductQuota", related_name="products", verbose_name=_("quotas"))

    objects = ProductQuerySet.as_manager()

    if TYPE_CHECKING:
        read_at: datetime  # by `read_now()`
        left: int | None  # by `with_left()`
        name_de: str
        name_en: str
        description_de: str | None
        description_en: str | None
        audience_de: str | None
        audience_en: str | None
        declaration_de: str | None
        declaration_en: str | None

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["section", "position", "pk"]
        constraints = [
            *both_languages("name"),
            *never_empty("name", "description", "audience", "declaration"),
            models.CheckConstraint(
                condition=Q(declaration_de__isnull=True, declaration_en__isnull=True)
                | Q(declaration_de__isnull=False, declaration_en__isnull=False),
                name="product_declaration_in_both_languages",
            ),
            models.CheckConstraint(condition=Q(price__gte=0), name="product_price_not_negative"),
            models.CheckConstraint(
                condition=Q(tax_category="S", tax_rate__gt=0, tax_rate__lt=100)
                | (~Q(tax_category="S") & Q(tax_rate=0)),
                name="product_tax_fits_category",
            ),
            models.CheckConstraint(
                condition=Q(min_per_order__gte=1, max_per_order__gte=F("min_per_order"), max_per_order__lte=100),
                name="product_least_and_most_fit",
            ),
        ]
        triggers = [changes_pages(), stays_with_its_event("product_id", sold=SOLD)]

    def __str__(self) -> str:
        return self.name or ""
