"""The run of an issue in the admin: the page that asks before it is sent, how it goes, and what stops it.

Only who has the right to send sees a button here; who may read issues sees how it goes.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from newsletter import figures
from newsletter.delivery import audience, progress, running
from newsletter.delivery.progress import Progress
from newsletter.issues import checks
from newsletter.models import Delivery, Issue, Subscriber
from sccon.addresses import shown
from sccon.admin import charts
from sccon.admin.pages import own_page
from sccon.admin_lists import ChoiceFilter, LongPaginator, ReadOnlyAdmin
from sccon.models import User
from sccon.translated import NAMES

Status, Pause, State = Issue.Status, Issue.Pause, Delivery.State

# In the order of the bar and of the sum below it.
SHOWN = (State.SENT, State.FLYING, State.QUEUED, State.FAILED, State.SUPPRESSED, State.CANCELLED)

REASONS = {
    **{status.value: status.label for status in Subscriber.Status},
    audience.OTHER_TOPICS: gettext_lazy("chose other topics"),
    audience.OTHER_LANGUAGE: gettext_lazy("read the language it does not come in"),
}


# --- Who gets it -------------------------------------------------------------------------------


def audience_of(issue: Issue, topics: list[int] | None = None) -> dict[str, Any]:
    """What the form and the question show of the recipients; `topics`: those in the form, where they are not stored."""
    try:
        counted = audience.count(issue, topics)
    except audience.NoChoice:
        return {"total": 0, "languages": [], "excluded": [], "sample": []}
    return {
        "total": counted.total,
        "languages": [(NAMES[code], number) for code, number in counted.languages.items()],
        "excluded": [(REASONS[reason], number) for reason, number in counted.excluded.items() if number],
        "sample": [(shown(email), NAMES[code]) for email, code in audience.sample(issue, topics=topics)],
        "expected": counted.languages,
    }


# --- How it goes -------------------------------------------------------------------------------


def standing(request: HttpRequest, issue: Issue) -> dict[str, Any]:
    """What the page of an issue shows of its run."""
    stands = progress.of(issue)
    offset, bars = 0.0, []
    for state in SHOWN:
        width = 100 * stands.counts[state] / stands.planned if stands.planned else 0
        bars.append({"state": state.value, "name": state.label, "count": stands.counts[state]})
        bars[-1] |= {"x": f"{offset:.3f}", "width": f"{width:.3f}"}
        offset += width
    ended = issue.status in {Status.SENT, Status.CANCELLED}
    return {
        "issue": issue,
        "progress": stands,
        "bars": bars,
        "failures": progress.refusals(issue),
        "waiting": progress.refusals(issue, State.QUEUED),
        "under_way": issue.status in {Status.SCHEDULED, Status.SENDING},
        "ended": ended,
        "may_send": request.user.has_perm(Issue.SEND),
        "can_again": stands.counts[State.FAILED] and issue.status != Status.CANCELLED,
    }


# --- What became of it -------------------------------------------------------------------------


def figures_of(issue: Issue, stands: Progress) -> dict[str, Any]:
    """Numbers, charts and their tables of an issue that has begun."""
    became = figures.outcome(issue, stands)
    came_back = [(str(verdict.label), became.came_back.get(verdict.value, 0)) for verdict in figures.WORST_FIRST]
    if forgotten := became.came_back.get("", 0):
        came_back.append((_("for reasons no longer kept"), forgotten))
    lost = [(str(State.FAILED.label), became.failed)]
    lost += [(_("came back: %s") % why, number) for why, number in came_back]
    lost += [(_("left because of it"), became.left), (pgettext("figures", "complained"), became.complained)]
    rows = [(str(State.SENT.label), became.accepted), *lost, (_("possibly twice"), became.possibly_twice)]
    days = figures.views_by_day(issue)
    return {
        "rows": [(name, _number(number), _share(number, became.planned)) for name, number in rows],
        "lost": charts.bars(lost) if any(number for _name, number in lost) else [],
        "failures": figures.failures(issue, became.failed),
        "source": became.source,
        "viewed": became.viewed,
        "languages": [NAMES[code] for code in issue.languages],
        "days": [
            (date_format(each.day, "SHORT_DATE_FORMAT"), [each.views[code] for code in issue.languages])
            for each in days
        ],
        "columns": charts.columns(
            [(date_format(each.day, "SHORT_DATE_FORMAT"), each.total, str(each.total)) for each in days]
        ),
        "later": became.viewed - sum(each.total for each in days),
    }


def _number(number: int) -> str:
    return number_format(number, force_grouping=True)


def _share(number: int, planned: int) -> str:
    if not planned:
        return "–"
    share = number_format(100 * number / planned, decimal_pos=1)
    return f"{share}\N{NO-BREAK SPACE}%" if get_language() == "de" else f"{share}%"


# --- Pages -------------------------------------------------------------------------------------


def _page_of(issue: Issue) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:newsletter_issue_change", args=[issue.pk]))


def _sender_of(request: HttpRequest, pk: int) -> tuple[Issue, User]:
    if not request.user.has_perm(Issue.SEND):
        raise PermissionDenied
    return get_object_or_404(Issue, pk=pk), cast(User, request.user)  # the admin's views require a login


def send_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks once more, in one sentence, what would be sent to whom and when."""
    issue, by = _sender_of(request, pk)
    if issue.status != Status.DRAFT:
        messages.info(request, _("It was ordered already."))
        return _page_of(issue)
    errors: list[str] = []
    if request.method == "POST":
        confirmed = request.POST.getlist("confirmed")
        errors = _refusals(request, issue, confirmed)
        if not errors:
            try:
                running.order(issue, by=by, expected=_expected(request, issue), confirmed=confirmed)
            except running.Refused as refused:
                errors = [str(refused)]
            else:
                _log(request, issue, _("Ordered to be sent."))
                return _page_of(issue)
    found = checks.findings(issue, list(issue.items.select_related("article", "image")))
    recipients = audience_of(issue)
    context = {
        "issue": issue,
        "errors": errors,
        "findings": found,
        "stops": any(each.stops and not each.confirm for each in found),
        "confirmed": request.POST.getlist("confirmed"),
        "recipients": recipients,
        "topics": list(issue.topics.all()) if not issue.to_all else [],
        "subjects": [(NAMES[code], code, getattr(issue, f"subject_{code}")) for code in issue.languages],
        "sender": settings.NEWSLETTER_MAIL_FROM,
    }
    return own_page(request, "admin/newsletter/issue/send.html", Issue, _("Send this issue?"), context)


def _expected(request: HttpRequest, issue: Issue) -> dict[str, int]:
    """The numbers that stood on the button."""
    typed = {code: request.POST.get(f"expected_{code}", "") for code in issue.languages}
    return {code: int(number) if number.isdecimal() and len(number) < 10 else 0 for code, number in typed.items()}


def _refusals(request: HttpRequest, issue: Issue, confirmed: list[str]) -> list[str]:
    if request.POST.get("version") != str(issue.version):
        return [_("The issue was changed meanwhile. Please look at it again.")]
    return [finding.sentence for finding in checks.blocking(issue, confirmed)]


def run_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What a button of the run does."""
    issue, by = _sender_of(request, pk)
    deeds: Mapping[str, Callable[[], str]] = {
        "take_back": lambda: _("Taken back: nothing has left.") if running.take_back(issue) else "",
        "pause": lambda: _("It rests.") if running.pause(issue.pk, Pause.STAFF, by=by) else "",
        "resume": lambda: _("It goes on.") if running.resume(issue) else "",
        "about_them": lambda: (
            _("It goes on: these words are about the recipients.") if running.resume(issue, about_them=True) else ""
        ),
        "again": lambda: _again(running.send_again(issue)),
    }
    deed = next((name for name in deeds if name in request.POST), "")
    try:
        said = deeds[deed]() if deed else ""
    except running.Refused as refused:
        messages.error(request, str(refused))
    else:
        if said:
            messages.success(request, said)
            _log(request, issue, said)
        else:
            messages.info(request, _("Nothing was changed: the issue stands as shown here."))
    return _page_of(issue)


def _again(number: int) -> str:
    sentence = ngettext("%d mail waits again to be sent.", "%d mails wait again to be sent.", number)
    return sentence % number if number else ""


def cancel_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks before what waits never leaves."""
    issue, _by = _sender_of(request, pk)
    if request.method == "POST":
        if running.cancel(issue):
            messages.success(request, _("Cancelled: what was waiting will not leave."))
            _log(request, issue, _("Cancelled."))
        else:
            messages.info(request, _("Nothing was changed: the issue stands as shown here."))
        return _page_of(issue)
    if issue.status not in {Status.SENDING, Status.PAUSED}:
        return _page_of(issue)
    context = {"issue": issue, "progress": progress.of(issue)}
    return own_page(request, "admin/newsletter/issue/cancel.html", Issue, _("Cancel this issue?"), context)


def progress_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How it goes, for the script that keeps the page true."""
    if not request.user.has_perm("newsletter.view_issue"):
        raise PermissionDenied
    issue = get_object_or_404(Issue, pk=pk)
    response = render(request, "admin/newsletter/issue/progress.html", standing(request, issue))
    response["X-Status"] = issue.status
    return response


def _log(request: HttpRequest, issue: Issue, words: str) -> None:
    LogEntry.objects.create(
        user=cast(User, request.user),
        content_type=ContentType.objects.get_for_model(Issue),
        object_id=str(issue.pk),
        object_repr=str(issue)[:200],
        action_flag=CHANGE,
        change_message=words,
    )


def addresses(view: Callable[..., Any]) -> list[URLPattern]:
    """The run's addresses below those of issues."""
    return [
        path("<int:pk>/send/", view(send_page), name="newsletter_issue_send"),
        path("<int:pk>/run/", view(require_POST(run_page)), name="newsletter_issue_run"),
        path("<int:pk>/cancel/", view(cancel_page), name="newsletter_issue_cancel"),
        path("<int:pk>/progress/", view(never_cache(require_GET(progress_page))), name="newsletter_issue_progress"),
    ]


# --- Who got it --------------------------------------------------------------------------------


class OutcomeFilter(ChoiceFilter):
    title, parameter_name = pgettext_lazy("delivery", "outcome"), "outcome"

    MARKED: Mapping[str, Any] = {
        "twice": {"possibly_twice": True},
        "bounced": {"bounced_at__isnull": False},
        "complained": {"complained_at__isnull": False},
        "left": {"left_at__isnull": False},
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        marks = [
            ("twice", _("possibly twice")),
            ("bounced", _("came back")),
            ("complained", _("complained")),
            ("left", _("left because of it")),
        ]
        return [*((state.value, state.label) for state in State), *marks]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        value = self.value()
        if value is None:
            return queryset
        return queryset.filter(**self.MARKED.get(value, {"state": value}))


class IssueFilter(ChoiceFilter):
    title, parameter_name = gettext_lazy("issue"), "issue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(issue.pk), str(issue)) for issue in Issue.objects.exclude(started_at=None)[:30]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        return queryset.filter(issue=int(value)) if (value := self.value()) else queryset


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """Who got which issue, and the relay's own words about it."""

    list_display = ("person", "issue", "what", "sent_at", "attempts", "said", "possibly_twice")
    list_filter = (IssueFilter, OutcomeFilter)
    search_fields = ("=subscriber__email",)
    list_select_related = ("issue", "subscriber")
    list_per_page = 50
    paginator, show_full_result_count = LongPaginator, False
    ordering = ("-pk",)
    fields = (
        *("person", "issue", "what", "sent_at", "attempts", "next_try_at", "answer", "possibly_twice"),
        *("bounced_at", "bounce", "complained_at", "left_at"),
    )
    readonly_fields = fields

    @admin.display(description=gettext_lazy("subscriber"))
    def person(self, delivery: Delivery) -> str:
        return shown(delivery.subscriber.email) if delivery.subscriber else _("deleted")

    @admin.display(description=gettext_lazy("state"))
    def what(self, delivery: Delivery) -> str:
        return delivery.get_state_display()

    @admin.display(description=gettext_lazy("the relay's answer"))
    def said(self, delivery: Delivery) -> str:
        return delivery.answer[:120] + ("…" if len(delivery.answer) > 120 else "") or "–"
