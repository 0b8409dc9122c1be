"""Orders in the admin: read-only, but for actions (record a payment, return money, cancel, send again)."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.db.models import F, Min, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sccon.admin.pages import own_page
from sccon.admin_lists import ChoiceFilter, ReadOnlyAdmin
from sccon.clock import database_now
from tickets.admin.catalogue import STYLES, number_of
from tickets.admin.order_forms import (
    SHARED,
    AddressForm,
    PaymentForm,
    ReasonForm,
    ReleaseForm,
    ReturnForm,
    TakeBackForm,
)
from tickets.amounts import euros, taxes
from tickets.models import Order, Payment, Position
from tickets.money import receiving, refunding, taking_back
from tickets.orders import cancelling, reaching, releasing, reserving

UNCONFIRMED = gettext_lazy("waits for confirmation")
UNREACHABLE = gettext_lazy("mail did not arrive")
SHAPES = {"pending": "plan", "paid": "done", "expired": "past", "cancelled": "gone"}


class MoneyFilter(ChoiceFilter):
    title, parameter_name = gettext_lazy("money"), "money"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list:
        return [("return", _("to be returned")), ("part", _("partly paid"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        if self.value() == "return":
            return queryset.filter(pk__in=Order.objects.with_money_to_return().values("pk"))
        if self.value() == "part":
            return queryset.filter(status=Order.Status.PENDING, paid__gt=F("refunded") + F("taken_back"))
        return queryset


class StatusFilter(ChoiceFilter):
    title, parameter_name = gettext_lazy("state"), "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list:
        labels = [(status.value, status.label) for status in Order.Status if status != Order.Status.CART]
        return [("unconfirmed", UNCONFIRMED), *labels, ("unreachable", UNREACHABLE)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        if self.value() == "unconfirmed":
            return queryset.filter(status=Order.Status.PENDING, confirmed_at=None)
        if self.value() == "unreachable":
            return queryset.filter(buyer__unreachable_since__isnull=False)
        return queryset.filter(status=self.value()) if self.value() else queryset


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """The list, one page per order, and one page with a question per action."""

    list_display = ("code", "placed_at", "buyer_words", "tickets", "total_words", "status_words")
    list_filter = (StatusFilter, MoneyFilter, "payment_terms", "test", "event")
    search_fields = ("code", "buyer__name", "buyer__email", "buyer__company", "positions__attendee_name")
    search_help_text = gettext_lazy("Order number, name, e-mail address or organisation")
    date_hierarchy = "placed_at"
    placing = ("-placed_at",)
    list_per_page = 50
    actions = None

    class Media:
        css = STYLES

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        tickets = number_of(Position.objects.filter(order=OuterRef("pk"), cancelled_at=None))
        orders = super().get_queryset(request).filter(code__isnull=False).select_related("buyer")
        return orders.annotate(number=tickets)

    def has_handle_permission(self, request: HttpRequest) -> bool:
        """Whether this member of staff may act on orders; see `Order.Meta.permissions`."""
        return request.user.has_perm(f"{self.opts.app_label}.{get_permission_codename('handle', self.opts)}")

    # --- The list ---

    @admin.display(description=gettext_lazy("Buyer"), ordering="buyer__name")
    def buyer_words(self, order: Order) -> str:
        return format_html("{}<br><small>{}</small>", order.buyer.name, order.buyer.company or order.buyer.email)

    @admin.display(description=gettext_lazy("Tickets"), ordering="number")
    def tickets(self, order: Any) -> int:
        return order.number

    @admin.display(description=gettext_lazy("Total"), ordering="total")
    def total_words(self, order: Order) -> str:
        return euros(order.total)

    @admin.display(description=gettext_lazy("State"), ordering="status")
    def status_words(self, order: Order) -> str:
        if order.buyer.unreachable_since:
            return state(order) + format_html('<span class="state failed">{}</span>', UNREACHABLE)
        if order.money_to_return:
            return state(order) + format_html(
                '<span class="state changed">{}</span>', _("return %s") % euros(order.money_to_return)
            )
        if order.open_amount and order.balance > 0:
            return state(order) + format_html("<small>{}</small>", _("%s still open") % euros(order.open_amount))
        return state(order)

    # --- One order ---

    def get_urls(self) -> list[URLPattern]:
        actions = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"tickets_order_{name}")
            for name, view in {
                "payment": self.payment,
                "return": self.return_money,
                "cancel": self.cancel,
                "send": self.send,
                "address": self.address,
                "release": self.release,
            }.items()
        ]
        take_back = self.admin_site.admin_view(self.take_back)
        actions.append(path("<int:pk>/payment/<int:payment>/", take_back, name="tickets_order_take_back"))
        return [*actions, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """Everything about an order, and what can be done with it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        order = self.get_object(request, unquote(object_id))
        if order is None:
            raise Http404
        positions = list(order.positions.filter(cancelled_at=None).select_related("product"))
        context = {
            "order": order,
            "state": state(order),
            "sentence": sentence(order),
            "positions": positions,
            "taxes": taxes(positions),
            "payments": order.payments.prefetch_related(
                "refunds__recorded_by", "counter_entries__recorded_by"
            ).select_related("recorded_by"),
            "history": order.history.select_related("by").order_by("-at", "-pk"),
            "may_handle": self.has_handle_permission(request),
        }
        return self._page(request, "admin/tickets/order/change_form.html", order, order.code or "", context)

    def _page(self, request: HttpRequest, template: str, order: Order, title: str, context: dict) -> HttpResponse:
        return own_page(request, template, Order, title, {"media": self.media, "order": order, **context})

    def _ask(
        self,
        request: HttpRequest,
        pk: int,
        form: Callable[[Order, Any], forms.Form],
        act: Callable[[Order, dict[str, Any]], None],
        **question: Any,
    ) -> HttpResponse:
        """The page of an action: says what it does, asks for details, does it. `question`: title, outcome, button."""
        if not self.has_handle_permission(request):
            raise PermissionDenied
        order = get_object_or_404(self.get_queryset(request).select_related("event"), pk=pk)
        asked = form(order, request.POST if request.method == "POST" else None)
        if request.method == "POST" and asked.is_valid():
            try:
                act(order, asked.cleaned_data)
            except reserving.Busy:
                messages.error(request, _("Many buy at this moment. Nothing has happened; please try again."))
            except receiving.SameTransfer:  # somebody was first: now the form asks
                asked = form(order, request.POST)
                return self._question(request, order, asked, **question)
            except (cancelling.NotCancellable, refunding.NothingToReturn, taking_back.NotTakenBack):
                messages.error(request, _("The order has changed meanwhile. Nothing has happened; please look again."))
            except receiving.AlreadyRecorded:
                messages.warning(request, _("This payment was recorded already."))
            except reaching.NothingSent:
                messages.error(request, _("No mail was sent, and nothing has changed: the buyer’s address was erased."))
            return HttpResponseRedirect(reverse("admin:tickets_order_change", args=[pk]))
        return self._question(request, order, asked, **question)

    def _question(
        self,
        request: HttpRequest,
        order: Order,
        asked: forms.Form,
        *,
        outcome: Callable[[Order], str],
        **question: Any,
    ) -> HttpResponse:
        context = {"form": asked, "state": state(order), "outcome": outcome(order), **question}
        return self._page(request, "admin/tickets/order/question.html", order, question["title"], context)

    def payment(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Records money seen on the account."""

        def form(order: Order, data: Any) -> forms.Form:
            today = timezone.localdate(database_now())
            initial = {"amount": order.open_amount or None, "received_on": today, "token": uuid4().hex}
            return PaymentForm(data, initial=initial, today=today, order=order)

        def act(order: Order, given: dict[str, Any]) -> None:
            result = receiving.record(
                order,
                provider=Payment.Provider.TRANSFER,
                provider_id=f"staff-{given['token']}",
                amount=given["amount"],
                received_on=given["received_on"],
                by=request.user,  # type: ignore[arg-type]
                note=given["note"],
                known=given["known"],
            )
            good = result.outcome in (receiving.Outcome.PAID, receiving.Outcome.REVIVED)
            say = messages.success if good else messages.warning
            say(request, result.outcome.label + rest(result.order))

        return self._ask(
            request, pk, form, act, title=_("Record a payment"), outcome=payment_outcome, button=_("Record payment")
        )

    def return_money(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Records that money went back."""

        def form(order: Order, data: Any) -> forms.Form:
            today = timezone.localdate(database_now())
            initial = {"amount": order.money_to_return, "returned_on": today}
            came = order.payments.aggregate(first=Min("received_on"))["first"] or today
            return ReturnForm(data, initial=initial, most=order.money_to_return, today=today, earliest=came)

        def act(order: Order, given: dict[str, Any]) -> None:
            given = {name: given[name] for name in ("amount", "returned_on", "reason")}
            refunding.return_money(order, by=request.user, **given)  # type: ignore[arg-type]
            messages.success(request, _("Recorded: %s went back.") % euros(given["amount"]))

        def outcome(order: Order) -> str:
            return _("Transfer the money first; here you record that it went back. %s are to be returned.") % euros(
                order.money_to_return
            )

        return self._ask(
            request, pk, form, act, title=_("Record returned money"), outcome=outcome, button=_("Record it as returned")
        )

    def take_back(self, request: HttpRequest, pk: int, payment: int) -> HttpResponse:
        """Takes back a payment that was recorded by mistake."""
        entry = get_object_or_404(Payment, pk=payment, order=pk)

        def act(order: Order, given: dict[str, Any]) -> None:
            after = taking_back.take_back(entry, by=request.user, **given)  # type: ignore[arg-type]
            messages.success(request, _("%s is taken back.") % euros(entry.amount) + rest(after))

        def outcome(order: Order) -> str:
            sentence = _("%s is taken back by a counter-entry; both stay on record.") % euros(entry.amount)
            if order.status == Order.Status.PAID:
                sentence += " " + _(
                    "If the rest no longer covers the order, its tickets are not valid until the money is there. The buyer"
                    " gets a mail."
                )
            return sentence

        return self._ask(
            request,
            pk,
            lambda _order, data: TakeBackForm(data, payment=entry),
            act,
            title=_("Recorded by mistake"),
            outcome=outcome,
            button=_("Take the payment back"),
            danger=True,
        )

    def cancel(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Cancels the order: its places are free, its buyer is told."""

        def act(order: Order, given: dict[str, Any]) -> None:
            cancelling.cancel(order, by=request.user, reason=given["reason"])  # type: ignore[arg-type]
            messages.success(request, _("The order is cancelled, its buyer is told."))

        def outcome(order: Any) -> str:
            sentence = _(
                "The %(number)d tickets become invalid at once, their places free. The buyer gets a mail with the reason."
            )
            sentence %= {"number": order.number}
            if order.balance > 0:
                sentence += " " + _("%s are to be returned.") % euros(order.balance)
            return sentence

        return self._ask(
            request,
            pk,
            lambda _order, data: ReasonForm(data, help_text=_("The buyer reads it.")),
            act,
            title=_("Cancel the order"),
            outcome=outcome,
            button=_("Cancel the order for good"),
            danger=True,
        )

    def send(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Mails the buyer once more."""

        def act(order: Order, given: dict[str, Any]) -> None:
            reaching.send_again(order, by=request.user, reason=given["reason"])  # type: ignore[arg-type]
            messages.success(request, _("The mail is on its way to %s.") % order.buyer.address)

        def outcome(order: Order) -> str:
            if order.status == Order.Status.PAID:
                return _("The tickets go once more to %s.") % order.buyer.address
            if order.ended:
                return _("What has become of the order goes once more to %s.") % order.buyer.address
            return _("How to pay goes once more to %s.") % order.buyer.address

        return self._ask(
            request,
            pk,
            lambda _order, data: ReasonForm(data, help_text=_("Only for the history.")),
            act,
            title=_("Send again"),
            outcome=outcome,
            button=_("Send the mail again"),
        )

    def address(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Corrects the buyer's address and mails there."""

        def form(order: Order, data: Any) -> forms.Form:
            return AddressForm(data, before=order.buyer.email, initial={"email": order.buyer.address})

        def act(order: Order, given: dict[str, Any]) -> None:
            reaching.correct_address(order, by=request.user, **given)  # type: ignore[arg-type]
            messages.success(request, _("The address is corrected, and the mail is on its way there."))

        def outcome(order: Order) -> str:
            return _(
                "From now on the order’s mails go to the new address, beginning with the one that says how things stand."
                " Both addresses and the reason stand in the history."
            )

        return self._ask(
            request,
            pk,
            form,
            act,
            title=_("Correct the e-mail address"),
            outcome=outcome,
            button=_("Correct it and send the mail"),
        )

    def release(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ends all unpaid orders and carts of the order's network or mailbox in one step."""

        def form(order: Order, data: Any) -> forms.Form:
            return ReleaseForm(data, numbers={kind: releasing.unpaid_like(order, kind).count() for kind in SHARED})

        def act(order: Order, given: dict[str, Any]) -> None:
            ended = releasing.release(order, given["kind"], by=request.user, reason=given["reason"])  # type: ignore[arg-type]
            said = ngettext(
                "%d order or cart is ended, its places are free.",
                "%d orders and carts are ended, their places are free.",
                ended,
            )
            messages.success(request, said % ended)

        def outcome(order: Order) -> str:
            return _(
                "Orders to which no money has come, and carts, end at once, and their places are free. Buyers who confirmed"
                " their order get a mail with the reason, the others none."
            )

        return self._ask(
            request,
            pk,
            form,
            act,
            title=_("Release places"),
            outcome=outcome,
            button=_("End them for good"),
            danger=True,
        )


def state(order: Order) -> str:
    """The status as a label: a shape and a word."""
    waits = order.status == Order.Status.PENDING and not order.confirmed
    return format_html(
        '<span class="state {}">{}</span>', SHAPES[order.status], UNCONFIRMED if waits else order.get_status_display()
    )


def rest(order: Order) -> str:
    """What remains after a payment: still to pay, or to be returned."""
    if order.open_amount:
        return " " + _("%s still open") % euros(order.open_amount) + "."
    if order.money_to_return:
        return " " + _("%s are to be returned.") % euros(order.money_to_return)
    return ""


def sentence(order: Order) -> str:
    """The order's state in a sentence, and whether staff have anything to do."""
    if order.buyer.unreachable_since:
        return _("Our mail to %s did not arrive. Please correct the address, or reach the buyer another way.") % (
            order.buyer.address
        )
    if order.money_to_return:
        return _("%s are to be returned to the buyer.") % euros(order.money_to_return)
    if order.status == Order.Status.PENDING and not order.confirmed:
        return _("Nobody has clicked the link in the mail yet. Until %s its places are held.") % time_format(
            timezone.localtime(order.reserved_until), "TIME_FORMAT"
        )
    if order.status == Order.Status.EXPIRED and not order.confirmed:
        return _(
            "Nobody clicked the link in the mail within the hour; the places are free again. There is nothing to do."
        )
    if order.status == Order.Status.PENDING:
        if order.balance > 0:
            return _("%(paid)s of %(total)s have come. The rest is awaited.") % {
                "paid": euros(order.balance),
                "total": euros(order.total),
            }
        return _("The buyer is to pay by transfer. Nothing has come yet.")
    return {
        Order.Status.PAID: _("Everything is done: the tickets are with the buyer."),
        Order.Status.EXPIRED: _("It was not paid in time; the places are free again. There is nothing to do."),
        Order.Status.CANCELLED: _("It is cancelled. There is nothing to do."),
    }[Order.Status(order.status)]


def payment_outcome(order: Order) -> str:
    if order.status == Order.Status.PENDING:
        return _(
            "%s are open. With the whole amount the order becomes paid and the tickets go out; with less it keeps waiting."
        ) % euros(order.open_amount)
    if order.status == Order.Status.EXPIRED:
        return _(
            "The order has expired. If its places are still free, it becomes paid; else the money is to be returned."
        )
    return _("This order awaits no money: what you record here is to be returned.")
