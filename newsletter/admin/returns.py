"""What came back, for staff to read; and the page on which they decide about a provider that sent very much back."""

from typing import cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from newsletter.models import Hold, Issue, Return
from newsletter.returns import consequences
from sccon.addresses import shown
from sccon.admin.pages import own_page
from sccon.admin_lists import LongPaginator, ReadOnlyAdmin
from sccon.models import User

BAD = {Return.Verdict.DEAD, Return.Verdict.COMPLAINT, Return.Verdict.UNREADABLE}
ROWS = 50  # of issues and providers on the page that decides


class KnownFilter(admin.SimpleListFilter):
    """Whether we know which mail it is about."""

    title = pgettext_lazy("return", "mail it is about")
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [
            ("known", _("known")),
            ("unknown", _("unknown: changed nobody")),
            ("forged", _("forged token: changed nobody")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Return]) -> QuerySet[Return]:
        match self.value():
            case "known":
                return queryset.filter(delivery__isnull=False)
            case "unknown":
                return queryset.filter(delivery=None, forged=False)
            case "forged":
                return queryset.filter(forged=True)
        return queryset


@admin.register(Return)
class ReturnAdmin(ReadOnlyAdmin):
    list_display = ("received_at", "what", "code", "said", "about", "person", "way")
    list_filter = ("verdict", KnownFilter, "way")
    list_select_related = ("delivery__issue", "delivery__subscriber")
    date_hierarchy = "received_at"
    paginator, show_full_result_count = LongPaginator, False
    list_per_page = 50
    fields = ("received_at", "judged_at", "what", "code", "words", "about", "person", "way", "as_it_came")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Return]:
        found = super().get_queryset(request)
        match = request.resolver_match
        return found if match and match.url_name == "newsletter_return_change" else found.defer("raw")

    @admin.display(description=gettext_lazy("verdict"), ordering="verdict")
    def what(self, came: Return) -> str:
        if not came.verdict:
            return _("not yet read")
        shape = "failed" if came.verdict in BAD else "done"
        return format_html('<span class="state {}">{}</span>', shape, came.get_verdict_display())

    @admin.display(description=gettext_lazy("what it says"))
    def said(self, came: Return) -> str:
        return came.words[:120] + ("…" if len(came.words) > 120 else "") or "–"

    @admin.display(description=gettext_lazy("issue"))
    def about(self, came: Return) -> str:
        if came.delivery:
            return str(came.delivery.issue)
        return _("forged token") if came.forged else _("unknown")

    @admin.display(description=gettext_lazy("subscriber"))
    def person(self, came: Return) -> str:
        known = came.delivery.subscriber if came.delivery else None
        return shown(known.email) if known else "–"

    @admin.display(description=gettext_lazy("as it came"))
    def as_it_came(self, came: Return) -> str:
        text = bytes(came.raw).decode("utf-8", "replace")[:20_000]
        return format_html("<pre>{}</pre>", text) if text else "–"

    # --- Deciding about a provider ---

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [path("providers/", view(self.providers_page), name="newsletter_return_providers"), *super().get_urls()]

    def providers_page(self, request: HttpRequest) -> HttpResponse:
        """Which provider called how many mailboxes of an issue dead: whether that counts, and one click that undoes it."""
        if not request.user.has_perm("newsletter.unsubscribe_subscriber"):
            raise PermissionDenied
        if request.method == "POST":
            return self._decided(request)
        dead = Return.objects.filter(verdict=Return.Verdict.DEAD, delivery__isnull=False).exclude(delivery__provider="")
        counted = dead.values("delivery__issue", "delivery__provider").annotate(
            dead=Count("delivery", distinct=True), last=Max("received_at")
        )
        issues, holds = Issue.objects.in_bulk(), {(hold.issue_id, hold.provider): hold for hold in Hold.objects.all()}
        rows = [
            {
                "issue": issues[row["delivery__issue"]],
                "provider": row["delivery__provider"],
                "dead": row["dead"],
                "last": row["last"],
                "hold": holds.get((row["delivery__issue"], row["delivery__provider"])),
            }
            for row in counted.order_by("-last")[: ROWS * 4]
        ]
        rows.sort(key=lambda row: (not (row["hold"] and row["hold"].counts is None), -row["dead"]))
        title = _("Bounces by provider")
        return own_page(request, "admin/newsletter/return/providers.html", Return, title, {"rows": rows[:ROWS]})

    def _decided(self, request: HttpRequest) -> HttpResponse:
        by = cast(User, request.user)  # the admin's views require a login
        number, _colon, provider = (request.POST.get("undo") or request.POST.get("keep") or "").partition(":")
        issue = Issue.objects.filter(pk=int(number) if number.isdecimal() and len(number) < 19 else 0).first()
        if issue is None or not consequences.of_provider(issue.pk, provider).exists():
            messages.error(request, _("Please press a button of the list."))
        elif "undo" in request.POST:
            again = consequences.undo(issue, provider, by=by)
            sentence = ngettext(
                "Undone: the newsletter goes to %d person again.",
                "Undone: the newsletter goes to %d persons again.",
                again,
            )
            messages.success(request, sentence % again)
        else:
            hold = get_object_or_404(Hold, issue=issue, provider=provider)
            ended = consequences.decide(hold, counts=True, by=by)
            sentence = ngettext(
                "It counts: %d person gets no newsletter any more.",
                "It counts: %d persons get no newsletter any more.",
                ended,
            )
            messages.success(request, sentence % ended)
        return HttpResponseRedirect(reverse("admin:newsletter_return_providers"))
