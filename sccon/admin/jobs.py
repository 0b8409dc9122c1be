"""The worker's jobs in the admin."""

import json
from datetime import datetime
from typing import Any

import procrastinate.contrib.django.admin  # noqa: F401 – registers what is taken away below
from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from procrastinate.contrib.django.models import ProcrastinateJob

from sccon.admin_lists import ChoiceFilter, ReadOnlyAdmin
from sccon.jobs import retry, waiting
from sccon.models import Job, JobError

# Procrastinate brings an admin of its own, which shows jobs as the machine sees them; ours is below.
admin.site.unregister(ProcrastinateJob)

STATUS = {
    "todo": ("plan", gettext_lazy("waiting")),
    "doing": ("review", gettext_lazy("running")),
    "succeeded": ("done", gettext_lazy("done")),
    "failed": ("failed", gettext_lazy("failed")),
    "cancelled": ("gone", gettext_lazy("cancelled")),
    "aborting": ("gone", gettext_lazy("being stopped")),
    "aborted": ("gone", gettext_lazy("stopped")),
}


# A lane's name, and what comes by it.
LANES = {
    "urgent": (gettext_lazy("urgent"), gettext_lazy("mails, orders that expire")),
    "normal": (gettext_lazy("normal"), gettext_lazy("reminders, upkeep")),
    "slow": (gettext_lazy("slow"), gettext_lazy("pictures, the night’s work")),
}


def waiting_time(since: datetime | None) -> str:
    """For how long a job has waited, to the minute."""
    if since is None:
        return "–"
    minutes = int((timezone.now() - since).total_seconds() // 60)
    if minutes < 1:
        return _("less than a minute")
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


class StatusFilter(ChoiceFilter):
    title, parameter_name = gettext_lazy("state"), "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list:
        return [(key, words) for key, (_shape, words) in STATUS.items() if key != "aborting"]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(status=self.value()) if self.value() else queryset


class LaneFilter(ChoiceFilter):
    title, parameter_name = gettext_lazy("lane"), "lane"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list:
        return [(lane, name) for lane, (name, _what) in LANES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(queue_name=self.value()) if self.value() else queryset


class TaskFilter(ChoiceFilter):
    title, parameter_name = gettext_lazy("task"), "task"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list:
        names = Job.objects.order_by("task_name").values_list("task_name", flat=True).distinct()
        return [(name, name) for name in names]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(task_name=self.value()) if self.value() else queryset


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """What the worker has done, does and will do; a failed job can be run again."""

    list_display = ("task", "status_words", "error", "tries", "when")
    list_filter = (StatusFilter, LaneFilter, TaskFilter)
    ordering = ("-id",)
    actions = ("run_again",)
    fields = ("task", "status_words", "arguments", "tries", "when", "errors")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        last = JobError.objects.filter(job_id=OuterRef("pk")).order_by("-attempt")
        return super().get_queryset(request).annotate(last_error=Subquery(last.values("error")[:1]))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        lanes = [
            {"name": name, "what": what, "jobs": lane.jobs, "oldest": waiting_time(lane.since)}
            for lane in waiting()
            for name, what in [LANES[lane.lane]]
        ]
        return super().changelist_view(request, {**(extra_context or {}), "lanes": lanes})

    @admin.display(description=gettext_lazy("Task"), ordering="task_name")
    def task(self, job: Job) -> str:
        arguments = ", ".join(f"{name} {value}" for name, value in job.args.items() if name != "timestamp")
        return f"{job.task_name} ({arguments})" if arguments else job.task_name

    @admin.display(description=gettext_lazy("State"), ordering="status")
    def status_words(self, job: Job) -> str:
        shape, words = STATUS[job.status]
        return format_html('<span class="state {}">{}</span>', shape, words)

    @admin.display(description=gettext_lazy("Last error"))
    def error(self, job: Any) -> str:
        return job.last_error or ""

    @admin.display(description=gettext_lazy("Attempts"), ordering="attempts")
    def tries(self, job: Job) -> int:
        return job.attempts

    @admin.display(description=gettext_lazy("Due"), ordering="scheduled_at")
    def when(self, job: Job) -> Any:
        return job.scheduled_at or "–"

    @admin.display(description=gettext_lazy("Arguments"))
    def arguments(self, job: Job) -> str:
        return format_html("<pre>{}</pre>", json.dumps(job.args, indent=2, ensure_ascii=False))

    @admin.display(description=gettext_lazy("Errors"))
    def errors(self, job: Job) -> str:
        errors = JobError.objects.filter(job_id=job.pk).order_by("-attempt")
        return render_to_string("admin/sccon/job/errors.html", {"errors": errors})

    @admin.action(description=gettext_lazy("Run again"), permissions=["retry"])
    def run_again(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        count = sum(retry(pk) for pk in queryset.values_list("pk", flat=True))
        if count:
            sentence = ngettext("%(count)d job runs again.", "%(count)d jobs run again.", count)
            self.message_user(request, sentence % {"count": count})
        else:
            self.message_user(request, _("Only failed jobs can be run again; none was chosen."), "warning")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("sccon.retry_job")
