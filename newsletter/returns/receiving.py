"""How what comes back reaches us: by a pipe of the mail server, or by the webhook of a provider. Stored first, judged by the
worker afterwards, each event once.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from email import message_from_bytes
from importlib import import_module
from typing import Any

from anymail.exceptions import AnymailWebhookValidationFailure
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt

from newsletter.models import Return
from newsletter.returns import consequences, judging, reading
from sccon.jobs import RETRY, app
from sccon.requests import MB, takes_body

Verdict = Return.Verdict

# Providers that sign what they send, and what anymail calls the key that proves it. The others know a secret in the address.
SIGNED = {
    "mailgun": "webhook_signing_key",
    "mailersend": "signing_secret",
    "postal": "webhook_key",
    "resend": "signing_secret",
}
BY_ADDRESS = ("brevo", "mailjet", "mailtrap", "postmark", "sparkpost")

OURS = re.compile(r"b\+[0-9]{1,18}\.[0-9a-f]{20}@[\w.-]+|d\.[0-9]{1,18}\.[0-9a-f]{20}@[\w.-]+", re.IGNORECASE)


# --- By mail -----------------------------------------------------------------------------------


def take_mail(raw: bytes, *, envelope_to: str = "") -> bool:
    """Stores a mail that came back; False if it was there already."""
    raw = raw[: reading.LARGEST]
    event = hashlib.sha256(_without_its_way(raw)).hexdigest()
    if envelope_to := re.sub(r"[^!-~]", "", envelope_to)[:320]:
        raw = f"X-Original-To: {envelope_to}\n".encode() + raw
    return _store(Return(way=Return.Way.MAIL, event=event, raw=raw))


def _without_its_way(raw: bytes) -> bytes:
    """What is the same when a server hands over the same mail again: all but how it came."""
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    try:
        identity = str(message_from_bytes(head + b"\n\n").get("Message-ID", ""))
    except Exception:  # whatever it is, it is kept
        identity = ""
    return identity.encode("utf-8", "replace") + b"\n" + body if identity else raw


@transaction.atomic
def _store(came: Return) -> bool:
    known = Return.objects.filter(way=came.way, event=came.event)
    if known.exists():
        return False
    Return.objects.bulk_create([came], ignore_conflicts=True)
    stored = known.values_list("pk", flat=True).get()
    judge.defer(return_id=stored)
    return True


# --- By webhook --------------------------------------------------------------------------------


@takes_body(MB, multipart=True)
@csrf_exempt
def webhook(request: HttpRequest, provider: str, secret: str = "") -> HttpResponse:
    """A provider's events. Whoever cannot prove that it is the provider is refused; what cannot be read is kept."""
    try:
        view = _view(provider, secret)
        if view is None:
            return HttpResponse(status=403)
        if request.method != "POST":  # some ask whether the address is there
            return HttpResponse()
        view.setup(request)
        view.run_validators(request)
    except AnymailWebhookValidationFailure:
        return HttpResponse(status=403)
    try:
        events = [_as_kept(event) for event in view.parse_events(request)]
    except Exception:  # of a shape that anymail does not know: for staff to look at
        events = [(hashlib.sha256(request.body).hexdigest(), {"body": request.body.decode("utf-8", "replace")})]
    for event, kept in events:
        raw = json.dumps(kept, default=str).encode()[: reading.LARGEST]
        _store(Return(way=Return.Way.WEBHOOK, event=f"{provider}:{event}"[:200], raw=raw))
    return HttpResponse()


def _view(provider: str, secret: str) -> Any:
    """Anymail's view of the provider, with what proves that it is it; None if that is wrong or not set up."""
    if provider in SIGNED:
        if not settings.NEWSLETTER_WEBHOOK_KEY or secret:
            return None
        options = {SIGNED[provider]: settings.NEWSLETTER_WEBHOOK_KEY}
    elif provider in BY_ADDRESS:
        right = settings.NEWSLETTER_WEBHOOK_SECRET
        if not right or not constant_time_compare(secret, right):
            return None
        options = {}
    else:
        return None
    module = import_module(f"anymail.webhooks.{provider}")
    found = next(
        each
        for name, each in vars(module).items()
        if name.endswith("TrackingWebhookView") and each.__module__ == module.__name__
    )
    # Ours is proven above; anymail would warn that nothing is.
    return type(found.__name__, (found,), {"warn_if_no_basic_auth": False})(**options)


def _as_kept(event: Any) -> tuple[str, Mapping[str, object]]:
    """What identifies an event, and what is judged of it."""
    names = ("event_type", "reject_reason", "description", "mta_response", "message_id")
    kept = {name: getattr(event, name, None) or "" for name in names}
    kept["all"] = event.esp_event if isinstance(event.esp_event, (dict, list)) else dict(event.esp_event or {})
    whole = json.dumps(kept, default=str, sort_keys=True).encode()
    return str(event.event_id or "") or hashlib.sha256(whole).hexdigest(), kept


# --- Judging -----------------------------------------------------------------------------------


@app.task(name="newsletter.judge_return", queue="normal", retry=RETRY, pass_context=False)
def judge(*, return_id: int) -> None:
    """Reads what came back, and does what follows from it, once."""
    with transaction.atomic():
        came = Return.objects.select_for_update().filter(pk=return_id, judged_at=None).first()
        if came is None:
            return
        raw = bytes(came.raw)
        read = reading.read(raw) if came.way == Return.Way.MAIL else _of_event(raw)
        delivery, forged = consequences.find(read.senders, read.message_ids)
        Return.objects.filter(pk=came.pk).update(
            judged_at=Now(),
            verdict=read.verdict,
            code=read.code,
            words=read.words,
            delivery=delivery,
            forged=forged,
        )
        if delivery:
            consequences.follow(read.verdict, delivery, words=f"{read.code} {read.words}".strip())


def _of_event(raw: bytes) -> reading.Reading:
    """What a provider's event says. Our own tokens are looked for in all of it: each keeps them somewhere else."""
    try:
        kept = json.loads(raw)
    except ValueError:  # cut off, or nothing we know
        kept = {}
    found: Sequence[str] = OURS.findall(raw.decode("utf-8", "replace"))[:20]
    senders = tuple(each for each in found if each[:2].lower() == "b+")
    message_ids = tuple(f"<{each}>" for each in found if each[:2].lower() == "d.")
    kind, reason = str(kept.get("event_type", "")), str(kept.get("reject_reason", ""))
    words = " ".join(f"{kept.get('mta_response', '')} {kept.get('description', '')}".replace("\0", "").split())[:500]
    if not kind:
        return reading.Reading(Verdict.UNREADABLE, "", words, senders, message_ids)
    return reading.Reading(judging.event(kind, reason, words), judging.enhanced(words), words, senders, message_ids)
