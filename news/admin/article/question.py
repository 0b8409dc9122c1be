"""Shared by the pages that ask before they act on an article."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from news.models import Article
from news.publishing.states import State, state
from sccon.admin.pages import own_page
from sccon.clock import database_now
from sccon.translated import LANGUAGES


def article_of(request: HttpRequest, pk: int, permission: str) -> Article:
    if not request.user.has_perm(permission):
        raise PermissionDenied
    return get_object_or_404(Article.objects.select_related("saved_by", "image"), pk=pk)


def states_of(article: Article) -> dict[str, State]:
    at = database_now()
    return {language: state(article, language, at) for language in LANGUAGES}


def question_page(
    request: HttpRequest, template: str, article: Article, title: str, context: dict[str, Any]
) -> HttpResponse:
    return own_page(request, template, Article, title, {"article": article, **context})


def back(article: Article) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:news_article_change", args=[article.pk]))


def and_(names: list[str]) -> str:
    if len(names) == 2:
        return _("%(first)s and %(last)s") % {"first": names[0], "last": names[1]}
    return "".join(map(str, names))  # of languages, which are said lazily
