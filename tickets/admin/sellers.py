"""Another seller or bank account in the admin: one of `finance` proposes it, a second one confirms it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sccon.admin.pages import own_page
from sccon.admin_lists import ReadOnlyAdmin
from sccon.fields import LinesField, formfield
from tickets.models import Event, SellerChange
from tickets.models.events import SELLER
from tickets.money import seller

SHAPES = {"": "review", "confirmed": "done", "rejected": "gone"}


class SellerForm(forms.ModelForm):
    """Who sells, and where the money goes; judged by `Event.clean`, saved by nobody."""

    class Meta:
        model = Event
        fields = SELLER
        field_classes = {"seller_address": LinesField}
        formfield_callback = formfield

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **{"label_suffix": "", **options})


def propose_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks what shall stand on the event instead."""
    if not request.user.has_perm("tickets.add_sellerchange"):
        raise PermissionDenied
    event = get_object_or_404(Event, pk=pk)
    form = SellerForm(request.POST or None, instance=get_object_or_404(Event, pk=pk))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data | {"iban": form.instance.iban, "bic": form.instance.bic}  # as a bank writes them
        try:
            change = seller.propose(event, values, by=request.user)  # type: ignore[arg-type]
        except seller.NothingChanges:
            form.add_error(None, _("That stands there already."))
        else:
            messages.success(request, _("Proposed. It stands on the event as soon as somebody else confirms it."))
            return HttpResponseRedirect(reverse("admin:tickets_sellerchange_change", args=[change.pk]))
    context = {"form": form, "event": event}
    return own_page(request, "admin/tickets/event/seller.html", Event, _("Propose another seller or account"), context)


@admin.register(SellerChange)
class SellerChangeAdmin(ReadOnlyAdmin):
    """What was proposed, by whom, and who decided."""

    list_display = ("event", "what", "proposed_by", "proposed_at", "state", "decided_by")
    list_display_links = ("what",)
    list_select_related = ("event", "proposed_by", "decided_by")
    actions = None

    @admin.display(description=gettext_lazy("What changes"))
    def what(self, change: SellerChange) -> str:
        return str(change)

    @admin.display(description=gettext_lazy("State"))
    def state(self, change: SellerChange) -> str:
        words = change.get_outcome_display() or _("waits")
        return format_html('<span class="state {}">{}</span>', SHAPES[change.outcome], words)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """The old and the new values; confirmed or rejected by a button, while it is open."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        change = self.get_object(request, object_id)
        if change is None:
            return HttpResponseRedirect(reverse("admin:tickets_sellerchange_changelist"))
        may = request.user.has_perm("tickets.confirm_sellerchange")
        if request.method == "POST":
            if not may:
                raise PermissionDenied
            self._decide(request, change)
            return HttpResponseRedirect(reverse("admin:tickets_sellerchange_change", args=[change.pk]))
        own = change.proposed_by_id == request.user.pk
        context = {"change": change, "state": self.state(change), "open": not change.outcome and may, "own": own}
        return own_page(request, "admin/tickets/sellerchange/change_form.html", SellerChange, str(change), context)

    def _decide(self, request: HttpRequest, change: SellerChange) -> None:
        try:
            if "_confirm" in request.POST:
                seller.confirm(change, by=request.user)  # type: ignore[arg-type]
                messages.success(request, _("Confirmed: it stands on the event now."))
            elif "_reject" in request.POST:
                seller.reject(change, by=request.user)  # type: ignore[arg-type]
                messages.success(request, _("Rejected: nothing changes."))
        except seller.NotDecidable:
            sentence = _("Nothing has happened: it is your own, it was decided meanwhile, or the event has changed.")
            messages.error(request, sentence)
