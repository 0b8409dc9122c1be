"""How somebody comes onto the list and off it again: one function a transition, and no other code writes it.

The answer to a request is the same whether the address is new, waits for its confirmation or subscribes already;
only the mail to it differs. Nothing a stranger can ask for changes what a subscriber has chosen.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from news.models import Topic
from newsletter import wording
from newsletter.models import Change, Consent, SignUp, Subscriber, Suppression
from sccon import mail, tokens
from sccon.models import Mail, User

DATA_LINK_HOLDS = timedelta(days=1)


class NotConfirmable(Exception):
    """The link was used, its time is over, or nobody asked for it; `consent` is what it was for, if we still know."""

    def __init__(self, why: str, consent: Consent | None = None):
        self.why = why
        self.consent = consent
        super().__init__(why)


# --- Coming ------------------------------------------------------------------------------------


@transaction.atomic
def request(email: str, *, language: str, source: str, network: str) -> SignUp:
    """Somebody, perhaps its owner, asks for the newsletter at `email`; the mail to it says how to go on."""
    subscriber = _subscriber(email, language)
    if subscriber.status == Subscriber.Status.ACTIVE:
        sign_up = SignUp.objects.create(email=email, language=language)
        _mail_links("known", subscriber, language=language, occasion=f"sign-up:{sign_up.pk}")
        return sign_up
    consent = Consent.objects.create(
        subscriber=subscriber,
        kind=Consent.Kind.SIGN_UP,
        email=email,
        language=language,
        wording=wording.as_text(language),
        wording_version=wording.VERSION,
        source=source,
        requested_network=network,
    )
    Change.objects.create(subscriber=subscriber, what=Change.What.REQUESTED, source=source)
    sign_up = SignUp.objects.create(email=email, language=language, consent=consent)
    _mail_confirmation("confirm", consent)
    return sign_up


def _subscriber(email: str, language: str) -> Subscriber:
    """The subscriber with this address, made if there is none; two requests at once find the same."""
    Subscriber.objects.bulk_create([Subscriber(email=email, language=language)], ignore_conflicts=True)
    return Subscriber.objects.with_address(email).select_for_update().get()


@transaction.atomic
def choose(sign_up: SignUp, *, language: str, topics: Iterable[Topic]) -> None:
    """Keeps with the request what is chosen before the confirmation. A subscriber's own choice stays as it is."""
    SignUp.objects.filter(pk=sign_up.pk).update(language=language)
    sign_up.topics.set(topics)


@transaction.atomic
def confirm(consent: Consent, *, network: str) -> Subscriber:
    """The owner of the address confirms: waiting or gone → subscribed, with what was chosen.

    Raises `NotConfirmable` where the link was used or is older than a week, and then changes nothing.
    """
    done = Consent.objects.filter(pk=consent.pk).confirmable().update(confirmed_at=Now(), confirmed_network=network)
    consent.refresh_from_db()
    if not done:
        raise NotConfirmable("used" if consent.confirmed_at else "expired", consent)
    if consent.kind == Consent.Kind.ADDRESS:
        return _confirm_address(consent)
    subscriber = Subscriber.objects.select_for_update().get(pk=consent.subscriber_id)
    was_active = subscriber.status == Subscriber.Status.ACTIVE
    Suppression.objects.filter(email_hash=email_hash(subscriber.email)).delete()
    if not was_active:
        sign_up = SignUp.objects.filter(consent=consent).first()
        if sign_up:
            subscriber.topics.set(sign_up.topics.all())
        Subscriber.objects.filter(pk=subscriber.pk).update(
            status=Subscriber.Status.ACTIVE,
            language=sign_up.language if sign_up else consent.language,
            confirmed_at=consent.confirmed_at,
            ended_at=None,
        )
        subscriber.refresh_from_db()
        Change.objects.create(subscriber=subscriber, what=Change.What.CONFIRMED, source="link")
        _mail_links("welcome", subscriber, language=subscriber.language, occasion=f"consent:{consent.pk}")
    SignUp.objects.filter(email__iexact=subscriber.email).delete()
    return subscriber


# --- Changing ----------------------------------------------------------------------------------


@transaction.atomic
def change(subscriber: Subscriber, *, language: str, topics: Iterable[Topic], source: str) -> None:
    """The subscriber chooses other topics or another language."""
    Subscriber.objects.filter(pk=subscriber.pk).update(language=language)
    subscriber.topics.set(topics)
    Change.objects.create(subscriber=subscriber, what=Change.What.PREFERENCES, source=source)


@transaction.atomic
def request_address(subscriber: Subscriber, email: str, *, language: str, source: str, network: str) -> None:
    """The subscriber wants the newsletter at `email`, where a mail asks for confirmation. Nothing changes before."""
    other = Subscriber.objects.with_address(email).first()
    consent = Consent.objects.create(
        subscriber=subscriber,
        kind=Consent.Kind.ADDRESS,
        email=email,
        language=language,
        wording=wording.address_change(language),
        wording_version=wording.VERSION,
        source=source,
        requested_network=network,
    )
    if other and other.pk != subscriber.pk and other.status == Subscriber.Status.ACTIVE:
        _mail_links("known", other, language=other.language, occasion=f"consent:{consent.pk}")
    else:
        _mail_confirmation("address", consent)


def _confirm_address(consent: Consent) -> Subscriber:
    subscriber = Subscriber.objects.select_for_update().get(pk=consent.subscriber_id)
    before = subscriber.email
    # Someone who began to sign up with the new address, or left with it, is the same person: the link proves it.
    for other in Subscriber.objects.with_address(consent.email).exclude(pk=subscriber.pk):
        if other.status == Subscriber.Status.ACTIVE:
            raise NotConfirmable("taken", consent)
        _delete(other)
    try:
        with transaction.atomic():
            Subscriber.objects.filter(pk=subscriber.pk).update(email=consent.email)
    except IntegrityError as error:  # someone began to sign up with it in this instant
        raise NotConfirmable("taken", consent) from error
    subscriber.refresh_from_db()
    Suppression.objects.filter(email_hash=email_hash(consent.email)).delete()
    Change.objects.create(subscriber=subscriber, what=Change.What.ADDRESS, source="link")
    if before != consent.email:
        mail.queue(
            "newsletter-address-changed",
            to=before,
            language=subscriber.language,
            occasion=str(consent.pk),
            context={"address": consent.email},
        )
    return subscriber


# --- Leaving -----------------------------------------------------------------------------------


@transaction.atomic
def unsubscribe(subscriber: Subscriber, *, source: str, by: User | None = None, reason: str = "") -> bool:
    """waiting, subscribed or undeliverable → unsubscribed, at once; says whether anything changed."""
    statuses = [Subscriber.Status.PENDING, Subscriber.Status.ACTIVE, Subscriber.Status.BOUNCED]
    left = Subscriber.objects.filter(pk=subscriber.pk, status__in=statuses).update(
        status=Subscriber.Status.UNSUBSCRIBED, ended_at=Now()
    )
    if left:
        Change.objects.create(subscriber=subscriber, what=Change.What.UNSUBSCRIBED, source=source, by=by, reason=reason)
        Consent.objects.filter(subscriber=subscriber, confirmed_at=None).delete()  # what waits is given up, too
    subscriber.refresh_from_db()
    return bool(left)


@transaction.atomic
def erase(subscriber: Subscriber, *, suppress: bool = True) -> None:
    """Deletes all we know of the subscriber but, if `suppress`, a keyed hash: nobody shall mail the address again."""
    subscriber = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
    addresses = {subscriber.email, *subscriber.consents.values_list("email", flat=True)}
    if suppress:
        complained = subscriber.status == Subscriber.Status.COMPLAINED
        reason = Suppression.Reason.COMPLAINED if complained else Suppression.Reason.ERASED
        Suppression.objects.bulk_create(
            [Suppression(email_hash=email_hash(subscriber.email), reason=reason)], ignore_conflicts=True
        )
    for address in addresses:
        SignUp.objects.filter(email__iexact=address).delete()
        Mail.objects.filter(recipient__iexact=address, template__startswith="newsletter-").delete()
    _delete(subscriber)


def _delete(subscriber: Subscriber) -> None:
    with connection.cursor() as cursor:  # the trigger lets the proofs of this one subscriber go
        cursor.execute("SELECT set_config('newsletter.erasing', %s, true)", [str(subscriber.pk)])
        subscriber.delete()
        cursor.execute("SELECT set_config('newsletter.erasing', '', true)")


def email_hash(email: str) -> bytes:
    """What is left of an erased address: only who knows the address and our secret can make it again."""
    return hmac.new(settings.SECRET_KEY.encode(), f"suppression\n{email.lower()}".encode(), hashlib.sha256).digest()


# --- Mails and their links ---------------------------------------------------------------------


def send_links(email: str, *, language: str) -> None:
    """Mails the links to preferences and data, if the address is known; the answer tells nobody whether it is."""
    if subscriber := Subscriber.objects.with_address(email).first():
        # Who asks twice wants two mails: each is an occasion of its own.
        _mail_links("links", subscriber, language=language, occasion=secrets.token_urlsafe(9))


def link(purpose: str, subscriber: Subscriber, *, language: str) -> str:
    """The absolute address at which the subscriber may do what `purpose` says."""
    token = tokens.make(f"newsletter.{purpose}", subscriber.pk)
    return mail.address(f"newsletter:{purpose}", token, language=language)


def unsubscribe_headers(subscriber: Subscriber) -> Mapping[str, str]:
    """RFC 8058: mail programs show a button that posts to this address."""
    return {
        "List-Unsubscribe": f"<{link('unsubscribe', subscriber, language=subscriber.language)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _mail_confirmation(template: str, consent: Consent) -> None:
    token = tokens.make("newsletter.confirm", consent.pk)
    mail.queue(
        f"newsletter-{template}",
        to=consent.email,
        language=consent.language,
        occasion=str(consent.pk),
        context={"confirm_url": mail.address("newsletter:confirm", token, language=consent.language)},
    )


def _mail_links(template: str, subscriber: Subscriber, *, language: str, occasion: str) -> None:
    purposes = ["preferences", "unsubscribe", *(["data"] if template == "links" else [])]
    mail.queue(
        f"newsletter-{template}",
        to=subscriber.email,
        language=language,
        occasion=occasion,
        context={f"{purpose}_url": link(purpose, subscriber, language=language) for purpose in purposes},
        headers=unsubscribe_headers(subscriber) if template == "welcome" else None,
    )
