"""Redirects in the admin: one by one, or imported from a CSV file."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from news import redirects
from news.models import Publication, Redirect
from news.redirects import RedirectRefused
from sccon.admin.pages import own_page
from sccon.admin_lists import HouseAdmin
from sccon.spreadsheets import NoList, decoded

MAX_BYTES = 2 * 1024 * 1024  # size of an imported file


def _leads_to(redirect: Redirect) -> str:
    """The target as an editor would type it."""
    if not redirect.article_id:
        return redirect.url
    rows = Publication.objects.filter(article=redirect.article_id, language=redirect.language)
    text = rows.order_by("visible").last()
    return text.url if text else ""


class RedirectForm(forms.ModelForm):
    """Old and new address; `news.redirects` checks them."""

    old = forms.CharField(
        label=gettext_lazy("Old address"),
        max_length=500,
        help_text=gettext_lazy(
            "As it stood on the former site, such as /presse/2019/meldung.html; host, capitals and the order of parameters do not matter."
        ),
    )
    new = forms.CharField(
        label=gettext_lazy("Leads to"),
        max_length=500,
        help_text=gettext_lazy(
            "A page of this site or an address with https://. An article is followed wherever it moves."
        ),
    )

    class Meta:
        model = Redirect
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial.update(old=self.instance.old_path, new=_leads_to(self.instance))

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                old, _target = redirects.Rules.now(without=self.instance).check(cleaned["old"], cleaned["new"])
            except RedirectRefused as refused:
                raise ValidationError({refused.field: str(refused)}) from refused
            if Redirect.objects.filter(old_path=old).exclude(pk=self.instance.pk).exists():
                raise ValidationError({"old": _("This address is already redirected.")})
        return cleaned


class ImportForm(forms.Form):
    """A list of redirects, uploaded or pasted. The page shows an upload as text, to be confirmed."""

    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        required=False,
        widget=forms.FileInput({"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
    )
    text = forms.CharField(
        label=gettext_lazy("… or pasted here"),
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 10, "spellcheck": "false", "placeholder": "/presse/alt.html;/de/news/neu/"}),
    )

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned  # what was pasted is refused already; without it there seems to be no list
        try:
            if upload := cleaned.get("file"):
                if upload.size > MAX_BYTES:
                    raise NoList(_("The file is larger than 2 MB; please divide it."))
                cleaned["text"] = decoded(upload.read())
            if not (cleaned.get("text") or "").strip():
                raise NoList(_("Choose a file, or paste the list."))
            cleaned["pairs"] = redirects.read_list(cleaned["text"])
        except (NoList, RedirectRefused) as refused:
            raise ValidationError({"file": str(refused)}) from refused
        return cleaned


@admin.register(Redirect)
class RedirectAdmin(HouseAdmin):
    form = RedirectForm
    list_display = ("old_path", "leads_to", "created_at", "created_by")
    search_fields = ("old_path", "url", "article__title_de", "article__title_en")
    list_select_related = ("article", "created_by")
    list_per_page = 50
    change_list_template = "admin/news/redirect/change_list.html"

    def get_fields(self, request: HttpRequest, obj: Redirect | None = None) -> Any:
        """The form's own; who may only look at it sees the row."""
        return ("old", "new") if self.has_change_permission(request, obj) or obj is None else self.list_display

    @admin.display(description=gettext_lazy("Leads to"))
    def leads_to(self, redirect: Redirect) -> str:
        if not redirect.article_id:
            return redirect.url
        url = reverse("admin:news_article_change", args=[redirect.article_id])
        return format_html('<a href="{}">{}</a> ({})', url, redirect.article, redirect.get_language_display())

    def save_model(self, request: HttpRequest, obj: Redirect, form: Any, change: bool) -> None:
        redirects.save(obj, form.cleaned_data["old"], form.cleaned_data["new"], by=request.user)  # type: ignore[arg-type]

    def get_urls(self) -> list[URLPattern]:
        own = path("import/", self.admin_site.admin_view(self.import_page), name="news_redirect_import")
        return [own, *super().get_urls()]

    def import_page(self, request: HttpRequest) -> HttpResponse:
        """Shows line by line what the import would do; a second click imports."""
        if not self.has_add_permission(request) or not self.has_change_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None, label_suffix="")
        lines = None
        if request.method == "POST" and form.is_valid():
            pairs = form.cleaned_data["pairs"]
            if "_confirm" in request.POST:
                return self._imported(request, redirects.take_list(pairs, by=request.user))  # type: ignore[arg-type]
            lines = redirects.judge(pairs)
        context = {
            "form": form,
            "lines": lines,
            "counts": _counts(lines or []),
            "text": form.cleaned_data["text"] if lines is not None else "",
        }
        return own_page(request, "admin/news/redirect/import.html", Redirect, _("Import redirects"), context)

    def _imported(self, request: HttpRequest, lines: list[redirects.Line]) -> HttpResponse:
        taken = sum(line.outcome in {"new", "changed"} for line in lines)
        sentence = ngettext("%(count)d redirect was imported.", "%(count)d redirects were imported.", taken)
        # None is no success: it stood in green where a list had been read wrongly.
        messages.add_message(request, messages.SUCCESS if taken else messages.WARNING, sentence % {"count": taken})
        return HttpResponseRedirect(reverse("admin:news_redirect_changelist"))


def _counts(lines: list[redirects.Line]) -> dict[str, int]:
    outcomes = [line.outcome for line in lines]
    counts = {outcome: outcomes.count(outcome) for outcome in ("new", "changed", "same", "refused")}
    return counts | {"taken": counts["new"] + counts["changed"]}
