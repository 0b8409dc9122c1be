"""Error pages in the site's look and the visitor's language. Only the footer of 404 queries the database."""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils import translation
from django.utils.translation import get_language_from_path

from sccon import languages
from sccon.outage import is_outage, outage

RETRY_AFTER = "5"  # seconds


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Unknown and planned addresses get the same page."""
    return _page(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """Django calls it while it handles the exception: the database being away is no fault of ours."""
    if (error := sys.exception()) and is_outage(error):
        outage.begins(error)
        return away(request)
    return _plain(request, 500)


def away(request: HttpRequest) -> HttpResponse:
    """While the database does not answer."""
    response = _plain(request, 503)
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def refused(request: HttpRequest, status: int) -> HttpResponse:
    """What was sent is too large (413), of a kind not asked for (415), or came too slowly (408)."""
    return _plain(request, status)


def _plain(request: HttpRequest, status: int) -> HttpResponse:
    """Rendered without context processors and database, which may be what failed."""
    language = get_language_from_path(request.path_info) or translation.get_language() or "de"
    with translation.override(language):
        text = loader.render_to_string(f"{status}.html", {"language": language})
    return HttpResponse(text, status=status, headers={"Cache-Control": "no-store"})


def _page(request: HttpRequest, status: int) -> HttpResponse:
    language = get_language_from_path(request.path_info) or translation.get_language() or "de"
    with translation.override(language):
        context = {**languages.links(request, {}), "robots": "noindex"}
        return render(request, f"{status}.html", context, status=status)
