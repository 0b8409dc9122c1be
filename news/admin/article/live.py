"""The checks while somebody writes: what is missing and what is doubtful in the form as it stands, saved or not."""

from collections.abc import Callable, Collection
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from news.admin import standing
from news.admin.article.preview import typed_in
from news.models import Article, Publication
from news.publishing import checks
from news.publishing.states import State, differences_of, state
from news.writing.drafting import slug_of
from news.writing.previewing import Draft
from sccon.clock import database_now
from sccon.translated import LANGUAGES, NAMES


def checked(
    article: Article,
    language: str,
    *,
    now: State,
    started: bool,
    changes: Collection[str],
    has_topic: bool | None = None,
) -> dict[str, Any]:
    """What a text has of what it needs, and what stands against publishing it; `changes` as `State` has them."""
    found = checks.findings(article, language, has_topic=has_topic) if started else []
    out = "" if not now.newest else "planned" if now.planned else "public"
    return {
        "started": started,
        "completeness": standing.completeness(article, language, has_topic=has_topic),
        "blocking": [finding for finding in found if finding.blocks],
        "hints": [finding for finding in found if not finding.blocks],
        "out": out,
        "unchanged": "" if changes else out,
    }


def page(model_admin: Any) -> Callable[..., HttpResponse]:
    """View: the parts of the form that say so, anew. Stores nothing."""

    @never_cache
    @require_POST
    def view(request: HttpRequest, pk: int | None = None) -> HttpResponse:
        article = get_object_or_404(Article, pk=pk) if pk is not None else None
        allowed = model_admin.has_change_permission(request, article) if article else None
        if not (model_admin.has_add_permission(request) if article is None else allowed):
            raise PermissionDenied
        draft, at = typed_in(request, model_admin, article), database_now()
        typed = draft.article
        languages = []
        for code in LANGUAGES:
            if not typed.text("slug", code):  # as the next save makes it
                setattr(typed, f"slug_{code}", slug_of(typed.text("title", code)) or None)
            now = state(typed, code, at) if article else State(code)
            found = checked(
                typed,
                code,
                now=now,
                started=typed.has_text(code),
                changes=_changes(draft, now.newest) if now.newest else (),
                has_topic=bool(draft.topics),
            )
            languages.append({"code": code, "name": NAMES[code], **found})
        parts = {"checks": render_to_string("admin/news/article/checks.html", {"languages": languages})}
        for each in languages:
            parts[f"complete-{each['code']}"] = render_to_string(
                "admin/news/article/complete.html", {"whole": each["completeness"]}
            )
        return JsonResponse(parts)

    return view


def _changes(draft: Draft, newest: Publication) -> list[str]:
    topics = [topic.pk for topic in draft.topics]
    return differences_of(draft.article, newest, topics=topics, related=[*draft.related], files=draft.files)
