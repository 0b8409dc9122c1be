"""People, groups and jobs in the admin."""

import json
from datetime import datetime
from typing import Any

import procrastinate.contrib.django.admin  # noqa: F401 – registers what is taken away below
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext
from procrastinate.contrib.django.models import ProcrastinateJob

from sccon import admin_mails  # noqa: F401 – registers itself
from sccon.jobs import retry, waiting
from sccon.models import Job, JobError, User

# New in Django 6.1, and not yet in its German: ours is found first.
NOT_YET_GERMAN = (
    gettext_noop("Run"),
    gettext_noop("- Select an option -"),
    gettext_noop("Reset password"),
    gettext_noop("Set password"),
    gettext_noop("Filter by %(field_name)s"),
    gettext_noop("Raw passwords are not stored, so there is no way to see the user’s password."),
)

# Procrastinate brings an admin of its own, which shows jobs as the machine sees them; ours is below.
admin.site.unregister(ProcrastinateJob)
admin.site.unregister(Group)


class AccountForm(forms.ModelForm):
    """What everyone may choose for themselves."""

    class Meta:
        model = User
        fields = ("first_name", "last_name", "email", "language", "mail_on_review")

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **{"label_suffix": "", **options})
        browser = ("", _("as the browser asks for"))
        self.fields["language"] = forms.ChoiceField(
            label=self.fields["language"].label,
            choices=[browser, *settings.LANGUAGES],
            widget=forms.RadioSelect,
            required=False,
        )


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    list_display = ("username", "name", "email", "language", "group_names", "is_active")
    list_filter = ("groups", "is_superuser", "is_active")
    show_facets = admin.ShowFacets.NEVER
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (
            gettext_lazy("Person"),
            {"classes": ["pair"], "fields": ("first_name", "last_name", "email", "language", "mail_on_review")},
        ),
        (
            gettext_lazy("Rights"),
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        (gettext_lazy("Dates"), {"classes": ["pair"], "fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=gettext_lazy("Name"), ordering="last_name")
    def name(self, user: User) -> str:
        return user.get_full_name() or "–"

    @admin.display(description=gettext_lazy("Groups"))
    def group_names(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all()) or "–"

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "groups":
            options["widget"] = forms.CheckboxSelectMultiple
        field = super().formfield_for_manytomany(db_field, request, **options)
        if field:
            field.help_text = "" if db_field.name == "groups" else field.help_text
        return field

    def get_urls(self) -> list[URLPattern]:
        own = path("me/", self.admin_site.admin_view(self.account), name="sccon_user_account")
        return [own, *super().get_urls()]

    def account(self, request: HttpRequest) -> HttpResponse:
        """One's own name, address, language and mails."""
        user = get_object_or_404(User, pk=request.user.pk)
        form = AccountForm(request.POST if request.method == "POST" else None, instance=user)
        if form.is_valid():
            form.save()
            with translation.override(user.language or translation.get_language_from_request(request)):
                self.message_user(request, _("Your settings are saved."))
            return HttpResponseRedirect(reverse("admin:sccon_user_account"))
        context = {**self.admin_site.each_context(request), "form": form, "title": _("My account"), "opts": self.opts}
        return TemplateResponse(request, "admin/sccon/user/account.html", context)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin):
    """Groups as Django has them; `editor` and `publisher` come with the site."""


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


class StatusFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("state"), "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list:
        return [(key, words) for key, (_shape, words) in STATUS.items() if key != "aborting"]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(status=self.value()) if self.value() else queryset


class LaneFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("lane"), "lane"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list:
        return [(lane, name) for lane, (name, _what) in LANES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(queue_name=self.value()) if self.value() else queryset


class TaskFilter(admin.SimpleListFilter):
    title, parameter_name = gettext_lazy("task"), "task"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list:
        names = Job.objects.order_by("task_name").values_list("task_name", flat=True).distinct()
        return [(name, name) for name in names]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(task_name=self.value()) if self.value() else queryset


@admin.register(Job)
class JobAdmin(admin.ModelAdmin):
    """What the worker has done, does and will do; a failed job can be run again."""

    list_display = ("task", "status_words", "error", "tries", "when")
    list_filter = (StatusFilter, LaneFilter, TaskFilter)
    ordering = ("-id",)
    actions = ("run_again",)
    show_facets = admin.ShowFacets.NEVER
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

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Job | None = None) -> bool:
        return False
