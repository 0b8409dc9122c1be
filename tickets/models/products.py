"""What there is to buy: the event, its products, and the quotas that say how many."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Self

import pgtrigger
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.utils import formats, timezone, translation
from django.utils.translation import gettext_lazy as _
from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from sccon.clock import ReadQuerySet
from sccon.models.pages import changes_pages
from sccon.statements import fetch
from sccon.translated import LANGUAGES, never_empty

# A product that already sold places joins or leaves a quota: the counter moves with it, or the CHECK refuses.
# The lock on the product waits for buyers who hold it (see `tickets.reserving`), so that nobody is missed.
COUNT_ALONG = """
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'Remove the product from the quota and add it to the other.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN link := NEW; ELSE link := OLD; END IF;
    PERFORM FROM tickets_product WHERE id = link.product_id FOR UPDATE;
    SELECT count(*) INTO places
    FROM tickets_position AS position JOIN tickets_order AS "order" ON "order".id = position.order_id
    WHERE position.product_id = link.product_id AND position.cancelled_at IS NULL
        AND "order".status IN ('cart', 'pending', 'paid');
    IF TG_OP = 'DELETE' THEN places := -places; END IF;
    UPDATE tickets_quota SET taken = taken + places WHERE id = link.quota_id AND places <> 0;
    RETURN link;
"""


def both_languages(*fields: str) -> list[models.BaseConstraint]:
    """A CHECK for each of `fields`: it is there in every language."""
    return [
        models.CheckConstraint(
            condition=Q(**{f"{field}_{language}__isnull": False for language in LANGUAGES}),
            name=f"%(class)s_{field}_in_both_languages",
        )
        for field in fields
    ]


class EventQuerySet(ReadQuerySet["Event"]):
    def current(self) -> Self:
        """The event the site is about: one, or none."""
        return self.filter(current=True)


class Event(models.Model):
    """A convention, who sells its tickets, and the terms on which they are sold."""

    name = models.CharField(_("name"), max_length=120, null=True)
    venue = models.CharField(_("venue"), max_length=160, null=True)
    address = models.CharField(_("address"), max_length=160, blank=True)
    admission = models.CharField(
        _("admission"), max_length=120, null=True, blank=True, help_text=_("Such as: daily from 8:30")
    )
    directions = models.TextField(_("directions"), null=True, blank=True)
    note = models.TextField(
        _("note"), null=True, blank=True, help_text=_("Stands on the shop page, above the products.")
    )
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    sales_start = models.DateTimeField(_("sales begin"))
    sales_end = models.DateTimeField(_("sales end"))
    current = models.BooleanField(_("the site is about it"), default=False)
    test_mode = models.BooleanField(
        _("test mode"), default=False, help_text=_("Orders are marked as tests and can be removed.")
    )

    seller_name = models.CharField(_("seller"), max_length=70)
    seller_address = models.TextField(_("seller’s address"))
    seller_email = models.EmailField(_("seller’s e-mail address"))
    seller_phone = models.CharField(_("seller’s telephone"), max_length=60, blank=True)
    tax_number = models.CharField(_("tax number or VAT ID"), max_length=30, blank=True)
    iban = models.CharField("IBAN", max_length=34)
    bic = models.CharField("BIC", max_length=11, blank=True)

    payment_days = models.PositiveSmallIntegerField(
        _("days to pay"), default=10, help_text=_("From the order to the due date.")
    )
    grace_days = models.PositiveSmallIntegerField(
        _("days of grace"),
        default=3,
        help_text=_("Working days after the due date until an unpaid order expires: a bank is a day or two behind."),
    )
    transfer_days = models.PositiveSmallIntegerField(
        _("days a transfer takes"),
        default=5,
        help_text=_("So long before the event begins, tickets that cost money are no longer sold."),
    )
    cart_minutes = models.PositiveSmallIntegerField(
        _("minutes of reservation"), default=30, validators=[MinValueValidator(5)]
    )
    cart_minutes_most = models.PositiveSmallIntegerField(
        _("minutes of reservation at most"), default=120, help_text=_("With all extensions.")
    )

    objects = EventQuerySet.as_manager()

    if TYPE_CHECKING:
        read_at: datetime  # by `read_now()`
        name_de: str
        name_en: str
        venue_de: str
        venue_en: str
        admission_de: str | None
        admission_en: str | None
        directions_de: str | None
        directions_en: str | None
        note_de: str | None
        note_en: str | None

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-starts_at"]
        constraints = [
            *both_languages("name", "venue"),
            *never_empty("name", "venue", "admission", "directions", "note"),
            models.UniqueConstraint(fields=["current"], condition=Q(current=True), name="one_current_event"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="event_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(sales_end__gt=F("sales_start")), name="event_sales_end_after_they_begin"
            ),
            models.CheckConstraint(condition=~Q(iban=""), name="event_has_iban"),
            models.CheckConstraint(
                condition=Q(cart_minutes__gt=0, cart_minutes_most__gte=F("cart_minutes")), name="event_cart_minutes"
            ),
        ]
        triggers = [changes_pages()]

    def __str__(self) -> str:
        return self.name or ""

    def clean(self) -> None:
        """IBAN and BIC as a bank writes them, or a sentence."""
        for field, kind, sentence in (
            ("iban", IBAN, _("This is not a valid IBAN.")),
            ("bic", BIC, _("This is not a valid BIC.")),
        ):
            value = getattr(self, field)
            if not value:
                continue
            try:
                setattr(self, field, str(kind(value)))
            except SchwiftyException as error:
                raise ValidationError({field: sentence}) from error

    @property
    def iban_in_fours(self) -> str:
        return " ".join(self.iban[at : at + 4] for at in range(0, len(self.iban), 4))

    @property
    def dates(self) -> str:
        """The event's days in the active language: 12.–14. Oktober 2027."""
        first, last = timezone.localdate(self.starts_at), timezone.localdate(self.ends_at)
        if first == last:
            return formats.date_format(last, "DATE_FORMAT")
        until = formats.date_format(last, "DATE_FORMAT")
        if (first.year, first.month) == (last.year, last.month):
            point = "." if translation.get_language() == "de" else ""
            return f"{first.day}{point}–{until}"
        since = formats.date_format(first, "MONTH_DAY_FORMAT" if first.year == last.year else "DATE_FORMAT")
        return f"{since} – {until}"

    def sells(self, at: datetime) -> bool:
        return self.sales_start <= at < self.sales_end


class Quota(models.Model):
    """A number of places that products share. `taken` counts them; behind each stands a live position.

    `tickets.reserving` alone changes `taken`, and `manage.py check_quotas` counts again.
    """

    event = models.ForeignKey(Event, models.PROTECT, related_name="quotas", verbose_name=_("event"))
    name = models.CharField(_("name"), max_length=120)
    size = models.PositiveIntegerField(
        _("places"), null=True, blank=True, help_text=_("Empty: as many as are asked for.")
    )
    taken = models.PositiveIntegerField(_("taken"), default=0, editable=False)

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

    def __str__(self) -> str:
        return self.name

    @property
    def free(self) -> int | None:
        """Places left; None where there is no limit."""
        return None if self.size is None else self.size - self.taken


# Overdue carts and orders give way to whoever buys next: their places count as free.
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


# What `tickets.validity` asks of an event and its products, and what a cart needs to know.
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


class ProductQuerySet(ReadQuerySet["Product"]):
    def to_judge(self, ids: Iterable[int]) -> "tuple[Event, list[Product], datetime] | None":
        """The current event, those of its products, and the instant at which they were read; None without any.

        Written by hand, and no more than is judged: a rush of buyers begins here, and the ORM would need several
        times as long as the database.
        """
        rows = fetch(TO_JUDGE, [list(ids)])
        if not rows:
            return None
        end = 1 + len(JUDGED_EVENT)
        event = partly(Event, JUDGED_EVENT, rows[0][1:end])
        return event, [partly(Product, JUDGED_PRODUCT, row[end:]) for row in rows], rows[0][0]

    def with_left(self) -> Self:
        """Each product with `left`: how many more could be sold now; None where there is no limit."""
        return self.annotate(left=RawSQL(LEFT, [], models.IntegerField(null=True)))  # noqa: S611 – no one's input

    def for_sale(self) -> Self:
        """What the shop of the current event shows, with the event."""
        return self.filter(event__current=True, active=True).select_related("event")


class Product(models.Model):
    """A kind of ticket. What is sold keeps name, price and tax as they were: see `Position`."""

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
        triggers = [changes_pages()]

    def __str__(self) -> str:
        return self.name or ""


class ProductQuota(models.Model):
    """That a product's places come out of a quota. A product in two quotas needs room in both."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="product_quotas", verbose_name=_("product"))
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
