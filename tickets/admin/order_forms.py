"""Forms of the actions on an order."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sccon.fields import LineField, StaffAddressField
from tickets.amounts import euros

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


class DatedForm(forms.Form):
    """A form with a day that must not be in the future."""

    DATED: str

    def __init__(self, *args: Any, today: date, **kwargs: Any):
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.today = today
        self.fields[self.DATED].widget.attrs["max"] = today.isoformat()

    def clean(self) -> dict[str, object] | None:
        cleaned = super().clean() or self.cleaned_data
        day = cleaned.get(self.DATED)
        if day and day > self.today:
            self.add_error(self.DATED, _("This day is still to come."))
        return cleaned


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def _amount(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=Decimal("0.01"), max_digits=8, decimal_places=2, localize=True, help_text=_("In euros.")
    )


class PaymentForm(DatedForm):
    """A payment seen on the bank account. `token` makes a double click record it once."""

    DATED = "received_on"

    amount = _amount(_("Amount received"))
    received_on = _day(_("Received on"))
    note = LineField(
        label=_("Note"), max_length=200, required=False, help_text=_("Such as what stood in the reference.")
    )
    token = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)


class ReturnForm(DatedForm):
    """Money that went back."""

    DATED = "returned_on"

    amount = _amount(_("Amount returned"))
    returned_on = _day(_("Returned on"))
    reason = LineField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, most: Decimal, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.most = most

    def clean_amount(self) -> Decimal:
        if (amount := self.cleaned_data["amount"]) > self.most:
            raise forms.ValidationError(_("No more than %s is to be returned.") % euros(self.most))
        return amount
