"""One's own login in the admin: sessions, app, recovery codes, passkeys."""

from typing import Any, cast

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django_otp_webauthn.models import WebAuthnCredential

from sccon.accounts import logging_in, passkeys, second_factor, views
from sccon.admin.pages import own_page
from sccon.models import LoginSession, User


def security(request: HttpRequest) -> HttpResponse:
    """The page itself; a POST ends a session, makes recovery codes, keeps a passkey or takes one away."""
    user = cast(User, request.user)
    if request.method == "POST":
        if "codes" in request.POST and second_factor.has(user):
            return _page(request, user, {"codes": second_factor.new_recovery_codes(user)})
        _do(request, user)
        return HttpResponseRedirect(reverse("admin:sccon_user_security"))
    return _page(request, user, {})


def _do(request: HttpRequest, user: User) -> None:
    given = request.POST
    if (session_id := given.get("end", "")).isdecimal() and len(session_id) < 19:
        if logging_in.end(user, int(session_id)):
            messages.success(request, _("The session has ended."))
    elif "end_others" in given:
        logging_in.end_others(user, request)
        messages.success(request, _("All other sessions have ended."))
    elif (pk := given.get("remove", "")).isdecimal() and len(pk) < 19:
        _remove(request, user, int(pk))
    elif given.get("passkey"):
        _keep(request, user, given["passkey"], given.get("name", "").strip()[:60])


def _keep(request: HttpRequest, user: User, answer: str, name: str) -> None:
    try:
        with transaction.atomic():
            passkeys.keep_new(user, answer, name or _("Passkey"), request)
            second_factor.tell_set_up(user, request)
    except passkeys.Refused:
        messages.error(request, _("The passkey could not be kept. Please try again."))
        return
    LoginSession.objects.filter(pk=logging_in.session_id(request)).update(verified=True)
    messages.success(request, _("The passkey is kept. Now make recovery codes, in case that you lose it."))


def _remove(request: HttpRequest, user: User, pk: int) -> None:
    """Not the last one of an account that needs one."""
    others = second_factor.has_app(user) or WebAuthnCredential.objects.filter(user=user).exclude(pk=pk).exists()
    if not others and second_factor.required(user):
        messages.error(request, _("Your account needs a second factor: first set up another one."))
    elif WebAuthnCredential.objects.filter(user=user, pk=pk).delete()[0]:
        messages.success(request, _("The passkey is taken away."))


def _page(request: HttpRequest, user: User, context: dict[str, Any]) -> HttpResponse:
    context |= {
        "sessions": LoginSession.objects.running().filter(user=user),
        "ours": logging_in.session_id(request),
        "has_app": second_factor.has_app(user),
        "has_second_factor": second_factor.has(user),
        "required": second_factor.required(user),
        "codes_left": second_factor.recovery_codes_left(user),
        "passkeys": WebAuthnCredential.objects.filter(user=user).order_by("pk"),
    }
    if passkeys.possible() and "codes" not in context:
        context["passkey_options"] = passkeys.ask_for_new(user, request)
    return own_page(request, "admin/sccon/user/security.html", User, _("Login and security"), context)


def app(request: HttpRequest) -> HttpResponse:
    """Sets up an app, in the place of the one before if there is one."""
    user = cast(User, request.user)
    codes, context = views.app_set_up(request, user)
    if codes is not None:
        LoginSession.objects.filter(pk=logging_in.session_id(request)).update(verified=True)
        return _page(request, user, {"codes": codes})
    return own_page(request, "admin/sccon/user/app.html", User, _("Set up an app"), context)
