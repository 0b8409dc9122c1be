"""Forms of the actions on an order."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from sccon.clock import database_now
from sccon.fields import AmountField, LineField, StaffAddressField
from tickets.amounts import euros
from tickets.models import Order, Payment
from tickets.money import receiving

# Origins whose orders can be ended together.
SHARED = {"network": _("What came from the same network"), "mailbox": _("What was ordered with the same mailbox")}


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = LineField(label=_("Reason"), max_length=200, widget=forms.TextInput(attrs={"class": "vTextField"}))

    def __init__(self, *args: Any, help_text: str = "", **kwargs: Any):
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.fields["reason"].help_text = help_text


class AddressForm(ReasonForm):
    """The buyer's address as it should have been."""

    email = StaffAddressField()

    field_order = ("email", "reason")

    def __init__(self, *args: Any, before: str, **kwargs: Any):
        super().__init__(*args, help_text=str(_("Such as who said so, and how you know it is the buyer.")), **kwargs)
        self.before = before

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        if email == self.before:
            raise forms.ValidationError(_("This address stands there already."))
        return email


class ReleaseForm(ReasonForm):
    """Whose unpaid orders end. `numbers`: how many there are of each kind."""

    kind = forms.ChoiceField(label=_("Whose"), widget=forms.RadioSelect)

    field_order = ("kind", "reason")

    def __init__(self, *args: Any, numbers: dict[str, int], **kwargs: Any):
        super().__init__(*args, help_text=str(_("Buyers who confirmed their order read it.")), **kwargs)
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (kind, f"{SHARED[kind]} ({number})") for kind, number in numbers.items()
        ]


class SureField(forms.MultipleChoiceField):
    """The questions that were ticked; unseen until there are any."""

    widget = forms.MultipleHiddenInput

    def valid_value(self, value: Any) -> bool:
        return True  # what is no longer asked


class DatedForm(forms.Form):
    """A form with a day, which asks before it takes what is probably a slip.

    `questions` names each doubt by a key that changes with what was typed: whoever ticks it and types something else is
    asked again.
    """

    DATED: str

    def __init__(self, *args: Any, today: date, earliest: date, **kwargs: Any):
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.today, self.earliest = today, earliest
        self.fields[self.DATED].widget.attrs |= {"max": today.isoformat(), "min": earliest.isoformat()}
        self.fields["sure"] = SureField(label=_("Is that so?"), required=False)

    def clean(self) -> dict[str, object] | None:
        cleaned = super().clean() or self.cleaned_data
        day = cleaned.get(self.DATED)
        if day and day > self.today:
            self.add_error(self.DATED, _("This day is still to come."))
        elif day and day < self.earliest:
            self.add_error(self.DATED, _("Please check the year: this day is too long ago."))
        elif not self.errors:
            self._ask(self.questions(cleaned))
        return cleaned

    def questions(self, typed: dict[str, Any]) -> dict[str, str]:
        return {}

    def _ask(self, questions: dict[str, str]) -> None:
        if not questions.keys() <= set(self.cleaned_data.get("sure", [])):
            self.fields["sure"].widget = forms.CheckboxSelectMultiple()
            self.fields["sure"].choices = list(questions.items())  # type: ignore[attr-defined]
            self.add_error("sure", _("Please look once more. If it is so, tick it."))


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class PaymentForm(DatedForm):
    """A payment seen on the bank account. `token` makes a double click record it once."""

    DATED = "received_on"

    amount = AmountField(label=_("Amount received"), help_text=_("In euros."))
    received_on = _day(_("Received on"))
    note = LineField(
        label=_("Note"), max_length=200, required=False, help_text=_("Such as what stood in the reference.")
    )
    token = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, order: Order, **kwargs: Any):
        self.order, self.placed_on = order, timezone.localdate(order.placed_at)
        super().__init__(*args, earliest=self.placed_on - timedelta(days=366), **kwargs)

    def questions(self, typed: dict[str, Any]) -> dict[str, str]:
        amount, day = typed["amount"], typed["received_on"]
        # Payments that look the same and are others, as somebody ticked.
        typed["known"] = [int(key[6:]) for key in typed["sure"] if re.fullmatch(r"again-\d{1,18}", key)]
        if Payment.objects.filter(provider_id=f"staff-{typed['token']}").exists():
            return {}  # the second click
        asked = {}
        expected = Decimal(0)
        if self.order.status in (Order.Status.PENDING, Order.Status.EXPIRED):
            expected = max(self.order.total - self.order.balance, expected)
        words = {"amount": euros(amount), "open": euros(expected)}
        if not expected:
            asked[f"more-{amount}"] = _("Nothing is open. %(amount)s came none the less.") % words
        elif amount > expected:
            asked[f"more-{amount}"] = _("Only %(open)s is open. %(amount)s came none the less.") % words
        same = Payment.objects.filter(pk__in=receiving.alike(self.order, amount, day))
        for payment in same.select_related("recorded_by"):
            asked[f"again-{payment.pk}"] = _(
                "%(amount)s of the same day was recorded %(when)s by %(who)s. It came once more."
            ) % {**words, "when": _ago(payment.recorded_at), "who": payment.recorded_by or "–"}
        if day < self.placed_on:
            asked[f"day-{day}"] = _("The order was placed on %s. The money came before.") % date_format(self.placed_on)
        return asked


def _ago(at: datetime) -> str:
    """A minute ago; what is longer ago than an hour as an instant."""
    minutes = max(int((database_now() - at).total_seconds() // 60), 1)
    if minutes < 60:
        return ngettext("%d minute ago", "%d minutes ago", minutes) % minutes
    return _("on %s") % date_format(timezone.localtime(at), "DATETIME_FORMAT")


class ReturnForm(DatedForm):
    """Money that went back."""

    DATED = "returned_on"

    amount = AmountField(label=_("Amount returned"), help_text=_("In euros."))
    returned_on = _day(_("Returned on"))
    reason = LineField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, most: Decimal, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.most = most

    def clean_amount(self) -> Decimal:
        if (amount := self.cleaned_data["amount"]) > self.most:
            raise forms.ValidationError(_("No more than %s is to be returned.") % euros(self.most))
        return amount


class TakeBackForm(ReasonForm):
    """A payment that was recorded by mistake, and what came in truth."""

    instead = AmountField(label=_("What came in truth"), required=False, help_text=_("In euros. Empty: nothing came."))

    field_order = ("instead", "reason")

    def __init__(self, *args: Any, payment: Payment, **kwargs: Any):
        super().__init__(*args, help_text=str(_("Only for the history.")), **kwargs)
        self.payment = payment

    def clean_instead(self) -> Decimal | None:
        if (amount := self.cleaned_data["instead"]) == self.payment.amount:
            raise forms.ValidationError(_("This is what is recorded already."))
        return amount
