"""A form that is sent twice acts once: the second click leads to what the first made.

In the admin a form is known by its page: Django masks the CSRF token anew for each page it draws, so what comes with the
same token, to the same address, with the same fields and files is the same form, be it a second click or a page that
was sent once more. Public pages are the same for all and have no token: there a form is known by who sends what where,
for a few seconds, and only where what is sent names a person (`acts_once`). The others are such that twice is once.

The first one is waited for, and the second gets its answer. What a form was refused for is not kept: sent again, it is
judged again.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial, wraps
from typing import Any

from django.contrib import messages
from django.db import DatabaseError, connection
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from sccon.limits import client_address
from sccon.models import SentForm

# A browser may send a page of the admin once more that it kept over night.
KEPT = timedelta(days=1)

# A double click, or a click more while a slow line says nothing; counted from the answer.
SECOND_CLICK = timedelta(seconds=10)

ADMIN_MADE = {201, 302, 303}  # a form that was refused is drawn again with 200
PUBLIC_MADE = {200, 302, 303}  # it is refused with 400 and more


class SentFormMiddleware:
    """Forms of the admin. Stands inside of all that knows the user and has messages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not request.path.startswith("/admin/") or not request.user.is_authenticated:
            return self.get_response(request)
        if not request.POST.get("csrfmiddlewaretoken"):  # what scripts ask has its token in a header
            return self.get_response(request)
        key = _key(request, request.user.pk)
        with _alone(key):
            if before := SentForm.objects.filter(key=key).first():
                messages.info(request, _("This form had been sent already. Here is what came of it."))
                return _as_before(before)
            return _kept(key, self.get_response(request), ADMIN_MADE)


def acts_once(
    view: Callable[..., HttpResponse] | None = None, *, if_sent: Callable[[HttpRequest], bool] = lambda request: True
) -> Any:
    """Decorator for the view of a public form whose fields or address name a person.

    `if_sent`: of which of its forms that holds, where the view has several."""
    if view is None:
        return partial(acts_once, if_sent=if_sent)

    @wraps(view)
    def once(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method != "POST" or not if_sent(request):
            return view(request, *args, **kwargs)
        key = _key(request, client_address(request))
        with _alone(key):
            if before := SentForm.objects.filter(key=key, sent_at__gt=Now() - SECOND_CLICK).first():
                return _as_before(before)
            return _kept(key, view(request, *args, **kwargs), PUBLIC_MADE)

    return once


def forget_pages() -> int:
    """Deletes the pages that were the answers to forms; a form of the admin that comes again leads to its first page."""
    pages = SentForm.objects.exclude(content=b"")
    made = pages.filter(status=201).update(status=303, location=reverse("admin:index"), content=b"")
    return made + pages.delete()[0]


def _key(request: HttpRequest, who: object) -> bytes:
    """The hash of all that makes the form: who sends it where, its fields and its files."""
    parts = hashlib.sha256()

    def add(value: object) -> None:
        data = value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")
        parts.update(len(data).to_bytes(8) + data)

    add(who)
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
    number = int.from_bytes(key[:8]) >> 1  # 63 bits, as the database has them
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [number])
    try:
        yield
    finally:
        # A broken connection has lost the lock with all else.
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


def _as_before(before: SentForm) -> HttpResponse:
    response = HttpResponse(bytes(before.content), status=before.status, content_type=before.content_type)
    if before.location:
        response["Location"] = before.location
    return response


def _kept(key: bytes, response: HttpResponse, made: Collection[int]) -> HttpResponse:
    """The answer, written down if its form did something."""
    if response.status_code in made and not response.streaming:
        location = response.headers.get("Location", "")
        values = {
            "sent_at": Now(),
            "status": response.status_code,
            "location": location,
            "content_type": response.headers.get("Content-Type", ""),
            "content": b"" if location else response.content,
        }
        SentForm.objects.update_or_create(key=key, defaults=values)
    return response
