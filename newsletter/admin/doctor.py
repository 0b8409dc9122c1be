"""The mail doctor's page: what each check found, what to put into the DNS, and a button that has it look again."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from newsletter.doctor import keeping, looking, telling
from newsletter.models import MailFinding
from sccon.admin.pages import own_page
from sccon.admin_lists import ReadOnlyAdmin

Verdict = MailFinding.Verdict

# As a state looks everywhere in the admin: a shape, a word and a colour.
MARKS = {Verdict.GOOD: "done", Verdict.HINT: "notice", Verdict.RED: "failed", Verdict.UNKNOWN: "none"}
LONG = 255  # characters of one string in the DNS


@admin.register(MailFinding)
class MailFindingAdmin(ReadOnlyAdmin):
    """One page in the place of a list; there is nothing to open, add or change."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(require_GET(self.page)), name="newsletter_mailfinding_changelist"),
            path("look/", view(require_POST(self.look)), name="newsletter_mailfinding_look"),
            path("progress/", view(never_cache(require_GET(self.progress))), name="newsletter_mailfinding_progress"),
        ]

    def page(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            "relay": looking.setup().relay,
            "rows": [_shown(row) for row in keeping.current()],
            "asked": keeping.is_asked(),
        }
        return own_page(request, "admin/newsletter/doctor/page.html", MailFinding, _("Mail doctor"), context)

    def look(self, request: HttpRequest) -> HttpResponse:
        """Has the worker look; the page says so until it has."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        keeping.ask()
        return HttpResponseRedirect(reverse("admin:newsletter_mailfinding_changelist"))

    def progress(self, request: HttpRequest) -> HttpResponse:
        """Whether it still looks, for the script that keeps the page true."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        response = render(request, "admin/newsletter/doctor/progress.html")
        response["X-Status"] = "asked" if keeping.is_asked() else "done"
        return response


def _shown(row: MailFinding) -> dict[str, Any]:
    return {
        "row": row,
        "mark": MARKS[Verdict(row.verdict)],
        "sentence": telling.sentence(row),
        "words": row.words.get("words", ""),
        "record": row.words.get("record", ""),
        "long": any(len(record["value"]) > LONG for record in row.publish),
    }
