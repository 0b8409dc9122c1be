"""Unsaved text that the browser kept: offers its differences from the stored text, and puts it back into the form."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from news.admin.article.presence import clock
from news.models import Article
from news.writing.forms import RESTORE, ArticleForm
from news.writing.merging import plain
from news.writing.merging_forms import merged_sentence
from news.writing.presence import WINDOW
from sccon.html import sanitise
from sccon.translated import LANGUAGES


@dataclass(frozen=True)
class Difference:
    """A field with its stored and its typed value."""

    name: str
    stored: str
    typed: str
    language: str
    rich: bool


def compare(model_admin: Any) -> Callable[..., HttpResponse]:
    """View: the offer to take over what the browser kept; 204 if it does not differ from what is stored."""

    @require_POST
    def view(request: HttpRequest, pk: int | None = None) -> HttpResponse:
        article = get_object_or_404(Article, pk=pk) if pk is not None else None
        allowed = model_admin.has_change_permission(request, article) if article else None
        if not (model_admin.has_add_permission(request) if article is None else allowed):
            raise PermissionDenied
        form = model_admin.get_form(request, article, change=bool(article))(request.POST, instance=article)
        form.is_valid()
        differences = list(_differences(form))
        files = _files_differ(model_admin, request, form)
        if not differences and not files:
            return HttpResponse(status=204)
        context = {"differences": differences, "files": files, "kept_at": kept_at(request)}
        return render(request, "admin/news/article/unsaved.html", context)

    return view


def _differences(form: ArticleForm) -> Iterator[Difference]:
    for name in form.changed_data:
        if name not in form.fields or name == "seen_version":
            continue
        if name in form.cleaned_data and plain(form.cleaned_data[name]) == plain(form.initial.get(name)):
            continue  # only line ends differ
        _base, _underscore, language = name.rpartition("_")
        rich = name.startswith("body_")
        yield Difference(
            name=form.name_of(name),
            stored=_shown(form, name, form.initial.get(name), rich=rich),
            typed=_shown(form, name, form.cleaned_data.get(name, form.data.get(form.add_prefix(name))), rich=rich),
            language=language if language in LANGUAGES else "",
            rich=rich,
        )


def _shown(form: ArticleForm, name: str, value: Any, *, rich: bool) -> str | SafeString:
    """The value of a field as text."""
    field: Any = form.fields[name]
    if rich:
        return mark_safe(sanitise(value or ""))  # noqa: S308 – sanitised
    if hasattr(field, "queryset") and value not in (None, ""):
        parts = [value] if isinstance(value, str | int) or hasattr(value, "pk") else list(value)
        keys = [getattr(part, "pk", part) for part in parts]
        rows = field.queryset.in_bulk(keys)
        return ", ".join(str(rows[key]) for key in keys if key in rows)
    if choices := dict(getattr(field, "choices", ())):
        return str(choices.get(value, value or ""))
    return str(value or "")


def _files_differ(model_admin: Any, request: HttpRequest, form: ArticleForm) -> bool:
    """Whether titles or removals of attachments differ (browsers do not keep chosen files)."""
    formsets, _inlines = model_admin._create_formsets(request, form.instance, change=bool(form.instance.pk))
    return any(formset.has_changed() for formset in formsets)


def kept_at(request: HttpRequest) -> str:
    """When it was typed, by the browser's clock; '' if the value is not valid."""
    text = request.POST.get("kept_at", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 14):
        return ""
    try:
        return clock(datetime.fromtimestamp(int(text) / 1000, UTC))
    except (OverflowError, OSError, ValueError):
        return ""


def restored_sentence(request: HttpRequest) -> str:
    """The message above a form with restored text; '' for any other."""
    if RESTORE not in request.POST:
        return ""
    time = kept_at(request)
    if time:
        return _("This is your text from %(time)s. It is not saved yet.") % {"time": time}
    return _("This is your text as you left it. It is not saved yet.")


def say_saved(request: HttpRequest, form: ArticleForm, formsets: Sequence[Any], change: bool) -> None:
    """Adds a message on what was saved. Its class tells the browser which of its kept texts is saved now
    (static/js/unsaved.js)."""
    if sentence := merged_sentence(form, formsets):
        messages.success(request, sentence)
    matches = "_matches" in request.POST
    saved = _("The English matches version %(version)d.") if matches else _("Saved as version %(version)d.")
    window = request.POST.get("window", "")
    tag = f"saved-{form.instance.pk if change else 'new'}-{window}" if WINDOW.fullmatch(window) else ""
    messages.success(request, saved % {"version": form.instance.version}, extra_tags=tag)
