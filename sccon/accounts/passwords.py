"""Passwords: the first and a new one by mail, and the mail that tells its owner of each change."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import translation
from django.utils.crypto import salted_hmac

from sccon import limits, mail, tokens
from sccon.accounts import log, logging_in, pauses
from sccon.jobs import RETRY, app
from sccon.models import Login, User

PURPOSE = "password-reset"

# The link of an invitation. A colleague who is away reads it next week; whoever comes later asks for a new password.
INVITATION = "invitation"
INVITED_FOR = timedelta(days=7)

# Who asks for a link, and for whom: a network may be a whole ministry, a mailbox is one person's.
ASKED_FROM = limits.Rate("password-reset-network", 20, timedelta(hours=1))
ASKED_FOR = limits.Rate("password-reset-account", 3, timedelta(days=1))

# Guesses at the old password, by whoever found someone else's session.
CHANGES = pauses.Pause("password-change")


def ask(name: str, *, language: str, request: HttpRequest) -> bool:
    """Has the worker look for the account `name` (or its address) and mail it a link; False when asked too often.

    Here nothing differs between an account and none: neither what is answered nor how long it takes.
    """
    network = limits.networks(request)[-1]
    if not ASKED_FROM.allows(network):
        return False
    send_link.defer(name=name, language=language, network=network)
    return True


@app.task(name="sccon.send_password_link", queue="urgent", retry=RETRY, pass_context=False)
def send_link(*, name: str, language: str, network: str) -> None:
    """Mails a link for a new password to whoever has the name or the address, at most three a day."""
    found = User.objects.filter(Q(username__iexact=name) | Q(email__iexact=name), is_active=True, is_staff=True)
    for user in found.exclude(email="")[:5]:  # one address may have several accounts
        if not ASKED_FOR.allows(str(user.pk)):
            continue
        with transaction.atomic():
            line = Login.objects.create(outcome=Login.Outcome.RESET_ASKED, user=user, network=network)
            language = user.language or language
            url = mail.address("admin:password_new", make_token(user), language=language)
            mail.queue(
                "password-reset",
                to=user.email,
                language=language,
                occasion=str(line.pk),
                context={"url": url, "username": user.username, "minutes": settings.PASSWORD_RESET_TIMEOUT // 60},
            )


def make_token(user: User) -> str:
    """A link's token. It ends after an hour, with the next login, and with a new password or address."""
    return tokens.make(PURPOSE, [user.pk, _state(user)])


def may_be_invited(user: User) -> bool:
    """Whether an invitation helps: it may log in, never has, and has a mailbox."""
    return user.is_active and user.is_staff and bool(user.email) and user.last_login is None


@transaction.atomic
def invite(user: User, *, by: User, request: HttpRequest) -> None:
    """Mails the link with which `user` sets their first password. An earlier one stays good for its time."""
    line = log.write(Login.Outcome.INVITED, user, request)
    language = user.language or translation.get_language() or settings.LANGUAGE_CODE
    token = tokens.make(INVITATION, [user.pk, _state(user)])
    mail.queue(
        "invitation",
        to=user.email,
        language=language,
        occasion=str(line.pk),
        context={
            "url": mail.address("admin:password_new", token, language=language),
            "name": user.get_short_name(),
            "username": user.username,
            "by": str(by),
            "days": INVITED_FOR.days,
        },
    )


def is_invitation(token: str) -> bool:
    """Whether the link came with an invitation, be it over or not."""
    try:
        tokens.read(INVITATION, token)
    except tokens.BadToken:
        return False
    return True


def read_token(token: str) -> User:
    """Whose password may be set by `token`, of an invitation or not; raises `tokens.BadToken`."""
    if is_invitation(token):
        value = tokens.read(INVITATION, token, max_age=INVITED_FOR)
    else:
        value = tokens.read(PURPOSE, token, max_age=timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT))
    user = User.objects.filter(pk=value[0], is_active=True, is_staff=True).first()
    if user is None or value[1] != _state(user):
        raise tokens.BadToken("used")
    return user


def _state(user: User) -> str:
    seen = user.last_login.isoformat() if user.last_login else ""
    return salted_hmac(PURPOSE, f"{user.password}\n{seen}\n{user.email}", algorithm="sha256").hexdigest()[:32]


@transaction.atomic
def changed(user: User, *, request: HttpRequest, by: User | None = None) -> None:
    """What a new password brings along: other sessions end, no device is trusted, its owner gets a mail.

    `by`: the colleague who set it.
    """
    logging_in.end_others(user, request if by is None else None)
    line = log.write(Login.Outcome.PASSWORD_SET, user, request)
    log.tell(user, "password-changed", line, {"by": str(by) if by else ""})
