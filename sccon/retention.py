"""How long personal data is kept: each app names its rules in `retention.RULES`, and the worker deletes.

A test walks over all models: a field that may hold personal data and that no rule names fails it. Here are the rules of
the ground floor, and the form of a rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.admin.models import LogEntry
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from sccon import jobs, limits, mail, sent_forms
from sccon.jobs import app
from sccon.models import KnownDevice, Login, LoginSession, Mail, SentForm, User

# How long the row of a mail is kept: questions about a missing or an unwanted mail come earlier.
KEEP_MAILS = timedelta(days=2 * 365)

# How long the admin's log is kept; what the record says of it stays for good.
KEEP_LOG = timedelta(days=2 * 365)

# How long the log of logins is kept: a theft is often noticed weeks later.
KEEP_LOGINS = timedelta(days=90)

# A device with which nobody logged in for so long is a stranger's again.
KEEP_DEVICES = timedelta(days=365)

# The address of a deactivated account is deleted so long after its last login.
KEEP_LEAVERS = timedelta(days=365)


@dataclass(frozen=True)
class Rule:
    """Which personal data is kept, how long and why, and what deletes it."""

    fields: tuple[str, ...]  # Model.field
    kept: str
    ends: Callable[..., object] | str  # the worker's task, or who decides


@app.periodic(cron="47 3 * * *")
@app.task(
    name="sccon.forget",
    aliases=["sccon.retention.forget"],
    queue="slow",
    queueing_lock="sccon.forget",
    pass_context=False,
)
def forget(timestamp: int) -> None:
    """Deletes old mails, the old logs of admin and logins, and the addresses of people who left. Every night."""
    Mail.objects.filter(created_at__lt=Now() - KEEP_MAILS).delete()
    LogEntry.objects.filter(action_time__lt=Now() - KEEP_LOG).delete()
    Login.objects.filter(at__lt=Now() - KEEP_LOGINS).delete()
    LoginSession.objects.exclude(pk__in=LoginSession.objects.running()).delete()
    KnownDevice.objects.filter(seen_at__lt=Now() - KEEP_DEVICES).delete()
    SentForm.objects.filter(sent_at__lt=Now() - sent_forms.KEPT).delete()
    left = User.objects.alias(seen=Coalesce(F("last_login"), F("date_joined")))
    left = left.filter(~Q(email=""), is_active=False, seen__lt=Now() - KEEP_LEAVERS)
    left.update(email="")


RULES = (
    Rule(("Mail.context", "Mail.headers", "Mail.attachments"), "90 days: what a mail said", mail.empty_old),
    Rule(
        ("Mail.recipient", "Mail.occasion", "Mail.message_id", "Mail.error"),
        "two years: that it was sent, and to whom",
        forget,
    ),
    Rule(
        ("LogEntry.object_id", "LogEntry.object_repr", "LogEntry.change_message"),
        "two years: who changed what in the admin",
        forget,
    ),
    Rule(("JobError.error", "JobError.traceback"), "with its job, at most 90 days", jobs.remove_old),
    Rule(
        ("SentForm.key", "SentForm.location", "SentForm.content_type", "SentForm.content"),
        "a day, at most the next night: what came of a form of the admin",
        forget,
    ),
    Rule(("Limit.key",), "until its window is over, an hour or a day; a keyed hash", limits.forget_past),
    Rule(("Login.network",), "90 days: who logged in or tried to, from which network, shortened", forget),
    Rule(("LoginSession.words", "LoginSession.network"), "until the session ends, at most the next night", forget),
    Rule(("KnownDevice.words", "KnownDevice.key"), "a year after the last login with the device", forget),
    Rule(
        (
            *("TOTPDevice.key", "StaticToken.token", "WebAuthnUserHandle.handle_hex"),
            *("WebAuthnCredential.name", "WebAuthnCredential.credential_id", "WebAuthnCredential.credential_id_sha256"),
            *("WebAuthnCredential.public_key", "WebAuthnCredential.aaguid", "WebAuthnCredential.transports"),
            *("WebAuthnAttestation.data", "WebAuthnAttestation.client_data_json"),
        ),
        "as long as someone logs in with it: its owner or `reset_second_factor` deletes it",
        "the account's owner",
    ),
    Rule(("User.email",), "a year after the last login, once the account is deactivated", forget),
    Rule(
        ("User.username", "User.first_name", "User.last_name", "User.password"),
        "as long as the record that says who published, sold or cancelled what",
        "whoever keeps the accounts",
    ),
)

# Text fields without personal data: a field, or all fields of a model.
IMPERSONAL = frozenset({"Mail.language", "Mail.template", "TOTPDevice.name", "StaticDevice.name"})
