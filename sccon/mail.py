"""Mails: `queue()` writes a row of the outbox in the caller's transaction, the worker renders and sends it.

A mail's template is `emails/<name>.html` with two partials, `subject` and `body`; both parts are made from
`body`, in the recipient's language. One row per occasion and recipient: queueing twice sends one mail. A worker
killed between the relay's "accepted" and our commit sends again under the same Message-ID; no mail is lost. What the
relay does not take now is tried for five days; an app hears of what did not arrive (`on_change`).
"""

import hashlib
import hmac
import json
import logging
import smtplib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from html import unescape
from urllib.parse import urlsplit

import css_inline
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.safestring import mark_safe
from django.utils.translation import gettext

from sccon.jobs import RETRY, app
from sccon.limits import Rate, allowed
from sccon.mail_headers import Letter
from sccon.mailboxes import mailbox
from sccon.models import Mail, User
from sccon.plain_text import plain_text
from sccon.statements import fetch

# After this time a mail's content, with the secrets in its links, is deleted; that it was sent is kept.
KEEP_CONTENT = timedelta(days=90)

# How long a mail waits after each attempt that failed: soon at first, for greylisting, then as RFC 5321 (4.5.4.1) wants it:
# no oftener than every half hour, and for four or five days. Whoever repairs a relay on Monday loses nothing of Friday's.
WAITS = [
    *(timedelta(seconds=seconds) for seconds in (5, 25, 125, 625)),
    *(timedelta(minutes=30),) * 6,
    *(timedelta(hours=1),) * 117,
]

QUIET = 3  # attempts before the log says anything
LATE = timedelta(minutes=10)  # after which the desk says that a mail does not get through

logger = logging.getLogger("sccon.mail")

# Mails that whoever types an address can cause: so many to one mailbox, by whatever form.
BY_MAILBOX = (Rate("mail-mailbox-hour", 10, timedelta(hours=1)), Rate("mail-mailbox-day", 20, timedelta(days=1)))
# And so many from the whole house; more wait.
BRAKE = Rate("mail-brake", settings.MAIL_BRAKE, timedelta(minutes=10))
BRAKED = Rate("mail-braked", 1, timedelta(hours=1))  # the desk says so for an hour
BRAKED_LOGGED = Rate("mail-braked-logged", 1, timedelta(minutes=10))

INSERT = """
    INSERT INTO sccon_mail (occasion, recipient, language, template, context, headers, attachments, message_id,
                            status, attempts, error)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'queued', 0, '')
    ON CONFLICT (occasion, recipient) DO NOTHING
    RETURNING id
"""


@dataclass(frozen=True)
class Attachment:
    """A file made when the mail is sent: the function `maker` (its dotted path) gets `arguments` and returns
    name, content and media type."""

    maker: str
    arguments: Mapping[str, object]


@dataclass(frozen=True)
class Rendered:
    """A mail as its recipient reads it."""

    subject: str
    text: str
    html: str


@transaction.atomic(savepoint=False)  # no savepoint: if queueing fails, the caller's change is rolled back too
def queue(
    template: str,
    *,
    to: str,
    language: str,
    occasion: str,
    context: Mapping[str, object],
    headers: Mapping[str, str] | None = None,
    attachments: Sequence[Attachment] = (),
    awaited: bool = True,
    public: bool = False,
) -> bool:
    """Queues `emails/<template>.html` for `to`, once per `occasion`; the worker sends it after the commit.

    `occasion` says what this mail of the template is about, such as the number of an order; the row keeps it behind
    the template's name, so mails of two templates never share one. `context` is stored as JSON: texts and numbers,
    addresses made with `address()`. Mails that nobody has asked for, such as reminders, are not `awaited`: the others
    go first. What anybody can cause who types the address is `public`: it is counted for the mailbox and for the house,
    and must carry nothing typed. False if it was queued before, or the mailbox has had enough.
    """
    if public and not all(allowed(*((rate, mailbox(to, any_provider=True)) for rate in BY_MAILBOX))):
        logger.warning("A mailbox had its fill of mails for now: %s was not queued.", template)
        return False
    occasion = f"{template}:{occasion}"
    kept = [json.dumps(part, cls=DjangoJSONEncoder) for part in (dict(context), dict(headers or {}))]
    files = json.dumps([{"maker": file.maker, "arguments": dict(file.arguments)} for file in attachments])
    queued = fetch(INSERT, [occasion, to, language, template, *kept, files, message_id(occasion, to)])
    if not queued:
        return False
    deliver.configure(priority=0 if awaited else -10).defer(
        mail_id=queued[0][0], **({"public": True} if public else {})
    )
    return True


def address(view_name: str, *args: object, language: str, query: str = "") -> str:
    """The absolute address of a page in `language`, for a mail's context."""
    with translation.override(language):
        return settings.SITE_URL + reverse(view_name, args=args) + (f"?{query}" if query else "")


def message_id(occasion: str, recipient: str) -> str:
    """Always the same Message-ID for the same occasion and recipient, from which neither can be read."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"{occasion}\n{recipient}".encode(), hashlib.sha256).hexdigest()
    return f"<{digest[:40]}@{urlsplit(settings.SITE_URL).hostname}>"


@app.task(name="sccon.deliver_mail", aliases=["sccon.mail.deliver"], queue="urgent", retry=RETRY, pass_context=False)
def deliver(*, mail_id: int, public: bool = False, attempt: int = 0) -> None:
    """Sends one mail of the outbox unless it was sent. A refusal for good is final, what fails otherwise is tried again
    after `WAITS`; `attempt` says how often it failed.

    What the public causes (`public`) waits when the house has sent very much of it.
    """
    mail = Mail.objects.unsent().filter(pk=mail_id, emptied_at=None).first()
    if mail is None:
        return None
    if not settings.SMTP_URL:
        Mail.objects.unsent().filter(pk=mail_id).update(status=Mail.Status.KEPT)
        return None
    if public and not BRAKE.allows(""):
        deliver.configure(schedule_in={"minutes": 10}).defer(mail_id=mail_id, public=True)
        return alarm()
    Mail.objects.filter(pk=mail_id).update(attempts=F("attempts") + 1)
    try:
        message(mail).send(using="default")
    except Exception as error:
        _failed(mail, error, attempt=attempt)
    else:
        Mail.objects.unsent().filter(pk=mail_id).update(status=Mail.Status.SENT, sent_at=Now(), error="")


@transaction.atomic
def _failed(mail: Mail, error: Exception, *, attempt: int) -> None:
    """Keeps why it failed; tries again later, or tells who it concerns."""
    reason = f"{type(error).__name__}: {error}"[:1000]
    final = _refused(error) or attempt >= len(WAITS)
    mail.status = Mail.Status.FAILED if final else Mail.Status.QUEUED
    if not Mail.objects.unsent().filter(pk=mail.pk).update(status=mail.status, error=reason):
        return
    if final:
        logger.error("Mail %d (%s) is given up: %s", mail.pk, mail.template, type(error).__name__, exc_info=error)
        _tell(mail)
        return
    wait = WAITS[attempt]
    if attempt >= QUIET:  # greylisting is no trouble
        logger.warning("Mail %d (%s) could not be sent; again in %s.", mail.pk, mail.template, wait, exc_info=error)
    deliver.configure(schedule_in={"seconds": int(wait.total_seconds())}).defer(mail_id=mail.pk, attempt=attempt + 1)


# Who hears that a mail did not arrive, or is tried once more, by what its occasion begins with.
_listeners: dict[str, Callable[[Mail], None]] = {}


def on_change(occasion: str, listener: Callable[[Mail], None]) -> None:
    """Has `listener` called, in the same transaction, with each mail whose occasion begins with `occasion` when it has
    failed for good (FAILED) and when staff send that one again (QUEUED)."""
    _listeners[occasion] = listener


def _tell(mail: Mail) -> None:
    for occasion, listener in _listeners.items():
        if mail.occasion.startswith(occasion):
            listener(mail)


def alarm() -> None:
    """Tells log and desk that the brake holds mails back."""
    BRAKED.allows("")
    if BRAKED_LOGGED.allows(""):
        logger.error(
            "More than %d mails that strangers can cause within ten minutes: the rest waits. Someone may be using sign-ups"
            " or orders to mail others; if a sale has opened, raise MAIL_BRAKE.",
            BRAKE.times,
        )


def _refused(error: Exception) -> bool:
    """Whether the relay refused this recipient or this mail for good (5xx), not for now as with a full mailbox or
    greylisting. A refused sender or password is ours to set right, and then the mail goes."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return all(code >= 500 for code, _reason in error.recipients.values())
        case smtplib.SMTPDataError():
            return error.smtp_code >= 500
    return False


def message(mail: Mail) -> Letter:
    """The mail as it goes to the relay."""
    rendered = render(mail)
    result = Letter(
        rendered.subject,
        rendered.text,
        settings.SITE_MAIL_FROM,
        [mail.recipient],
        reply_to=[settings.SITE_MAIL_REPLY_TO],
        headers={
            "Message-ID": mail.message_id,
            "Auto-Submitted": "auto-generated",  # RFC 3834: no automatic replies
            "Content-Language": mail.language,
            **mail.headers,
        },
    )
    result.attach_alternative(rendered.html, "text/html")
    for file in attached(mail):
        result.attach(*file)
    return result


def attached(mail: Mail) -> list[tuple[str, str | bytes, str]]:
    """The mail's attachments: name, content, media type."""
    return [import_string(file["maker"])(**file["arguments"]) for file in mail.attachments]


@transaction.atomic
def send_again(mail_id: int) -> bool:
    """FAILED or CLOSED → QUEUED; returns False for a mail that has not failed or whose content is deleted."""
    failed = Mail.objects.filter(pk=mail_id, status__in=Mail.GIVEN_UP, emptied_at=None)
    if not failed.update(status=Mail.Status.QUEUED, error=""):
        return False
    deliver.defer(mail_id=mail_id)
    _tell(Mail.objects.get(pk=mail_id))
    return True


def seen_by(user: User | AnonymousUser, mails: QuerySet[Mail]) -> QuerySet[Mail]:
    """`mails` without those to people whom this user may not see: `AppConfig.mails_seen_with` names occasion and right."""
    hidden = Q(pk=None)
    for each in apps.get_app_configs():
        for occasion, right in getattr(each, "mails_seen_with", {}).items():
            if not user.has_perm(right):
                hidden |= Q(occasion__startswith=occasion)
    return mails.exclude(hidden)


def settle(mails: QuerySet[Mail]) -> int:
    """FAILED → CLOSED: somebody has taken care of it, and the desk says no more of it; returns how many."""
    return mails.filter(status=Mail.Status.FAILED).update(status=Mail.Status.CLOSED)


def subject(mail: Mail) -> str:
    """The mail's subject, in its language; '' once its content is deleted."""
    if mail.emptied_at:
        return ""
    with translation.override(mail.language):
        return _subject(mail.template, _complete(mail.context))


def render(mail: Mail) -> Rendered:
    """Subject, text and HTML of the mail, in its language."""
    with translation.override(mail.language):
        return _render(mail.template, _complete(mail.context))


def _complete(context: Mapping[str, object]) -> dict[str, object]:
    """`context` with what every mail's template needs."""
    return {
        **context,
        "site": {"name": settings.SITE_NAME, "short": settings.SITE_SHORT_NAME, "url": settings.SITE_URL},
        "imprint": settings.SITE_IMPRINT,
        "reply_to": parseaddr(settings.SITE_MAIL_REPLY_TO)[1],
        "language": translation.get_language(),
    }


def _subject(template: str, context: dict[str, object]) -> str:
    subject = unescape(" ".join(render_to_string(f"emails/{template}.html#subject", context).split()))
    return f"{gettext('Test')}: {subject}" if context.get("test") else subject


def _render(template: str, context: dict[str, object]) -> Rendered:
    subject = _subject(template, context)
    body = render_to_string(f"emails/{template}.html#body", context)
    if context.get("test"):
        body = mark_safe(render_to_string("emails/base.html#test", context) + body)  # noqa: S308 – both are rendered
    page = render_to_string("emails/base.html", {**context, "subject": subject, "body": body})
    foot = render_to_string("emails/base.html#foot", context)
    return Rendered(subject, plain_text(f"{body}<hr>{foot}"), css_inline.inline(page, keep_at_rules=True))


@app.periodic(cron="41 3 * * *")
@app.task(
    name="sccon.empty_old_mails",
    aliases=["sccon.mail.empty_old"],
    queue="slow",
    queueing_lock="sccon.empty_old_mails",
    pass_context=False,
)
def empty_old(timestamp: int) -> None:
    """Deletes the content of old mails. Every night."""
    old = Mail.objects.filter(created_at__lt=Now() - KEEP_CONTENT, emptied_at=None)
    old.update(context={}, headers={}, attachments=[], emptied_at=Now())
