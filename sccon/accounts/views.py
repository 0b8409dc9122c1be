"""The pages of a login: password, second factor, setting one up, a new password by mail. All before anyone is in."""

from typing import Any

import segno
from django.contrib import admin
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import LoginView
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from sccon import tokens
from sccon.accounts import devices, logging_in, passkeys, passwords, pauses, second_factor
from sccon.accounts.forms import AppForm, CodeForm, ForgottenForm, LoginForm
from sccon.models import User
from sccon.requests import secret_page

NEW_APP = "new_app"  # in the session: the secret that the QR code showed


def page(request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> TemplateResponse:
    """`template` in the look of the login."""
    request.current_app = admin.site.name
    every = {**admin.site.each_context(request), "title": title, "subtitle": None, "has_permission": False}
    return TemplateResponse(request, f"admin/login/{template}.html", every | context)


def with_pause(response: HttpResponse, paused: pauses.Paused | None) -> HttpResponse:
    """429 and Retry-After, if someone must wait."""
    if paused:
        response.status_code = 429
        response["Retry-After"] = str(paused.seconds)
    return response


class PasswordStep(LoginView):
    """Name and password. If they are right, a session begins or the second factor is asked for."""

    template_name = "admin/login.html"
    authentication_form = LoginForm

    def form_valid(self, form: LoginForm) -> HttpResponse:  # type: ignore[override]
        user: User = form.get_user()
        device = devices.known(user, self.request)
        if not logging_in.needs_second_factor(user, device):
            response = HttpResponseRedirect(self.get_success_url())
            logging_in.complete(self.request, user, response, second_factor_given=False)
            return response
        logging_in.wait_for_second_factor(self.request, user, self.get_success_url())
        step = "login_code" if second_factor.has(user) else "login_set_up"
        return HttpResponseRedirect(reverse(f"admin:{step}"))

    def form_invalid(self, form: LoginForm) -> HttpResponse:  # type: ignore[override]
        return with_pause(super().form_invalid(form), form.paused)


@sensitive_post_parameters("code", "passkey")
@never_cache
@csrf_protect
def code(request: HttpRequest) -> HttpResponse:
    """The second factor of someone whose password was right."""
    waiting = logging_in.pending(request)
    if waiting is None or not second_factor.has(waiting[0]):
        return HttpResponseRedirect(reverse("admin:login"))
    user, next_url = waiting
    form = CodeForm(request.POST if request.method == "POST" else None, user=user, request=request)
    if form.is_valid():
        response = HttpResponseRedirect(next_url)
        trust = form.cleaned_data["trust"]
        logging_in.complete(request, user, response, second_factor_given=True, trust=trust)
        return response
    context: dict[str, Any] = {"form": form, "has_app": second_factor.has_app(user)}
    if passkeys.possible() and second_factor.has_passkey(user):
        context["passkey_options"] = passkeys.ask(user, request)
    return with_pause(page(request, "code", _("Second factor"), context), form.paused)


@sensitive_post_parameters("code")
@never_cache
@csrf_protect
def set_up(request: HttpRequest) -> HttpResponse:
    """Someone whose password was right needs a second factor and has none: they set up an app, and are in."""
    waiting = logging_in.pending(request)
    if waiting is None or second_factor.has(waiting[0]):
        return HttpResponseRedirect(reverse("admin:login"))
    user, next_url = waiting
    codes, context = app_set_up(request, user)
    if codes is None:
        return page(request, "set_up", _("Set up a second factor"), context)
    response = page(request, "recovery_codes", _("Your recovery codes"), {"codes": codes, "next": next_url})
    logging_in.complete(request, user, response, second_factor_given=True)
    return response


def app_set_up(request: HttpRequest, user: User) -> tuple[list[str] | None, dict[str, Any]]:
    """The recovery codes once the app's code was right, before that None; and the form with its QR code."""
    form = AppForm(request.POST if request.method == "POST" else None)
    key = request.session.get(NEW_APP) or second_factor.new_key()
    request.session[NEW_APP] = key
    if form.is_valid():
        try:
            codes = second_factor.set_up_app(user, key=key, code=form.cleaned_data["code"], request=request)
        except second_factor.WrongCode:
            form.add_error("code", _("That is not right. Is it the newest code of your app?"))
        else:
            del request.session[NEW_APP]
            return codes, {}
    url = second_factor.app_url(user, key)
    drawing = segno.make(url, error="m").svg_inline(scale=5, border=3, dark="#000", light="#fff", omitsize=True)
    by_hand = url.partition("secret=")[2].partition("&")[0]
    grouped = " ".join(by_hand[place : place + 4] for place in range(0, len(by_hand), 4))
    return None, {"form": form, "qr": mark_safe(drawing), "key": grouped}  # noqa: S308 – segno's own SVG


@never_cache
@csrf_protect
def forgotten(request: HttpRequest) -> HttpResponse:
    """Asks for a link to set a new password. The answer is the same for every name."""
    form = ForgottenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        language = translation.get_language()
        if passwords.ask(form.cleaned_data["name"], language=language, request=request):
            return page(request, "asked", _("Look into your mailbox"), {})
        paused = pauses.Paused(int(passwords.ASKED_FROM.window.total_seconds()))
        form.add_error(None, _("From your network this was asked for often. Please try again in an hour."))
        return with_pause(page(request, "forgotten", _("New password"), {"form": form}), paused)
    return page(request, "forgotten", _("New password"), {"form": form})


@sensitive_post_parameters()
@never_cache
@secret_page
@csrf_protect
def new_password(request: HttpRequest, token: str) -> HttpResponse:
    """Sets a password by the link in a mail, the first one after an invitation. It logs nobody in: the second factor is asked for as ever."""
    try:
        user = passwords.read_token(token)
    except tokens.BadToken:
        over = {"invited_for": passwords.INVITED_FOR.days if passwords.is_invitation(token) else None}
        response = page(request, "link_over", _("This link is no longer valid"), over)
        response.status_code = 410
        return response
    form = SetPasswordForm(user, request.POST if request.method == "POST" else None, label_suffix="")
    if not form.is_valid():
        invited = passwords.is_invitation(token)
        title = _("Welcome") if invited else _("New password")
        return page(request, "new_password", title, {"form": form, "username": user.username, "invited": invited})
    with transaction.atomic():
        form.save()
        passwords.changed(user, request=request)
    logging_in.free(user, request=request)
    return page(request, "password_set", _("Your new password is set"), {})
