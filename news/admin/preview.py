"""What visitors would see of the text as it stands in the form now, saved or not."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from news import reading
from news.forms import ArticleForm
from news.models import Article, Topic
from news.pages import Parts, article_context, drafted, drafted_files
from sccon import languages
from sccon.clock import page_instant
from sccon.translated import LANGUAGES

TEXTS = ("title", "slug", "lead", "body")


def preview_new(model_admin: Any) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, language: str) -> HttpResponse:
        if not model_admin.has_add_permission(request):
            raise PermissionDenied
        return _page(request, model_admin, None, language)

    return never_cache(require_POST(view))


def preview(model_admin: Any) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, pk: int, language: str) -> HttpResponse:
        article = get_object_or_404(Article, pk=pk)
        if not model_admin.has_view_or_change_permission(request, article):
            raise PermissionDenied
        return _page(request, model_admin, article, language)

    return never_cache(require_POST(view))


def _page(request: HttpRequest, model_admin: Any, article: Article | None, language: str) -> HttpResponse:
    """The public template with what was posted, valid or not; nothing is stored."""
    if language not in LANGUAGES:
        raise Http404
    at = page_instant(request)
    data = request.POST.copy()
    data["seen_version"] = str(article.version if article else 0)  # an older one is no reason to show less
    form = model_admin.get_form(request, article, change=bool(article))(data, instance=article)
    article, topics, related = _typed(form)
    with translation.override(language):
        draft = drafted(article, language, at, topics)
        files = drafted_files(list(article.attachments.all()) if article.pk else [], language)
        stories = reading.related_stories(article.pk, related, topics[0] if topics else None, language, at)
        reading.load_topics(stories)
        parts = Parts(topics=topics, attachments=files, related=stories)
        context = {
            **article_context(draft, parts),
            **languages.links(request, {}, languages.in_each("news:overview")),
            "robots": "noindex",
            "preview": True,
            "event_is_over": draft.event_is_over(at),
        }
        template = "news/page.html" if draft.kind == Article.Kind.PAGE else "news/article.html"
        response = render(request, template, context)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _typed(form: ArticleForm) -> tuple[Article, list[Topic], list[int]]:
    """The article that the form describes, as far as it can be told: what a check refuses is shown as typed."""
    form.is_valid()
    article = form.instance
    for name in TEXTS:
        for language in LANGUAGES:
            if (field := f"{name}_{language}") in form.errors:
                setattr(article, field, form.data.get(field, ""))
    topics = form.cleaned_data.get("topics") or []
    related = [other.pk for other in form.cleaned_data.get("related") or []]
    return article, list(topics), related
