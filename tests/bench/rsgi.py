"""The site and a bare Django view in one process, for `./dev bench`.

The bare view has no middleware, no template and no database: what is left is the server and Django's own handling
of a request. Everything the bench prints of pages is a ratio to it.
"""

import os
from collections.abc import Callable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sccon.settings")

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path


class CountRenders:
    """Adds a byte to the file `BENCH_RENDERS` for each request that memory did not answer, in whichever process."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response
        self.file = os.open(os.environ["BENCH_RENDERS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        os.write(self.file, b".")
        return self.get_response(request)


if os.environ.get("BENCH_RENDERS"):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.CountRenders"]
from sccon.site import rsgi  # noqa: E402 – sets Django up; the rest needs that

settings.MIDDLEWARE = []
without_middleware = WSGIHandler()

from sccon.site.urls import urlpatterns as site  # noqa: E402


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<!doctype html><title>Bare</title>")


urlpatterns = [path("bare/", bare), *site]
settings.ROOT_URLCONF = __name__


def either(environ, start_response):
    handler = without_middleware if environ["PATH_INFO"] == "/bare/" else rsgi.site
    return handler(environ, start_response)


application = rsgi.Application(either)
