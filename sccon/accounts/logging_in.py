"""From a right password to a running session, and its end."""

import time
from typing import Any

from django.contrib.auth import login, user_logged_in, user_logged_out
from django.db.models.functions import Now
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from sccon import limits
from sccon.accounts import devices, log, pauses, second_factor
from sccon.models import KnownDevice, Login, LoginSession, User

BACKEND = "django.contrib.auth.backends.ModelBackend"

# In the session: whose password was right, and the id of the row that says who is logged in.
PENDING, SESSION = "login_pending", "login_session"
PENDING_SECONDS = 600


def needs_second_factor(user: User, device: KnownDevice | None) -> bool:
    """Whether the password is not enough: one is required or set up, and the device is not trusted."""
    if not second_factor.has(user):
        return second_factor.required(user)  # which is then set up first
    return not devices.is_trusted(device)


def wait_for_second_factor(request: HttpRequest, user: User, next_url: str) -> None:
    """Remembers in the session that the password was right. Nobody is logged in by that."""
    request.session.cycle_key()  # no key that someone else may have given to this browser
    request.session[PENDING] = {"user": user.pk, "password": _mark(user), "next": next_url, "at": int(time.time())}


def pending(request: HttpRequest) -> tuple[User, str] | None:
    """Whose password was right in the last ten minutes and is still that, and where they wanted to go."""
    kept: dict[str, Any] = request.session.get(PENDING) or {}
    if kept.get("at", 0) < time.time() - PENDING_SECONDS:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True, is_staff=True).first()
    if user is None or kept["password"] != _mark(user):
        return None
    return user, kept["next"]


def _mark(user: User) -> str:
    return user.get_session_auth_hash()[:16]


def session_id(request: HttpRequest) -> int:
    """The id of the row of `request`'s session; 0 if there is none."""
    return request.session.get(SESSION) or 0


def complete(
    request: HttpRequest, user: User, response: HttpResponse, *, second_factor_given: bool, trust: bool = False
) -> None:
    """Logs `user` in; `response` brings the device's cookie. Everything that is needed was given."""
    known = devices.known(user, request)
    verified = second_factor_given or devices.is_trusted(known)
    request.session.pop(PENDING, None)
    login(request, user, backend=BACKEND)
    device = devices.remember(user, request, response, trust=trust)
    LoginSession.objects.filter(pk=request.session[SESSION]).update(device=device, verified=verified)
    log.write(Login.Outcome.IN, user, request, device=known)


@receiver(user_logged_in, dispatch_uid="sccon.accounts.begin")
def _begin(request: HttpRequest, user: User, **_signal: object) -> None:
    """Every login has its row, also that of a test."""
    LoginSession.objects.filter(pk=session_id(request)).delete()
    session = LoginSession.objects.create(user=user, words=devices.words(request), network=limits.networks(request)[-1])
    request.session[SESSION] = session.pk


@receiver(user_logged_out, dispatch_uid="sccon.accounts.end")
def _end(request: HttpRequest, **_signal: object) -> None:
    LoginSession.objects.filter(pk=session_id(request)).delete()


def end(user: User, pk: int) -> bool:
    """Ends one of this person's sessions, and that its device needs no code; says whether it ran."""
    session = LoginSession.objects.filter(user=user, pk=pk).first()
    if session is None:
        return False
    if session.device_id:
        KnownDevice.objects.filter(pk=session.device_id).update(trusted_until=None)
    session.delete()
    return True


def end_others(user: User, request: HttpRequest | None) -> None:
    """Ends all sessions of `user` but that of `request`; no device is trusted any more."""
    ours = session_id(request) if request else 0
    LoginSession.objects.filter(user=user).exclude(pk=ours).delete()
    KnownDevice.objects.filter(user=user).update(trusted_until=None)


def free(user: User, *, request: HttpRequest) -> None:
    """Ends the pauses that failed attempts brought upon `user`: in the networks that the log names, on all devices."""
    networks = Login.objects.filter(user=user).order_by().values_list("network", flat=True).distinct()
    pauses.free(user.username, list(networks), list(KnownDevice.objects.filter(user=user)))
    log.write(Login.Outcome.FREED, user, request)


def whoever(request: HttpRequest, user: User) -> User | None:
    """`user`, if their session still runs: not ended, not eight hours idle, and with a second factor if that is needed.

    What a page's script asks for by itself is not activity: an open form says every few seconds that it is there.
    """
    session = LoginSession.objects.running().filter(pk=session_id(request), user_id=user.pk).first()
    if session is None or not (session.verified or not second_factor.required(user)):
        return None
    if request.headers.get("Sec-Fetch-Dest") != "empty" and session.seen_at.timestamp() < time.time() - 60:
        LoginSession.objects.filter(pk=session.pk).update(seen_at=Now())
    return user
