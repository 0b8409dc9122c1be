"""What every request passes: the line in the log, and the admin in the user's language."""

import logging
import re
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

logger = logging.getLogger("sccon.requests")

# Whatever looks like a secret in an address stays out of the logs: long, and not words joined by hyphens.
WORDS = r"(?:[a-z]+|[a-z0-9]+(?:-[a-z0-9]+)+)"
SECRET = re.compile(rf"(?<=/)(?!{WORDS}(?:\.\w+)?(?:/|$))[A-Za-z0-9_:=-]{{20,}}(?:\.\w+)?(?=/|$)")


class RequestLogMiddleware:
    """Writes one line a request: method, path without secrets and query, status, milliseconds, bytes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        fields = {
            "method": request.method,
            "path": SECRET.sub("…", request.path),
            "status": response.status_code,
            "milliseconds": round((time.perf_counter() - started) * 1000, 1),
            "bytes": None if response.streaming else len(response.content),
        }
        level = logging.WARNING if response.status_code >= 500 else logging.INFO
        logger.log(level, "{method} {path} {status} {milliseconds} ms".format(**fields), extra={"fields": fields})
        return response


class AdminLanguageMiddleware:
    """The admin speaks the user's language; before the login, the browser's (LocaleMiddleware has set it)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Only here is the session read: public pages know nobody.
        if request.path.startswith("/admin/") and request.user.is_authenticated and request.user.language:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = request.user.language
        return self.get_response(request)
