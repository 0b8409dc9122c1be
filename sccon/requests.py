"""Middleware: the request log, the admin's language. Decorators: what a view is sent, forms without a token, pages with
a secret."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt

from sccon.logs import mask

logger = logging.getLogger("sccon.requests")


class RequestLogMiddleware:
    """Logs one line per request: method, path without secrets and query, status, milliseconds, bytes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        log(request, response, started)
        return response


def log(request: HttpRequest, response: HttpResponse, started: float) -> None:
    """The line of one request; `started` is what `time.perf_counter` said when it came."""
    level = logging.WARNING if response.status_code >= 500 else logging.INFO
    if not logger.isEnabledFor(level):
        return
    fields = {
        "method": request.method,
        "path": mask(request.path),
        "status": response.status_code,
        "milliseconds": round((time.perf_counter() - started) * 1000, 1),
        "bytes": None if response.streaming else len(response.content),
    }
    logger.log(level, "{method} {path} {status} {milliseconds} ms".format(**fields), extra={"fields": fields})


class AdminLanguageMiddleware:
    """Activates the user's language in the admin; before the login it is the browser's (LocaleMiddleware)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Nowhere else is the session read: public pages know nobody.
        if request.path.startswith("/admin/") and request.user.is_authenticated and request.user.language:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        return self.get_response(request)


KB, MB = 1024, 1024 * 1024


@dataclass(frozen=True)
class Body:
    """What may be sent to an address: so many bytes, and whether as multipart, which is how forms send files."""

    size: int = 64 * KB
    multipart: bool = False
    options: bool = False  # whether OPTIONS is answered


def takes_body[**P, R](size: int, *, multipart: bool = False, options: bool = False):
    """Decorator for a view that is sent something else than the fields of a public form.

    `sccon.site.bodies` asks the resolved view: stand outermost, or inside decorators that use `wraps`."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        view.body = Body(size, multipart, options)  # type: ignore[attr-defined]
        return view

    return decorate


def same_origin(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorator for the view of a form without a CSRF token: only our own pages may post to it.

    A token needs a cookie, which would make the page with the form uncacheable. Browsers say where a request comes
    from; what says nothing is no browser, and has no cookie to ride on.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method not in {"GET", "HEAD", "OPTIONS"} and not _is_ours(request):
            raise PermissionDenied("This form was sent from another site.")
        return view(request, *args, **kwargs)

    return csrf_exempt(guarded)


def _is_ours(request: HttpRequest) -> bool:
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in {"same-origin", "none"}
    if origin := request.headers.get("Origin"):
        return origin == f"{request.scheme}://{request.get_host()}"
    return True


def sent_by_a_form(back: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Decorator for a view that only forms are sent to: whoever opens its address, or switches the language there, is led
    to the page `back`, which has the form."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def posted(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if request.method in {"GET", "HEAD"}:
                return redirect(back)
            if request.method != "POST":
                return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
            return view(request, *args, **kwargs)

        return posted

    return decorate


def secret_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorator for a page with a secret in its address: `no-store`, `noindex`, no referrer to other sites."""

    @wraps(view)
    def secret(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        patch_cache_control(response, no_store=True, private=True)
        response["X-Robots-Tag"] = "noindex"
        # `no-referrer` would have the page's own forms sent with `Origin: null`.
        response["Referrer-Policy"] = "same-origin"
        return response

    return secret
