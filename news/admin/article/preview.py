"""The preview beside the form: the public page made of what is in the form, saved or not."""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.csp import CSP
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST

from news.models import Article
from news.versions.written import translated
from news.writing.forms import ArticleForm
from news.writing.previewing import Draft, render_draft, unsaved_files
from sccon.translated import LANGUAGES

MOST_FILES = 200  # of a form that is looked at

# Only the preview may be framed (by us), and only the form may contain a frame.
framed = csp_override({**settings.SECURE_CSP, "frame-ancestors": [CSP.SELF]})
framing = csp_override({**settings.SECURE_CSP, "frame-src": [CSP.SELF]})


def preview_new(model_admin: Any) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, language: str) -> HttpResponse:
        if not model_admin.has_add_permission(request):
            raise PermissionDenied
        return _page(request, model_admin, None, language)

    return never_cache(xframe_options_sameorigin(framed(require_POST(view))))


def preview(model_admin: Any) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, pk: int, language: str) -> HttpResponse:
        article = get_object_or_404(Article, pk=pk)
        if not model_admin.has_view_or_change_permission(request, article):
            raise PermissionDenied
        return _page(request, model_admin, article, language)

    return never_cache(xframe_options_sameorigin(framed(require_POST(view))))


def _page(request: HttpRequest, model_admin: Any, article: Article | None, language: str) -> HttpResponse:
    """The public page made of what was posted, valid or not; stores nothing."""
    if language not in LANGUAGES:
        raise Http404
    return render_draft(request, typed_in(request, model_admin, article), language, {"kind": "unsaved"})


def typed_in(request: HttpRequest, model_admin: Any, article: Article | None) -> Draft:
    """What the posted form describes; invalid values are as typed."""
    data = request.POST.copy()
    data["seen_version"] = str(article.version if article else 0)  # no merging: it is about what was typed
    form: ArticleForm = model_admin.get_form(request, article, change=bool(article))(data, instance=article)
    form.is_valid()
    stored = list(article.attachments.all()) if article else []
    article = form.instance
    for name in translated():
        for language in LANGUAGES:
            if (field := f"{name}_{language}") in form.errors:
                setattr(article, field, form.data.get(field, ""))
    topics = list(form.cleaned_data.get("topics") or [])
    related = [other.pk for other in form.cleaned_data.get("related") or []]
    return Draft(article, topics, related, unsaved_files(stored, list(_rows(request))))


def _rows(request: HttpRequest) -> Iterator[dict[str, Any]]:
    """The attachments of the form. The preview panel posts only name and size of a chosen file, not the file."""
    total = request.POST.get("attachments-TOTAL_FORMS", "")
    for index in range(min(int(total), MOST_FILES) if total.isascii() and total.isdigit() and len(total) < 9 else 0):
        name = f"attachments-{index}"
        upload = request.FILES.get(f"{name}-file")
        size = request.POST.get(f"{name}-file-size", "")
        yield {
            "id": request.POST.get(f"{name}-id", ""),
            "title_de": request.POST.get(f"{name}-title_de", "").strip(),
            "title_en": request.POST.get(f"{name}-title_en", "").strip(),
            "place": request.POST.get(f"{name}-place", ""),
            "removed": bool(request.POST.get(f"{name}-DELETE")),
            "file_name": upload.name if upload else request.POST.get(f"{name}-file-name", "")[:100],
            "file_size": upload.size
            if upload
            else int(size)
            if size.isascii() and size.isdigit() and len(size) < 12
            else 0,
        }
