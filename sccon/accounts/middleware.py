"""Middleware: who is logged in."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from sccon.accounts import logging_in
from sccon.models import User


class LoginSessionMiddleware:
    """Makes nobody of a user whose session has ended. It asks when someone asks for the user, so not on public pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user  # lazy: the session is not read yet

        def whoever() -> User | AnonymousUser:
            found = logging_in.whoever(request, user) if user.is_authenticated else None
            return found or AnonymousUser()

        request.user = cast(Any, SimpleLazyObject(whoever))
        return self.get_response(request)
