"""Events, products and quotas in the admin, with live numbers."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.db.models import Func, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sccon.admin.fields import named_by_language
from sccon.admin_lists import HouseAdmin, HouseFields
from sccon.translated import LANGUAGES
from tickets.admin import sellers
from tickets.amounts import euros
from tickets.models import Event, Order, Position, Product, ProductQuota, Quota
from tickets.models.events import SELLER
from tickets.money import seller

STYLES = {"all": ["css/admin-tickets.css"]}


class CatalogueAdmin(HouseAdmin):
    """Shared by the catalogue's forms: fields labelled with their language, and a message when a buyer was faster."""

    actions = None
    show_facets = admin.ShowFacets.NEVER

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest | None, **options: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **options)
        named_by_language(db_field, field)
        base, _underscore, language = db_field.name.rpartition("_")
        if field and base and language in LANGUAGES:
            field.required = self.model._meta.get_field(base).blank is False
        return field

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **options)
        except IntegrityError:  # someone bought between the form's checks and the save
            messages.error(request, _("Someone bought in the same moment. Nothing was saved; please try again."))
            return HttpResponseRedirect(request.path)


@admin.register(Event)
class EventAdmin(CatalogueAdmin):
    list_display = ("name", "dates", "venue", "current", "test_mode")
    several_lines = ("seller_address",)
    fieldsets = (
        (
            None,
            {
                "classes": ["pair"],
                "fields": [
                    *("name_de", "name_en", "venue_de", "venue_en", "admission_de", "admission_en"),
                    *("directions_de", "directions_en", "note_de", "note_en", "address", "current"),
                ],
            },
        ),
        (gettext_lazy("Times"), {"classes": ["pair"], "fields": ["starts_at", "ends_at", "sales_start", "sales_end"]}),
        (
            gettext_lazy("Seller"),
            {
                "classes": ["pair"],
                "fields": [
                    *("seller_name", "seller_address", "seller_email", "seller_phone"),
                    *("tax_number", "iban", "bic", "test_mode"),
                ],
            },
        ),
        (
            gettext_lazy("Reservation and payment"),
            {
                "classes": ["pair"],
                "fields": [
                    "cart_minutes",
                    "cart_minutes_most",
                    "payment_days",
                    "grace_days",
                    "transfer_days",
                    "alarm_percent",
                ],
            },
        ),
    )

    change_form_template = "admin/tickets/event/change_form.html"

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The seller of the first event is a superuser's to name; later ones begin with that of the last."""
        return super().has_add_permission(request) and (request.user.is_superuser or Event.objects.exists())

    def get_readonly_fields(self, request: HttpRequest, obj: Event | None = None) -> Any:
        return () if request.user.is_superuser else SELLER

    def save_model(self, request: HttpRequest, obj: Event, form: Any, change: bool) -> None:
        # What stands there until now; for a new event that of the last. Locked: nobody's confirmation comes between.
        events = Event.objects.select_for_update()
        last = events.filter(pk=obj.pk).first() if change else events.first()
        if not request.user.is_superuser:
            for name in SELLER:
                setattr(obj, name, getattr(last, name))
        super().save_model(request, obj, form, change)
        if last and (changes := seller.differing(last, vars(obj))):
            seller.record(obj, changes, by=request.user)  # type: ignore[arg-type]

    def get_urls(self) -> list[URLPattern]:
        own = path("<int:pk>/seller/", self.admin_site.admin_view(sellers.propose_page), name="tickets_event_seller")
        return [own, *super().get_urls()]

    @admin.display(description=gettext_lazy("When"), ordering="starts_at")
    def dates(self, event: Event) -> str:
        return event.dates


class StaysWithItsEvent(forms.ModelForm):
    """A sentence when something that is linked or sold shall move to another event."""

    def clean_event(self) -> Event:
        event, there = self.cleaned_data["event"], self.instance
        if there.pk and event.pk != there.event_id and self.held(there):
            raise ValidationError(
                _(
                    "It stays with its event: tickets of it were sold or reserved, or products and quotas belong together."
                )
            )
        return event

    def held(self, there: Any) -> bool:
        return there.product_quotas.exists()


class QuotaForm(StaysWithItsEvent):
    """Refuses to make a quota smaller than what is taken."""

    def clean_size(self) -> int | None:
        size = self.cleaned_data["size"]
        if self.instance.pk:
            # Locked until it is saved, so that the number in the sentence is true.
            self.instance.taken = Quota.objects.select_for_update().get(pk=self.instance.pk).taken
            if size is not None and size < self.instance.taken:
                raise ValidationError(
                    _("%(taken)d places are sold or reserved: the quota cannot be smaller.")
                    % {"taken": self.instance.taken}
                )
        return size


@admin.register(Quota)
class QuotaAdmin(CatalogueAdmin):
    form = QuotaForm
    list_display = ("name", "size_words", "sold", "reserved", "free_words", "bar", "product_names")
    list_filter = ("event",)
    fields = ("event", "name", "size", "numbers")
    readonly_fields = ("numbers",)

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[Quota]:
        paid = Position.objects.valid().filter(product__quotas=OuterRef("pk"))
        return super().get_queryset(request).annotate(paid=number_of(paid)).prefetch_related("products")

    def save_model(self, request: HttpRequest, obj: Quota, form: Any, change: bool) -> None:
        """Never writes the counter: buyers change it meanwhile."""
        obj.save(update_fields=["event", "name", "size"] if change else None)

    @admin.display(description=gettext_lazy("Places"), ordering="size")
    def size_words(self, quota: Quota) -> str:
        return _("unlimited") if quota.size is None else str(quota.size)

    @admin.display(description=gettext_lazy("Sold"))
    def sold(self, quota: Any) -> int:
        return quota.paid

    @admin.display(description=gettext_lazy("Reserved"))
    def reserved(self, quota: Any) -> int:
        return quota.taken - quota.paid

    @admin.display(description=gettext_lazy("Free"))
    def free_words(self, quota: Quota) -> str:
        return "–" if quota.free is None else str(quota.free)

    @admin.display(description=gettext_lazy("Taken"))
    def bar(self, quota: Any) -> str:
        return stock_bar(sold=quota.paid, reserved=quota.taken - quota.paid, free=quota.free)

    @admin.display(description=gettext_lazy("Products"))
    def product_names(self, quota: Quota) -> str:
        return ", ".join(str(product) for product in quota.products.all()) or "–"

    @admin.display(description=gettext_lazy("At the moment"))
    def numbers(self, quota: Any) -> str:
        if not quota.pk:
            return "–"
        return self.bar(quota)


def number_of(positions: QuerySet[Position]) -> Subquery:
    """How many there are, asked for each row that is shown.

    Counted over a join, every other column would be asked for once a position, and again to number the pages.
    """
    counted = positions.order_by().annotate(number=Func("pk", function="COUNT", output_field=models.IntegerField()))
    return Subquery(counted.values("number"))


def stock_bar(*, sold: int, reserved: int, free: int | None) -> str:
    """Sold, reserved and free as a bar, with the numbers as words."""
    whole = max(sold + reserved + (free or 0), 1)
    parts = {"sold": round(200 * sold / whole, 1), "reserved": round(200 * reserved / whole, 1)}
    context = {"sold": sold, "reserved": reserved, "free": free, "widths": parts}
    return render_to_string("admin/tickets/bar.html", context)


class ProductQuotaFormSet(forms.BaseInlineFormSet):
    """Refuses a quota that has no room for what the product has sold already."""

    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            quota = form.cleaned_data.get("quota") if hasattr(form, "cleaned_data") else None
            if quota and not form.instance.pk and self.instance.event_id and quota.event_id != self.instance.event_id:
                raise ValidationError(
                    _("“%(quota)s” belongs to %(event)s. Please choose a quota of this product’s event.")
                    % {"quota": quota, "event": quota.event}
                )
        sold = Position.objects.live().filter(product=self.instance.pk).count() if self.instance.pk else 0
        for form in self.forms:
            quota = form.cleaned_data.get("quota") if hasattr(form, "cleaned_data") else None
            if quota and not form.instance.pk and quota.free is not None and quota.free < sold:
                raise ValidationError(
                    _("“%(quota)s” has %(free)d places free, but %(sold)d of these tickets are sold or reserved.")
                    % {"quota": quota, "free": quota.free, "sold": sold}
                )


class ProductQuotaInline(HouseFields, admin.TabularInline):
    model = ProductQuota
    formset = ProductQuotaFormSet
    extra = 1

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """The quotas of the product's event; for a new product of all, and the form says which do not fit."""
        match = request.resolver_match
        if db_field.name == "quota":
            quotas = Quota.objects.select_related("event")
            if match and (pk := match.kwargs.get("object_id", "")).isdecimal():
                quotas = quotas.filter(event__products=int(pk))
            options["queryset"] = quotas
        return super().formfield_for_foreignkey(db_field, request, **options)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a link is made or taken away: the counter goes along


class ProductForm(StaysWithItsEvent):
    """Sentences for what the database would refuse."""

    def held(self, there: Any) -> bool:
        return super().held(there) or there.positions.exists()

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        declarations = [bool(cleaned.get(f"declaration_{language}")) for language in LANGUAGES]
        if any(declarations) and not all(declarations):
            self.add_error("declaration_en", _("The declaration is needed in both languages, or in none."))
        taxed = cleaned.get("tax_category") == Product.TaxCategory.STANDARD
        if "tax_rate" in cleaned and taxed != bool(cleaned["tax_rate"]):
            self.add_error("tax_rate", _("Taxed products have a rate, others have none (0)."))
        least, most = cleaned.get("min_per_order"), cleaned.get("max_per_order")
        if least and most and not least <= most <= 100:
            self.add_error("max_per_order", _("At least the least, and 100 at the most."))
        return cleaned


@admin.register(Product)
class ProductAdmin(CatalogueAdmin):
    form = ProductForm
    inlines = (ProductQuotaInline,)
    list_display = ("name", "price_words", "active", "sold", "reserved", "free", "bar")
    list_filter = ("event", "active")
    search_fields = ("name_de", "name_en")
    fieldsets = (
        (
            None,
            {
                "classes": ["pair"],
                "fields": [
                    *("name_de", "name_en", "description_de", "description_en", "audience_de", "audience_en"),
                    *("declaration_de", "declaration_en"),
                ],
            },
        ),
        (gettext_lazy("Price"), {"classes": ["pair"], "fields": ["price", "tax_rate", "tax_category"]}),
        (
            gettext_lazy("Sale"),
            {
                "classes": ["pair"],
                "fields": [
                    *("event", "section", "active", "position"),
                    *("available_from", "available_until", "min_per_order", "max_per_order"),
                ],
            },
        ),
    )

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        positions = Position.objects.live().filter(product=OuterRef("pk"))
        paid = Q(order__status=Order.Status.PAID)
        products: Any = super().get_queryset(request)
        return products.with_left().annotate(
            paid=number_of(positions.filter(paid)), waiting=number_of(positions.exclude(paid))
        )

    @admin.display(description=gettext_lazy("Price"), ordering="price")
    def price_words(self, product: Product) -> str:
        return euros(product.price)

    @admin.display(description=gettext_lazy("Sold"), ordering="paid")
    def sold(self, product: Any) -> int:
        return product.paid

    @admin.display(description=gettext_lazy("Reserved"), ordering="waiting")
    def reserved(self, product: Any) -> int:
        return product.waiting

    @admin.display(description=gettext_lazy("Free"))
    def free(self, product: Product) -> str:
        return "–" if product.left is None else str(product.left)

    @admin.display(description=gettext_lazy("Taken"))
    def bar(self, product: Any) -> str:
        return stock_bar(sold=product.paid, reserved=product.waiting, free=product.left)
