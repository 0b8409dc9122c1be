"""Subscribers in the admin: staff search, read, unsubscribe and erase them, but add, change and export none."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from newsletter.admin import lists
from newsletter.models import Change, Subscriber
from newsletter.subscribers import subscribing
from newsletter.subscribers.personal_data import as_file, personal_data
from sccon.addresses import shown
from sccon.admin.pages import own_page
from sccon.admin_lists import ReadOnlyAdmin
from sccon.fields import LinesField, StaffAddressField
from sccon.models import User


class ReasonForm(forms.Form):
    """Why a member of staff unsubscribes or erases someone."""

    reason = LinesField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Stays in the history, e.g. “asked by phone on 3 May”. Please write no address."),
        error_messages={"required": gettext_lazy("Please write why.")},
    )


class LiftForm(ReasonForm):
    """Whose complaint no longer counts, and why."""

    email = StaffAddressField()
    field_order = ("email", "reason")


@admin.register(Subscriber)
class SubscriberAdmin(ReadOnlyAdmin):
    list_display = ("address", "status", "language", "topic_names", "confirmed_at", "ended_at")
    list_filter = ("status", "language", "topics")
    search_fields = ("email",)
    search_help_text = gettext_lazy("Address or a part of it")
    actions = ("unsubscribe", "erase")  # not a deletion: `erase` remembers not to mail again
    fields = (
        "address",
        "status",
        "language",
        "topic_names",
        "created_at",
        "confirmed_at",
        "ended_at",
        "complaint",
        "proof",
        "requests",
        "history",
    )
    readonly_fields = fields
    list_per_page = 50

    def get_fields(self, request: HttpRequest, obj: Subscriber | None = None) -> Any:
        """Without what leads to pages of those who may erase, for others."""
        asked = () if self.has_erase_permission(request) else ("complaint", "requests")
        return [name for name in self.fields if name not in asked]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subscriber]:
        return super().get_queryset(request).prefetch_related("topics")

    def has_unsubscribe_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("newsletter.unsubscribe_subscriber")

    def has_erase_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("newsletter.erase_subscriber")

    # --- What is shown ---

    @admin.display(description=gettext_lazy("e-mail address"), ordering="email")
    def address(self, subscriber: Subscriber) -> str:
        return shown(subscriber.email)

    @admin.display(description=gettext_lazy("topics"))
    def topic_names(self, subscriber: Subscriber) -> str:
        return ", ".join(str(topic) for topic in subscriber.topics.all()) or _("all")

    @admin.display(description=gettext_lazy("complaint"))
    def complaint(self, subscriber: Subscriber) -> SafeString | str:
        if not subscribing.complained(subscriber.email):
            return "–"
        address = f"{reverse('admin:newsletter_subscriber_lift')}?of={subscriber.pk}"
        return format_html('<a href="{}">{}</a>', address, _("Lift the block, because the person wrote"))

    @admin.display(description=gettext_lazy("proof of consent"))
    def proof(self, subscriber: Subscriber) -> SafeString:
        address = reverse("admin:newsletter_subscriber_consent", args=[subscriber.pk])
        return format_html('<a href="{}">{}</a>', address, _("All consents on one page, to print"))

    @admin.display(description=gettext_lazy("the person asks for"))
    def requests(self, subscriber: Subscriber) -> SafeString:
        access = reverse("admin:newsletter_subscriber_data", args=[subscriber.pk])
        erasure = f"{reverse('admin:newsletter_subscriber_erase')}?of={subscriber.pk}"
        return format_html(
            '<a href="{}">{}</a> · <a href="{}">{}</a>',
            *(access, _("All data, to hand over"), erasure, _("Delete all data …")),
        )

    @admin.display(description=gettext_lazy("history"))
    def history(self, subscriber: Subscriber) -> SafeString:
        lines = ((_line(change),) for change in subscriber.changes.select_related("by"))
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", lines))

    # --- What can be done ---

    @admin.action(description=gettext_lazy("Unsubscribe …"), permissions=["unsubscribe"])
    def unsubscribe(self, request: HttpRequest, chosen: QuerySet[Subscriber]) -> HttpResponse | None:
        return _question(request, "unsubscribe", chosen)

    @admin.action(description=gettext_lazy("Delete all data …"), permissions=["erase"])
    def erase(self, request: HttpRequest, chosen: QuerySet[Subscriber]) -> HttpResponse | None:
        return _question(request, "erase", chosen)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("unsubscribe/", view(self.unsubscribe_page), name="newsletter_subscriber_unsubscribe"),
            path("erase/", view(self.erase_page), name="newsletter_subscriber_erase"),
            path("lift/", view(self.lift_page), name="newsletter_subscriber_lift"),
            path("export/", view(self.export_page), name="newsletter_subscriber_export"),
            path("<int:pk>/data/", view(self.data_page), name="newsletter_subscriber_data"),
            path("<int:pk>/data.json", view(self.data_file), name="newsletter_subscriber_data_file"),
            path("<int:pk>/consent/", view(self.consent_page), name="newsletter_subscriber_consent"),
            *super().get_urls(),
        ]

    def unsubscribe_page(self, request: HttpRequest) -> HttpResponse:
        """Asks for the reason, then unsubscribes."""
        if not self.has_unsubscribe_permission(request):
            raise PermissionDenied
        chosen, form = _chosen(request), ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            reason = form.cleaned_data["reason"]
            done = sum(
                subscribing.unsubscribe(subscriber, source="admin", by=_staff(request), reason=reason)
                for subscriber in chosen
            )
            sentence = ngettext("%d subscriber was unsubscribed.", "%d subscribers were unsubscribed.", done)
            return _back(request, sentence % done)
        return self._ask(request, "unsubscribe", chosen, form)

    def erase_page(self, request: HttpRequest) -> HttpResponse:
        """Asks for the reason, then deletes everything; the log keeps the fact without the address."""
        if not self.has_erase_permission(request):
            raise PermissionDenied
        chosen, form = _chosen(request), ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            for subscriber in chosen:
                number = subscriber.pk
                subscribing.erase(subscriber)
                _log(request, str(number), _("subscriber %d") % number, DELETION, form.cleaned_data["reason"])
            sentence = ngettext(
                "The data of %d subscriber was deleted.", "The data of %d subscribers was deleted.", len(chosen)
            )
            return _back(request, sentence % len(chosen))
        return self._ask(request, "erase", chosen, form)

    def _ask(self, request: HttpRequest, action: str, chosen: list[Subscriber], form: ReasonForm) -> HttpResponse:
        title = _("Delete all data?") if action == "erase" else _("Unsubscribe?")
        context = {"action": action, "chosen": chosen, "form": form}
        return own_page(request, "admin/newsletter/subscriber/question.html", Subscriber, title, context)

    def lift_page(self, request: HttpRequest) -> HttpResponse:
        """Lifts the block of an address whose owner complained and now wrote, also where nothing else is left of it."""
        if not self.has_erase_permission(request):
            raise PermissionDenied
        chosen = _chosen(request)[:1]
        form = LiftForm(request.POST or None, initial={"email": shown(chosen[0].email) if chosen else ""})
        if request.method == "POST" and form.is_valid():
            reason = form.cleaned_data["reason"]
            if subscribing.lift(form.cleaned_data["email"], by=_staff(request), reason=reason):
                _log(request, "-", _("block after a complaint"), CHANGE, reason)
                return _back(request, _("The block is lifted: this person may ask for the newsletter again."))
            form.add_error("email", _("No complaint of this address is known."))
        context = {"form": form}
        title = _("Lift the block after a complaint?")
        return own_page(request, "admin/newsletter/subscriber/lift.html", Subscriber, title, context)

    def export_page(self, request: HttpRequest) -> HttpResponseBase:
        """What the list shows, as a file: a right of its own."""
        if not request.user.has_perm("newsletter.export_subscriber"):
            raise PermissionDenied
        return lists.export_page(request, self.get_changelist_instance(request).get_queryset(request))

    def data_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All data of a person who asks for it, as the person sees it on the page of their own."""
        subscriber = self._asked_about(request, pk, _("All data shown, to hand over."))
        context = {
            "subscriber": subscriber,
            "address": shown(subscriber.email),
            "data": personal_data(subscriber),
            "export_url": reverse("admin:newsletter_subscriber_data_file", args=[pk]),
        }
        title = _("All data of this person")
        return own_page(request, "admin/newsletter/subscriber/data.html", Subscriber, title, context)

    def data_file(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The same as JSON."""
        return as_file(self._asked_about(request, pk, _("All data downloaded, to hand over.")))

    def _asked_about(self, request: HttpRequest, pk: int, done: str) -> Subscriber:
        """Who gives access also has to erase: whoever may do the one may do the other. Who looked at whose data stands in
        the log, without the address."""
        if not self.has_erase_permission(request):
            raise PermissionDenied
        subscriber = get_object_or_404(Subscriber, pk=pk)
        _log(request, str(pk), _("subscriber %d") % pk, CHANGE, done)
        return subscriber

    def consent_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The proof of consent, complete on one page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        subscriber = get_object_or_404(Subscriber, pk=pk)
        _log(request, str(pk), _("subscriber %d") % pk, CHANGE, _("Proof of consent shown."))
        context = {"subscriber": subscriber, "address": shown(subscriber.email)}
        title = _("Proof of consent")
        return own_page(request, "admin/newsletter/subscriber/consent.html", Subscriber, title, context)


AT_ONCE = 200  # so many ids fit into an address, and so many names on a page that is read before the click


def _question(request: HttpRequest, action: str, chosen: QuerySet[Subscriber]) -> HttpResponse | None:
    if chosen.count() > AT_ONCE:
        messages.error(request, _("Please choose %d subscribers at the most.") % AT_ONCE)
        return None
    numbers = ",".join(str(pk) for pk in chosen.order_by("pk").values_list("pk", flat=True))
    return HttpResponseRedirect(reverse(f"admin:newsletter_subscriber_{action}") + f"?of={numbers}")


def _chosen(request: HttpRequest) -> list[Subscriber]:
    numbers = [int(number) for number in request.GET.get("of", "").split(",") if number.isdecimal()]
    return list(Subscriber.objects.filter(pk__in=numbers).order_by("email"))


def _back(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return HttpResponseRedirect(reverse("admin:newsletter_subscriber_changelist"))


def _line(change: Change) -> str:
    """A line of the history: when, what, who, why."""
    when = date_format(localtime(change.at), "SHORT_DATETIME_FORMAT")
    return ", ".join(filter(None, [f"{when}: {change.get_what_display()}", str(change.by or ""), change.reason]))


def _staff(request: HttpRequest) -> User:
    return cast(User, request.user)  # the admin's views require a login


def _log(request: HttpRequest, number: str, name: str, flag: int, reason: str) -> None:
    """A line of the admin's log, without the address."""
    LogEntry.objects.create(
        user=_staff(request),
        content_type=ContentType.objects.get_for_model(Subscriber),
        object_id=number,
        object_repr=name,
        action_flag=flag,
        change_message=reason,
    )
