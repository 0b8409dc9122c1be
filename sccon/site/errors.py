"""Error pages in the site's look and the visitor's language. Only the footer of 404 queries the database."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils import translation
from django.utils.translation import get_language_from_path

from sccon import languages


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Unknown and planned addresses get the same page."""
    return _page(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """Rendered without context processors and database, which may be what failed."""
    language = get_language_from_path(request.path_info) or translation.get_language() or "de"
    with translation.override(language):
        text = loader.render_to_string("500.html", {"language": language})
    return HttpResponse(text, status=500)


def _page(request: HttpRequest, status: int) -> HttpResponse:
    language = get_language_from_path(request.path_info) or translation.get_language() or "de"
    with translation.override(language):
        context = {**languages.links(request, {}), "robots": "noindex"}
        return render(request, f"{status}.html", context, status=status)
