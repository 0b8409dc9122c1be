"""The event the site is about: when and where it is, and who sells its tickets on which terms."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import formats, timezone, translation
from django.utils.translation import gettext_lazy as _
from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from sccon.clock import ReadQuerySet
from sccon.models.pages import changes_pages
from sccon.translated import LANGUAGES, never_empty


def both_languages(*fields: str) -> list[models.BaseConstraint]:
    """A CHECK for each of `fields`: it is there in every language."""
    return [
        models.CheckConstraint(
            condition=Q(**{f"{field}_{language}__isnull": False for language in LANGUAGES}),
            name=f"%(class)s_{field}_in_both_languages",
        )
        for field in fields
    ]


# Who sells, and where the money goes: changed by a superuser, or by two of `finance` (see `tickets.money.seller`).
SELLER = ("seller_name", "seller_address", "seller_email", "seller_phone", "tax_number", "iban", "bic")
ONE_LINE = ("seller_name", "seller_email", "seller_phone", "tax_number", "iban", "bic")


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
    alarm_percent = models.PositiveSmallIntegerField(
        _("alarm at"),
        default=25,
        db_default=25,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Per cent: when as much of a quota is taken within an hour, the desk says so."),
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
            # A line of the GiroCode is a field of it: a line break in a name would be another account.
            *[
                models.CheckConstraint(
                    condition=~Q(**{f"{field}__regex": "[[:cntrl:]]"}), name=f"event_{field}_is_a_line"
                )
                for field in ONE_LINE
            ],
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
