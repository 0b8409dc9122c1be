"""Error pages in the site's look and the visitor's language. Only the footer of 404 queries the database."""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils import translation
from django.utils.translation import get_language_from_path

from sccon import languages
from sccon.outage import is_outage, outage
from sccon.statements import was_ended

RETRY_AFTER, RETRY_AFTER_TOO_LONG = "5", "60"  # seconds


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Unknown and planned addresses get the same page."""
    return _page(request, 404)


def broken(request: HttpRequest) -> HttpResponse:
    """Django calls it while it handles the exception: that the database is away or was too slow is no fault of ours."""
    error = sys.exception()
    if error and is_outage(error):
        outage.begins(error)
        return away(request)
    if error and was_ended(error):
        return too_long(request)
    return _bare(request, 500)


def away(request: HttpRequest) -> HttpResponse:
    """While the database does not answer."""
    response = _bare(request, 503)
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def too_long(request: HttpRequest) -> HttpResponse:
    """Where the database ended a statement (see `sccon.statements.end_long_ones`)."""
    response = _bare(request, 503, "too_long.html")
    response.headers["Retry-After"] = RETRY_AFTER_TOO_LONG
    return response


def refused(request: HttpRequest, status: int) -> HttpResponse:
    """What was sent is too large (413), of a kind not asked for (415), or came too slowly (408)."""
    return _bare(request, status)


def _bare(request: HttpRequest, status: int, template: str = "") -> HttpResponse:
    """Rendered without context processors and database, which may be what failed."""
    language = get_language_from_path(request.path_info) or translation.get_language() or "de"
    with translation.override(language):
        text = loader.render_to_string(template or f"{status}.html", {"language": language})
    return HttpResponse(text, status=status, headers={"Cache-Control": "no-store"})


def _page(request: HttpRequest, status: int) -> HttpResponse:
    language = get_language_from_path(request.path_info) or translation.get_language() or "de"
    with translation.override(language):
        context = {**languages.links(request, {}), "robots": "noindex"}
        return render(request, f"{status}.html", context, status=status)
