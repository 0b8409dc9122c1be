"""The record in the admin: publications and withdrawals, read-only; and the list of pins."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news.admin import as_of, standing
from news.models import Pin, Publication, Withdrawal
from sccon import moments
from sccon.admin_lists import ReadOnlyAdmin
from sccon.clock import database_now
from sccon.html import sanitise


class RecordAdmin(ReadOnlyAdmin):
    """A list to read: the rows are written by publishing and withdrawing alone."""

    actions = None


@admin.register(Publication)
class PublicationAdmin(RecordAdmin):
    list_display = ("named", "language", "standing", "begins", "ends", "published_by")
    list_filter = ("language", "kind")
    search_fields = ("title", "path")
    ordering = ("-visible",)
    list_select_related = ("published_by",)
    fieldsets = (
        (None, {"classes": ["pair"], "fields": ["article_link", "address", "language", "kind", "begins", "ends"]}),
        (None, {"classes": ["pair"], "fields": ["first_published_at", "updated_at", "published_by", "recorded_at"]}),
        (gettext_lazy("Text"), {"fields": ["title", "lead", "text", "notice"]}),
        (gettext_lazy("Parts"), {"classes": ["pair"], "fields": ["image", "author", "topic_names"]}),
    )
    readonly_fields = ("article_link", "address", "begins", "ends", "text", "topic_names", "recorded_at")
    change_list_template = "admin/news/publication/change_list.html"
    change_form_template = "admin/news/publication/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        return [*as_of.urls(self.admin_site), *super().get_urls()]

    def get_fieldsets(self, request: HttpRequest, obj: Publication | None = None) -> Any:
        if obj and obj.redacted_at:
            fact = (_("Taken down"), {"fields": ["redacted_at", "redacted_by", "redaction_reason"]})
            return [*self.fieldsets[:2], fact]
        return self.fieldsets

    @admin.display(description=gettext_lazy("Title"), ordering="title")
    def named(self, row: Publication) -> str:
        return str(row)

    @admin.display(description=gettext_lazy("State"))
    def standing(self, row: Publication) -> str:
        now = database_now()
        if row.redacted_at:
            mark = standing.Mark("gone", _("taken down"))
        elif row.visible.lower > now:
            mark = standing.Mark("plan", _("planned"))
        elif row.visible.upper is None or row.visible.upper > now:
            mark = standing.Mark("notice" if row.notice else "live", _("public"))
        else:
            mark = standing.Mark("past", _("past"))
        return render_to_string("admin/news/marks.html", {"marks": [mark]})

    @admin.display(description=gettext_lazy("From"), ordering="visible")
    def begins(self, row: Publication) -> str:
        return moments.full(row.visible.lower)

    @admin.display(description=gettext_lazy("Until"))
    def ends(self, row: Publication) -> str:
        return moments.full(row.visible.upper) if row.visible.upper else "–"

    @admin.display(description=gettext_lazy("Article"))
    def article_link(self, row: Publication) -> str:
        url = reverse("admin:news_article_change", args=[row.article_id])
        return format_html('<a href="{}">{}</a>', url, row.article)

    @admin.display(description=gettext_lazy("Address"))
    def address(self, row: Publication) -> str:
        return row.url

    @admin.display(description=gettext_lazy("Text"))
    def text(self, row: Publication) -> str:
        return format_html('<div class="record-text" lang="{}">{}</div>', row.language, mark_safe(sanitise(row.body)))  # noqa: S308

    @admin.display(description=gettext_lazy("Topics"))
    def topic_names(self, row: Publication) -> str:
        return ", ".join(str(part.topic) for part in row.publication_topics.select_related("topic")) or "–"


@admin.register(Withdrawal)
class WithdrawalAdmin(RecordAdmin):
    list_display = ("article", "language", "at", "outcome", "reason", "by")
    list_filter = ("language", "outcome")
    search_fields = ("reason", "article__title_de", "article__title_en")
    list_select_related = ("article", "by")


@admin.register(Pin)
class PinAdmin(ReadOnlyAdmin):
    """The pinned articles in their order; each is pinned and changed on a page of its own article."""

    list_display = ("article_link", "position", "until")
    list_display_links = None
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pin]:
        return super().get_queryset(request).select_related("article")

    @admin.display(description=gettext_lazy("Article"))
    def article_link(self, pin: Pin) -> str:
        url = reverse("admin:news_article_change", args=[pin.article_id])
        return format_html('<a href="{}">{}</a>', url, pin.article)
