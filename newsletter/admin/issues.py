"""Issues in the admin: written beside a preview, tried by test mail, corrected and taken down once they are sent.

Who sends them, when and how it goes is `newsletter.admin.runs`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.csp import CSP
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET, require_POST

from news.admin.article import unsaved
from news.models import Image, Publication, Topic
from news.pictures.chooser import PictureWidget
from newsletter.admin import runs
from newsletter.issues import checks, composing, pictures, preview, redacting, trying
from newsletter.issues.archive import path_of
from newsletter.issues.forms import (
    ArticleSelect,
    CorrectionForm,
    IssueForm,
    ItemForm,
    ItemFormSet,
    MailTextField,
    RedactForm,
    TestForm,
)
from newsletter.models import Correction, Edition, Issue, IssueItem
from sccon.admin.pages import own_page
from sccon.admin_lists import HouseAdmin, HouseFields
from sccon.fields import with_empty_words
from sccon.models import User
from sccon.translated import LANGUAGES, NAMES

TEXTS = ("subject", "preheader", "intro")
ITEM_TEXTS = ("heading", "text", "alt", "button_label", "button_url")
EMPTY = 4  # items that can be added before the next save

# A mail's styles are inline, so its frame alone allows them, and nothing else.
FRAME = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF],
    "base-uri": [CSP.SELF],
    "frame-ancestors": [CSP.SELF],
}
framed = csp_override(FRAME)
framing = csp_override({**settings.SECURE_CSP, "frame-src": [CSP.SELF]})


class ItemInline(HouseFields, admin.StackedInline):
    media = forms.Media()
    model = IssueItem
    form = ItemForm
    formset = ItemFormSet
    extra = EMPTY
    fields = (
        *("position", "article"),
        *(f"{name}_{code}" for name in ("heading", "text") for code in LANGUAGES),
        *("with_picture", "image"),
        *(f"{name}_{code}" for name in ("alt", "button_label", "button_url") for code in LANGUAGES),
    )

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest | None, **options: Any) -> Any:
        base, _underscore, language = db_field.name.rpartition("_")
        if base == "text":
            return MailTextField(language=language)
        if db_field.name == "image":
            return db_field.formfield(widget=PictureWidget)
        if db_field.name == "article":
            return with_empty_words(db_field.formfield(widget=ArticleSelect), gettext_lazy("none: a block of its own"))
        if db_field.name == "position":
            return db_field.formfield(widget=forms.NumberInput(attrs={"min": 1}))
        return super().formfield_for_dbfield(db_field, request, **options)

    # Whoever writes the issue writes its items.
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("newsletter.view_issue")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("newsletter.add_issue") or request.user.has_perm("newsletter.change_issue")

    has_change_permission = has_delete_permission = has_add_permission


@admin.register(Issue)
class IssueAdmin(HouseAdmin):
    form = IssueForm
    inlines = (ItemInline,)
    media = forms.Media()
    change_form_template = "admin/newsletter/issue/change_form.html"
    list_display = ("name", "status", "in_languages", "begin_at", "saved_at")
    list_filter = ("status",)
    search_fields = ("subject_de", "subject_en")
    ordering = ("-created_at", "-pk")
    list_per_page = 50
    empty_words = {"only": gettext_lazy("both languages")}
    fields = (
        *(f"{name}_{code}" for name in TEXTS for code in LANGUAGES),
        *("only", "commercial", "in_archive", "to_all", "topics", "send_at", "window_from", "window_until"),
    )

    @admin.display(description=gettext_lazy("issue"), ordering="pk")
    def name(self, issue: Issue) -> str:
        return str(issue)

    @admin.display(description=gettext_lazy("languages"))
    def in_languages(self, issue: Issue) -> str:
        return ", ".join(str(NAMES[code]) for code in issue.languages)

    # --- The form ---

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest | None, **options: Any) -> Any:
        base, _underscore, language = db_field.name.rpartition("_")
        if base == "intro":
            return MailTextField(language=language)
        if db_field.name == "topics":
            return db_field.formfield(widget=forms.CheckboxSelectMultiple)
        if db_field.name == "send_at":
            shown = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
            return db_field.formfield(widget=shown, help_text=_("Empty: at once."))
        if db_field.name in {"window_from", "window_until"}:
            return db_field.formfield(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
        return super().formfield_for_dbfield(db_field, request, **options)

    def has_change_permission(self, request: HttpRequest, obj: Issue | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.status == Issue.Status.DRAFT)

    def has_delete_permission(self, request: HttpRequest, obj: Issue | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.status == Issue.Status.DRAFT)

    def delete_model(self, request: HttpRequest, obj: Issue) -> None:
        number = obj.pk
        super().delete_model(request, obj)
        transaction.on_commit(lambda: pictures.remove_folder(number), robust=True)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Issue]) -> None:
        for issue in queryset.filter(status=Issue.Status.DRAFT):
            self.delete_model(request, issue)

    @method_decorator(framing)
    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        if sentence := unsaved.restored_sentence(request):
            messages.info(request, sentence)
        issue = self.get_object(request, unquote(object_id)) if object_id is not None else None
        if issue and not self.has_change_permission(request, issue):
            return self.read_page(request, issue)
        with transaction.atomic():
            if issue and request.method == "POST":
                # Whoever saves in the same instant waits, and is told.
                Issue.objects.select_for_update().filter(pk=issue.pk).first()
            return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        form = context["adminform"].form
        formset = context["inline_admin_formsets"][0].formset
        issue, items = form.instance, list(formset.items() if formset.is_bound else formset.get_queryset())
        fields = {name: form[name] for name in form.fields}
        context |= {
            "fields": fields,
            "languages": [
                {"code": code, "name": NAMES[code], "fields": [fields[f"{name}_{code}"] for name in TEXTS]}
                for code in LANGUAGES
            ],
            "items": formset,
            "rows": [_row(each) for each in formset.forms],
            "typed_is_unsaved": form.is_bound,
            "modes": preview.MODES.items(),
            **_standing(issue, items, topics=form.cleaned_data.get("topics") if form.is_bound else None),
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_model(self, request: HttpRequest, obj: Issue, form: IssueForm, change: bool) -> None:
        """Saves nothing: `save_related` saves issue and items at once."""

    def save_related(self, request: HttpRequest, form: IssueForm, formsets: list[Any], change: bool) -> None:
        items: ItemFormSet = formsets[0]
        items.save(commit=False)
        issue, by = form.instance, _staff(request)
        composing.save(
            issue, items.items(), removed=items.deleted_objects, version=form.cleaned_data["seen_version"] or 0, by=by
        )
        form.save_m2m()
        if "_fill" in request.POST:
            added = composing.fill(issue, by=by)
            messages.info(request, ngettext("%d article was added.", "%d articles were added.", added) % added)
        window = request.POST.get("window", "")
        known = f"saved-issue{issue.pk if change else 'new'}-{window}" if unsaved.WINDOW.fullmatch(window) else ""
        messages.success(request, _("Saved."), extra_tags=known)

    def response_add(self, request: HttpRequest, obj: Issue, post_url_continue: str | None = None) -> HttpResponse:
        return self._onwards(request, obj)

    def response_change(self, request: HttpRequest, obj: Issue) -> HttpResponse:
        return self._onwards(request, obj)

    def _onwards(self, request: HttpRequest, issue: Issue) -> HttpResponse:
        name = next((name for name in ("test", "send") if f"_{name}" in request.POST), "change")
        return HttpResponseRedirect(reverse(f"admin:newsletter_issue_{name}", args=[issue.pk]))

    # --- What the form is asked while someone writes ---

    def _typed(self, request: HttpRequest, issue: Issue | None) -> tuple[Any, ItemFormSet]:
        """Form and items as they were posted, valid or not. Stores nothing."""
        form = self.get_form(request, issue, change=bool(issue))(request.POST, instance=issue or Issue())
        form.only_looked_at = True  # type: ignore[attr-defined]
        form.is_valid()
        formsets, _inlines = cast(Any, self)._create_formsets(request, form.instance, change=bool(issue))
        formsets[0].is_valid()
        return form, formsets[0]

    def _asked(self, request: HttpRequest, pk: int | None) -> Issue | None:
        issue = get_object_or_404(Issue, pk=pk) if pk is not None else None
        if not (self.has_change_permission(request, issue) if issue else self.has_add_permission(request)):
            raise PermissionDenied
        return issue

    def preview_page(self, request: HttpRequest, language: str, mode: str, pk: int | None = None) -> HttpResponse:
        """The mail as it would leave with what is in the form."""
        issue = self._asked(request, pk)
        if language not in LANGUAGES or mode not in preview.MODES:
            raise Http404
        form, formset = self._typed(request, issue)
        return HttpResponse(preview.shown(form.instance, formset.items(), language, mode))

    def checks_page(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Size, checks and what is left out, of what is in the form."""
        form, formset = self._typed(request, self._asked(request, pk))
        topics = form.cleaned_data.get("topics")
        prefixes = [str(each.prefix) for each in formset.in_order()]
        context = _standing(form.instance, formset.items(), topics=topics, prefixes=prefixes)
        return render(request, "admin/newsletter/issue/checks.html", context)

    def unsaved_page(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """The offer to take over what the browser kept; 204 if it does not differ from what is stored."""
        form, formset = self._typed(request, self._asked(request, pk))
        changed = [name for name in form.changed_data if name != "seen_version"]
        if not changed and not formset.has_changed():
            return HttpResponse(status=204)
        names = [str(form.fields[name].label) for name in changed]
        context = {"names": dict.fromkeys(names), "items": formset.has_changed(), "kept_at": unsaved.kept_at(request)}
        return render(request, "admin/newsletter/issue/unsaved.html", context)

    def picture(self, request: HttpRequest, pk: int, crop: str) -> HttpResponse:
        """A picture as the mail will show it, before there is a file of it."""
        image = get_object_or_404(Image, pk=pk)
        public = Publication.objects.filter(image=image, visible__contains=Now())
        seen = request.user.has_perm(Image.VIEW) or IssueItem.objects.filter(image=image).exists() or public.exists()
        if not (self.has_view_permission(request) and seen) or crop not in {"card", "full"}:
            raise PermissionDenied
        content, kind = pictures.drawn(pictures.picture(image, "", issue_id=None, card=crop == "card"))
        return HttpResponse(content, content_type=kind, headers={"Cache-Control": "private, max-age=3600"})

    # --- Pages of an issue ---

    def read_page(self, request: HttpRequest, issue: Issue) -> HttpResponse:
        """An issue that is no draft any more, or that one may only read."""
        if not self.has_view_permission(request, issue):
            raise PermissionDenied
        editions = [
            {"edition": each, "name": NAMES[each.language], "url": path_of(each) if each.archived else ""}
            for each in issue.editions.prefetch_related("corrections")
        ]
        context = {"editions": editions, **runs.standing(request, issue)}
        if issue.started_at:
            context["figures"] = runs.figures_of(issue, context["progress"])
        return own_page(request, "admin/newsletter/issue/read.html", Issue, str(issue), context)

    def next_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Makes the next one from this."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        made = composing.next_from(get_object_or_404(Issue, pk=pk), by=_staff(request))
        messages.success(request, _("This is the next issue, made from the one before. Its articles were left there."))
        return HttpResponseRedirect(reverse("admin:newsletter_issue_change", args=[made.pk]))

    def test_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks to whom a test mail shall go."""
        issue = get_object_or_404(Issue, pk=pk)
        if not self.has_change_permission(request, issue):
            raise PermissionDenied
        form = TestForm(request.POST or None, initial={"addresses": _staff(request).email})
        if request.method == "POST" and form.is_valid():
            trying.queue(issue, form.cleaned_data["addresses"])
            messages.success(request, _("The test mails are on their way."))
            return HttpResponseRedirect(reverse("admin:newsletter_issue_change", args=[pk]))
        context = {"issue": issue, "form": form, "relay": settings.NEWSLETTER_SMTP_URL}
        return own_page(request, "admin/newsletter/issue/test.html", Issue, _("Send a test mail"), context)

    def edition_html(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The mail's own HTML, for a sandboxed frame."""
        if not request.user.has_perm("newsletter.view_edition"):
            raise PermissionDenied
        return HttpResponse(preview.sent(get_object_or_404(Edition, pk=pk, redacted_at=None)))

    def correct_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks what was wrong; the archive says so."""
        if not request.user.has_perm("newsletter.add_correction"):
            raise PermissionDenied
        edition = get_object_or_404(Edition, pk=pk, redacted_at=None)
        form = CorrectionForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            Correction.objects.create(edition=edition, text=form.cleaned_data["text"], by=_staff(request))
            messages.success(request, _("The correction stands in the archive."))
            return HttpResponseRedirect(reverse("admin:newsletter_issue_change", args=[edition.issue_id]))
        context = {"edition": edition, "form": form, "language": NAMES[edition.language]}
        return own_page(request, "admin/newsletter/issue/correct.html", Issue, _("Correct what was sent"), context)

    def redact_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks why, then empties what was sent."""
        if not request.user.has_perm("newsletter.redact_edition"):
            raise PermissionDenied
        edition = get_object_or_404(Edition, pk=pk, redacted_at=None)
        form = RedactForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            reason = form.cleaned_data["reason"]
            redacting.redact(edition, by=_staff(request), reason=reason)
            LogEntry.objects.create(
                user=_staff(request),
                content_type=ContentType.objects.get_for_model(Issue),
                object_id=str(edition.issue_id),
                object_repr=f"{edition.issue_id}/{edition.language}",
                action_flag=CHANGE,
                change_message=_("Taken down: %(reason)s") % {"reason": reason},
            )
            messages.success(request, _("It is taken down: archive, feed and pictures."))
            return HttpResponseRedirect(reverse("admin:newsletter_issue_change", args=[edition.issue_id]))
        context = {"edition": edition, "form": form, "language": NAMES[edition.language]}
        return own_page(request, "admin/newsletter/issue/redact.html", Issue, _("Take down what was sent?"), context)

    # --- Addresses ---

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        frame = never_cache(xframe_options_sameorigin(framed(require_POST(self.preview_page))))

        def named(route: str, page: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(route, view(page), name=f"newsletter_issue_{name}")

        return [
            named("add/preview/<str:language>/<str:mode>/", frame, "add_preview"),
            named("<int:pk>/preview/<str:language>/<str:mode>/", frame, "preview"),
            named("add/checks/", require_POST(self.checks_page), "add_checks"),
            named("<int:pk>/checks/", require_POST(self.checks_page), "checks"),
            named("add/unsaved/", require_POST(self.unsaved_page), "add_unsaved"),
            named("<int:pk>/unsaved/", require_POST(self.unsaved_page), "unsaved"),
            named("picture/<int:pk>/<str:crop>/", require_GET(self.picture), "picture"),
            named("<int:pk>/next/", require_POST(self.next_page), "next"),
            named("<int:pk>/test/", self.test_page, "test"),
            named(
                "edition/<int:pk>/html/",
                never_cache(xframe_options_sameorigin(framed(require_GET(self.edition_html)))),
                "edition",
            ),
            named("edition/<int:pk>/correct/", self.correct_page, "correct"),
            named("edition/<int:pk>/redact/", self.redact_page, "redact"),
            *runs.addresses(view),
            *super().get_urls(),
        ]


def _row(form: ItemForm) -> dict[str, Any]:
    """What the template shows of an item."""
    new = not form.instance.pk
    return {
        "form": form,
        "new": new,
        "unused": new and not (form.is_bound and form.has_changed()),
        "is_article": bool(form.instance.article_id) if not form.is_bound else bool(form["article"].value()),
        "name": str(form.instance) if not new else "",
        "languages": [
            {"code": code, "name": NAMES[code], "fields": [form[f"{name}_{code}"] for name in ITEM_TEXTS]}
            for code in LANGUAGES
        ],
    }


def _standing(
    issue: Issue, items: Sequence[IssueItem], *, topics: Iterable[Topic] | None, prefixes: Sequence[str] = ()
) -> dict[str, Any]:
    """`topics`: those in the form, where they are not stored yet."""
    chosen = None if topics is None else [topic.pk for topic in topics]
    found = checks.findings(issue, items, topics=None if chosen is None else bool(chosen), prefixes=prefixes)
    sizes = [{"language": NAMES[code], "size": checks.size(issue, items, code)} for code in issue.languages]
    stops = sum(each.stops for each in found)
    return {"findings": found, "sizes": sizes, "stops": stops, "recipients": runs.audience_of(issue, chosen)}


def _staff(request: HttpRequest) -> User:
    return cast(User, request.user)  # the admin's views require a login
