"""A form of the admin that is sent twice acts once: the second click leads to what the first made.

Django masks the CSRF token anew for each page it draws, so the token in a form names that one page. What comes with the
same token, to the same address, with the same fields and files is the same form: a second click, or a page that was
sent once more. The first one is waited for, and the second gets its answer. What a form was refused for is not kept:
sent again, it is judged again. Forms of public pages have no token, for their pages are the same for all; each of them
does by itself what is right.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from django.contrib import messages
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from sccon.models import SentForm

# A browser may send a page once more that it kept over night.
KEPT = timedelta(days=1)

MADE_SOMETHING = {201, 302, 303}


class SentFormMiddleware:
    """Answers a form that was sent before as it was answered then. Inside of all that knows the user and has messages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not request.path.startswith("/admin/") or not request.user.is_authenticated:
            return self.get_response(request)
        token = request.POST.get("csrfmiddlewaretoken")
        if not token:  # what scripts ask has its token in a header
            return self.get_response(request)
        key = _key(request)
        with _alone(key):
            before = SentForm.objects.filter(key=key).first()
            if before is not None:
                return _as_before(request, before)
            response = self.get_response(request)
            if response.status_code in MADE_SOMETHING and not response.streaming:
                location = response.headers.get("Location", "")
                SentForm.objects.create(
                    key=key,
                    status=response.status_code,
                    location=location,
                    content_type=response.headers.get("Content-Type", ""),
                    content=b"" if location else response.content,
                )
        return response


def _key(request: HttpRequest) -> bytes:
    """The hash of all that makes the form: who sends it where, its fields and its files."""
    parts = hashlib.sha256()

    def add(value: object) -> None:
        data = value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")
        parts.update(len(data).to_bytes(8) + data)

    add(request.user.pk)
    add(request.get_full_path())
    for name, values in sorted(request.POST.lists()):
        for value in (name, len(values), *values):
            add(value)
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            add(name)
            add(file.name)
            add(hashlib.file_digest(file, "sha256").digest())
            file.seek(0)
    return parts.digest()


@contextmanager
def _alone(key: bytes) -> Iterator[None]:
    """Only one at a time has this form in hand. The lock is the session's, so that a view may commit as it likes."""
    number = int.from_bytes(key[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [number])
    try:
        yield
    finally:
        # A broken connection has lost the lock with all else.
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


def _as_before(request: HttpRequest, before: SentForm) -> HttpResponse:
    messages.info(request, _("This form had been sent already. Here is what came of it."))
    response = HttpResponse(bytes(before.content), status=before.status, content_type=before.content_type)
    if before.location:
        response["Location"] = before.location
    return response
