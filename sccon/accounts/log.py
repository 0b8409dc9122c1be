"""The log of logins, which superusers see."""

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone, translation

from sccon import limits, mail
from sccon.models import KnownDevice, Login, User


def write(
    outcome: Login.Outcome, user: User | None, request: HttpRequest | None, *, device: KnownDevice | None = None
) -> Login:
    """A line of the log; `user` is None for a name without an account, `request` for a command."""
    network = limits.networks(request)[-1] if request else ""
    return Login.objects.create(outcome=outcome, user=user, network=network, known_device=device is not None)


def tell(user: User, template: str, line: Login, context: Mapping[str, object] | None = None) -> None:
    """Mails the owner of the account what happened to it, as `line` says; once."""
    if not user.email:
        return
    language = user.language or translation.get_language() or settings.LANGUAGE_CODE
    with translation.override(language):
        at = timezone.localtime().strftime("%d.%m.%Y, %H:%M" if language == "de" else "%d %b %Y, %H:%M")
    every = {"name": user.get_short_name() or user.username, "username": user.username, "at": at, **(context or {})}
    mail.queue(
        template,
        to=user.email,
        language=language,
        occasion=str(line.pk),
        context={
            **every,
            "network": line.network,
            "reset_url": mail.address("admin:password_forgotten", language=language),
        },
    )
