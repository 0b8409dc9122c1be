"""The outbox in the admin: which mail went to whom, and whether it was sent. Its content is not shown."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sccon import mail
from sccon.admin_lists import ChoiceFilter, ReadOnlyAdmin
from sccon.models import Mail
from sccon.translated import CHOICES, NAMES

SHAPES = {"queued": "plan", "sent": "done", "failed": "failed", "closed": "past", "kept": "past"}


class LanguageFilter(ChoiceFilter):
    title, parameter_name = gettext_lazy("language"), "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list:
        return list(CHOICES)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Mail]) -> QuerySet[Mail]:
        return queryset.filter(language=self.value()) if self.value() else queryset


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    """Staff may look at mails, and send again those that failed."""

    list_display = ("subject", "recipient", "status_words", "error", "attempts", "created_at", "sent_at")
    list_filter = ("status", LanguageFilter)
    search_fields = ("recipient", "occasion")
    search_help_text = gettext_lazy("E-mail address or occasion")
    date_hierarchy = "created_at"
    list_per_page = 50
    actions = ("send_again", "settle")
    fields = (
        "subject",
        "recipient",
        "language_name",
        "status_words",
        "error",
        "attempts",
        "created_at",
        "sent_at",
        "occasion",
        "message_id",
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mail]:
        return mail.seen_by(request.user, super().get_queryset(request))

    @admin.display(description=gettext_lazy("Language"))
    def language_name(self, row: Mail) -> str:
        return NAMES[row.language]

    @admin.display(description=gettext_lazy("Subject"))
    def subject(self, row: Mail) -> str:
        try:
            return mail.subject(row) or _("(forgotten after 90 days)")
        except TemplateDoesNotExist:  # an older release sent it
            return row.template

    @admin.display(description=gettext_lazy("State"), ordering="status")
    def status_words(self, row: Mail) -> str:
        return format_html('<span class="state {}">{}</span>', SHAPES[row.status], row.get_status_display())

    @admin.action(description=gettext_lazy("Send again"), permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        count = sum(mail.send_again(pk) for pk in queryset.values_list("pk", flat=True))
        if count:
            sentence = ngettext("%(count)d mail is sent again.", "%(count)d mails are sent again.", count)
            self.message_user(request, sentence % {"count": count})
        else:
            sentence = _("Only mails that could not be sent can be sent again; none was chosen.")
            self.message_user(request, sentence, "warning")

    @admin.action(description=gettext_lazy("Settled: no longer on the desk"), permissions=["resend"])
    def settle(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        count = mail.settle(queryset)
        sentence = ngettext("%(count)d mail is settled.", "%(count)d mails are settled.", count)
        self.message_user(request, sentence % {"count": count}, "success" if count else "warning")

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("sccon.resend_mail")
