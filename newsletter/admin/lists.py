"""Lists in the admin: bringing one in, with what becomes of each row, and taking a segment out."""

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.formats import number_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext
from django.utils.translation import gettext as _

from news.models import Topic
from newsletter.lists import exporting, importing, meaning
from newsletter.models import Import, ImportRow, Subscriber
from sccon import spreadsheets
from sccon.admin.pages import own_page
from sccon.admin_lists import ReadOnlyAdmin
from sccon.models import User
from sccon.spreadsheets import NoList
from sccon.translated import CHOICES

SHOWN = 100  # rows on the page; the file has all
UNDER_WAY = {Import.State.READING, Import.State.RUNNING, Import.State.UNDOING}
# As a list shows what happens, what does not, and what went wrong.
MARKS = {
    "new": "live",
    "topics": "changed",
    "same": "none",
    "double": "none",
    "waiting": "review",
    "refused": "failed",
    "undone": "past",
    "kept": "notice",
}


# --- In ----------------------------------------------------------------------------------------


class UploadForm(forms.Form):
    """A list of people, uploaded or pasted."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        required=False,
        widget=forms.FileInput({"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
    )
    text = forms.CharField(
        label=gettext_lazy("… or pasted here"),
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 8, "spellcheck": "false"}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the rows that name none"), choices=CHOICES, widget=forms.RadioSelect
    )

    def taken(self, by: User) -> Import | None:
        """The list, kept to be checked; None if it is none, and then the form says why."""
        upload, text = self.cleaned_data.get("file"), self.cleaned_data.get("text") or ""
        try:
            if upload and upload.size > importing.MOST_BYTES:
                raise NoList(_("The file is larger than 40 MB; please divide it."))
            if not upload and not text.strip():
                raise NoList(_("Choose a file, or paste the list."))
            data = upload.read() if upload else text.encode()
            name = upload.name if upload else ""
            return importing.upload(data, name=name, language=self.cleaned_data["language"], by=by)
        except NoList as refused:
            self.add_error("file", ValidationError(str(refused)))
            return None


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    list_display = ("named", "standing", "rows", "by", "created_at")
    list_select_related = ("by",)
    list_per_page = 50
    actions = None
    change_list_template = "admin/newsletter/import/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Import]:
        return super().get_queryset(request).defer("upload")

    @admin.display(description=gettext_lazy("list"), ordering="name")
    def named(self, of: Import) -> str:
        return str(of)

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def standing(self, of: Import) -> str:
        return of.get_state_display()

    @admin.display(description=gettext_lazy("rows"))
    def rows(self, of: Import) -> str:
        """How many there are. What became of them says the import's page, which is wide enough for it on a phone, too."""
        return str(sum(of.counts.values()) or "–")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("upload/", view(self.upload_page), name="newsletter_import_upload"),
            path("<int:pk>/progress/", view(self.progress_page), name="newsletter_import_progress"),
            path("<int:pk>/rows/", view(self.rows_file), name="newsletter_import_rows"),
            *super().get_urls(),
        ]

    def upload_page(self, request: HttpRequest) -> HttpResponse:
        """Takes a list. Nothing is imported before somebody has seen what would become of each row."""
        if not request.user.has_perm("newsletter.add_import"):
            raise PermissionDenied
        form = UploadForm(
            request.POST or None, request.FILES or None, initial={"language": get_language()}, label_suffix=""
        )
        if request.method == "POST" and form.is_valid() and (of := form.taken(_staff(request))):
            return HttpResponseRedirect(_page_of(of))
        context = {"form": form, "topics": Topic.objects.order_by("name_de")}
        return own_page(request, "admin/newsletter/import/upload.html", Import, _("Import a list"), context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What becomes of each row, how far it is, and the buttons that import it, undo it or throw it away."""
        of = self.get_object(request, object_id)
        if of is None:
            raise Http404
        if not self.has_view_permission(request, of):
            raise PermissionDenied
        if request.method == "POST":
            return self._act(request, of)
        fate = request.GET.get("fate", "")
        fate = fate if fate in ImportRow.Fate.values else ""
        rows = of.rows.filter(fate=fate) if fate else of.rows.all()
        context = {
            "of": of,
            "under_way": of.state in UNDER_WAY,
            "counts": _counted(of),
            "fate": fate,
            "rows": [_shown(row) for row in rows.order_by("number")[:SHOWN]] if of.state not in UNDER_WAY else [],
            "most": SHOWN,
            "brought": sum(of.counts.get(fate, 0) for fate in importing.BROUGHT),
            "may": request.user.has_perm("newsletter.add_import"),
            "undoable": importing.undoable(of),
            **_progress(of),
        }
        return own_page(request, "admin/newsletter/import/page.html", Import, str(of), context)

    def _act(self, request: HttpRequest, of: Import) -> HttpResponse:
        if not request.user.has_perm("newsletter.add_import"):
            raise PermissionDenied
        if "discard" in request.POST and importing.discard(of):
            messages.success(request, _("The list was thrown away. Nothing was imported."))
            return HttpResponseRedirect(reverse("admin:newsletter_import_changelist"))
        if "import" in request.POST and importing.begin(of):
            _log(request, Import, str(of.pk), str(of), _("imported"))
        if "undo" in request.POST and importing.undo(of):
            _log(request, Import, str(of.pk), str(of), _("undone"))
        return HttpResponseRedirect(_page_of(of))

    def progress_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How far it is, for the script that keeps the page true."""
        of = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_permission(request, of):
            raise PermissionDenied
        under_way = of.state in UNDER_WAY
        template = "admin/newsletter/import/progress.html"
        response = render(request, template, {"of": of, **_progress(of)}) if under_way else HttpResponse()
        response["X-Status"] = of.state
        return response

    def rows_file(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """All rows with their fate, as a list for spreadsheet programs."""
        of = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_permission(request, of):
            raise PermissionDenied
        return _download(spreadsheets.written(_all_rows(of)), f"import-{of.pk}.csv")


def _page_of(of: Import) -> str:
    return reverse("admin:newsletter_import_change", args=[of.pk])


def _counted(of: Import) -> list[tuple[str, str, int]]:
    """Rows by fate, in the order of the fates, with their words."""
    return [(fate, str(words), of.counts[fate]) for fate, words in ImportRow.Fate.choices if of.counts.get(fate)]


def _progress(of: Import) -> dict[str, Any]:
    if of.state not in UNDER_WAY:
        return {}
    done, todo = importing.progress(of)
    return {"done": done, "todo": todo}


def _shown(row: ImportRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "typed": row.typed,
        "fate": row.get_fate_display(),
        "mark": MARKS.get(row.fate, "gone"),
        "why": meaning.sentence(row.problem, row.about),
        "source": row.source,
        "consented_at": row.consented_at,
    }


def _all_rows(of: Import) -> Iterator[list[str]]:
    yield [
        pgettext("column", "Line"),
        pgettext("column", "E-mail address"),
        pgettext("column", "Fate"),
        pgettext("column", "Why"),
        pgettext("column", "Source of the consent"),
        pgettext("column", "Date of the consent"),
    ]
    for row in of.rows.order_by("number").iterator(chunk_size=2000):
        when = f"{localtime(row.consented_at):%Y-%m-%d %H:%M:%S}" if row.consented_at else ""
        why = meaning.sentence(row.problem, row.about)
        yield [str(row.number), row.typed, str(row.get_fate_display()), why, row.source, when]


# --- Out ---------------------------------------------------------------------------------------


def export_page(request: HttpRequest, chosen: QuerySet[Subscriber]) -> HttpResponseBase:
    """Says how many it is about; sends them as a list, and writes that into the log."""
    segment, count = _segment(request), chosen.count()
    sentence = ngettext("%(count)s subscriber", "%(count)s subscribers", count) % {
        "count": number_format(count, force_grouping=True)
    }
    if request.method == "POST":
        _log(request, Subscriber, "-", _("export of subscribers"), f"{sentence}: {'; '.join(segment)}")
        return _download(exporting.lines(chosen), "newsletter.csv")
    context = {"count": count, "sentence": sentence, "segment": segment}
    return own_page(request, "admin/newsletter/subscriber/export.html", Subscriber, _("Export subscribers"), context)


def _segment(request: HttpRequest) -> list[str]:
    """Which subscribers the list shows, in words. Not what was searched for: it may be an address."""
    words = []
    given = request.GET
    for name, named, choices in (
        ("status", _("status"), Subscriber.Status.choices),
        ("language", _("language"), CHOICES),
    ):
        for value in given.getlist(f"{name}__exact"):
            words.append(f"{named}: {dict(choices).get(value, '–')}")
    topics = [pk for pk in given.getlist("topics__id__exact") if pk.isdecimal()]
    words += [f"{_('topic')}: {topic}" for topic in Topic.objects.filter(pk__in=topics)]
    if given.get("topics__isnull") in {"1", "True"}:
        words.append(f"{_('topic')}: {_('all')}")
    if given.get("q"):
        words.append(_("found by a search"))
    return words or [_("all")]


def _download(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _staff(request: HttpRequest) -> User:
    return cast(User, request.user)  # the admin's views require a login


def _log(request: HttpRequest, model: type, number: str, name: str, words: str) -> None:
    LogEntry.objects.create(
        user=_staff(request),
        content_type=ContentType.objects.get_for_model(model),
        object_id=number,
        object_repr=name[:200],
        action_flag=CHANGE,
        change_message=words,
    )
