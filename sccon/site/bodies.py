"""What may be sent where, and what is answered before anything asks the database.

The web server's entry (`sccon.site.rsgi`) asks `allowed` before it reads a body; the middleware refuses with a page in
the site's look what the entry found, and behind another server what the length says.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import resolve
from django.utils import translation

from sccon.outage import outage
from sccon.requests import MB, Body
from sccon.site import errors

REFUSED = "sccon.refused"  # in the environ: the status by which the entry refuses a body

PUBLIC = Body()
# Six pictures of the largest size at once. Only for who is signed in: see `is_signed_in`.
ADMIN = Body(128 * MB, multipart=True)
METHODS = ["GET", "HEAD", "POST"]


def of_address(path: str) -> Body:
    """What the view at `path` is sent."""
    if path.startswith("/admin/"):
        return ADMIN
    try:
        with translation.override(translation.get_language_from_path(path) or settings.LANGUAGE_CODE):
            return getattr(resolve(path).func, "body", PUBLIC)
    except Http404:
        return PUBLIC


def refusal(body: Body, content_type: str, length: int) -> int | None:
    """The status by which `length` bytes are refused; None when they may come."""
    if length > body.size:
        return 413
    if content_type.startswith("multipart/") and not body.multipart:
        return 415
    return None


class GuardMiddleware:
    """Refuses what is too large or of another kind, odd methods, and everything while the database is away."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "OPTIONS" and of_address(request.path_info).options:
            # A mail program's page asks before it posts from another site.
            headers = {"Allow": "GET, HEAD, POST, OPTIONS", "Access-Control-Allow-Origin": "*"}
            return HttpResponse(status=204, headers=headers)
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        if request.method == "POST":
            length = request.META.get("CONTENT_LENGTH") or "0"
            too_large = not length.isdecimal() or int(length) > of_address(request.path_info).size
            if status := request.META.get(REFUSED) or (413 if too_large else None):
                return errors.refused(request, status)
        if outage.refuses():
            return errors.away(request)
        return self.get_response(request)
