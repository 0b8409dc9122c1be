"""Subscribing and unsubscribing: one function per transition. No other code writes `Subscriber`,
but for addresses that move (`moving`) and lists of people (`listed`).

The answer to a request is the same whether the address is new, waits for its confirmation or subscribes already;
only the mail to it differs. Nothing a stranger can ask for changes what a subscriber has chosen.
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Lower, Now

from news.models import Topic
from newsletter.models import Change, Consent, Delivery, ImportRow, Return, SignUp, Subscriber, Suppression
from newsletter.subscribers import suppressing, wording
from sccon import mail, mail_headers, tokens
from sccon.models import Mail, User

DATA_LINK_HOLDS = timedelta(days=1)


class NotConfirmable(Exception):
    """`why`: the link was "used", its time has "expired", the address is "taken" by another subscriber, or its owner has
    "complained"."""

    def __init__(self, why: str):
        self.why = why
        super().__init__(why)


# --- Coming ------------------------------------------------------------------------------------


def request(email: str, *, language: str, source: str, network: str) -> SignUp:
    """Somebody, perhaps not its owner, asks for the newsletter at `email`."""
    return SignUp.objects.create(email=email, language=language, source=source, network=network)


@transaction.atomic
def handle(sign_up: SignUp) -> None:
    """Finds out what a sign-up means for its address: a mail with the link to confirm, another one, or none. Once."""
    if not SignUp.objects.filter(pk=sign_up.pk, handled_at=None).update(handled_at=Now()):
        return
    email, language = sign_up.email, sign_up.language
    suppressed = suppressing.of(email)
    erased = suppressed.exists()
    if erased and not suppressing.may_ask(suppressed):
        return
    subscriber = _subscriber(email, language)
    if subscriber.status == Subscriber.Status.COMPLAINED:
        return
    if subscriber.status == Subscriber.Status.ACTIVE:
        mail_links("known", subscriber, language=language, occasion=f"sign-up:{sign_up.pk}")
        return
    consent = Consent.objects.create(
        subscriber=subscriber,
        kind=Consent.Kind.SIGN_UP,
        email=email,
        language=language,
        wording=wording.as_text(language),
        wording_version=wording.VERSION,
        source=sign_up.source,
        requested_network=sign_up.network,
    )
    Change.objects.create(subscriber=subscriber, what=Change.What.REQUESTED, source=sign_up.source)
    SignUp.objects.filter(pk=sign_up.pk).update(consent=consent)
    mail_confirmation("confirm", consent, erased=erased)


def _subscriber(email: str, language: str) -> Subscriber:
    """The subscriber with this address, created if there is none, and locked; concurrent requests get the same one."""
    Subscriber.objects.bulk_create([Subscriber(email=email, language=language)], ignore_conflicts=True)
    return Subscriber.objects.with_address(email).select_for_update().get()


@transaction.atomic
def choose(sign_up: SignUp, *, language: str, topics: Iterable[Topic]) -> None:
    """Stores with the sign-up what is chosen before the confirmation. An active subscriber's choice is not changed."""
    SignUp.objects.filter(pk=sign_up.pk).update(language=language)
    sign_up.topics.set(topics)


@transaction.atomic
def confirm(consent: Consent, *, network: str) -> Subscriber:
    """PENDING, UNSUBSCRIBED or BOUNCED → ACTIVE, with the chosen topics and language.

    Raises `NotConfirmable` where the link was used or is older than a week, or the owner complained, and then changes
    nothing.
    """
    prove(consent, network=network)
    subscriber = Subscriber.objects.select_for_update().get(pk=consent.subscriber_id)
    was_active = subscriber.status == Subscriber.Status.ACTIVE
    suppressing.of(subscriber.email).delete()
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
        mail_links("welcome", subscriber, language=subscriber.language, occasion=f"consent:{consent.pk}")
    SignUp.objects.filter(email__iexact=subscriber.email).delete()
    return subscriber


def prove(consent: Consent, *, network: str) -> None:
    """Writes down that the mailbox has confirmed, once. Raises `NotConfirmable`."""
    if complained(consent.email):
        raise NotConfirmable("complained")
    done = Consent.objects.filter(pk=consent.pk).confirmable().update(confirmed_at=Now(), confirmed_network=network)
    consent.refresh_from_db()
    if not done:
        raise NotConfirmable("used" if consent.confirmed_at else "expired")


# --- Changing ----------------------------------------------------------------------------------


@transaction.atomic
def change(subscriber: Subscriber, *, language: str, topics: Iterable[Topic], source: str) -> None:
    """Changes topics and language of a subscriber."""
    Subscriber.objects.filter(pk=subscriber.pk).update(language=language)
    subscriber.topics.set(topics)
    Change.objects.create(subscriber=subscriber, what=Change.What.PREFERENCES, source=source)


# --- Complaining -------------------------------------------------------------------------------


def complained(email: str) -> bool:
    """Whether the owner of `email` complained: no newsletter mail goes there, not even one that asks."""
    with_it = Subscriber.objects.with_address(email).filter(status=Subscriber.Status.COMPLAINED)
    return with_it.exists() or suppressing.complained(email)


@transaction.atomic
def complain(email: str, *, source: str) -> None:
    """Any state → COMPLAINED: the owner of `email` reported our mail as unwanted, as mailbox providers tell."""
    suppressing.suppress(email, Suppression.Reason.COMPLAINED)
    for subscriber in Subscriber.objects.with_address(email).select_for_update():
        Subscriber.objects.filter(pk=subscriber.pk).update(status=Subscriber.Status.COMPLAINED, ended_at=Now())
        Consent.objects.filter(subscriber=subscriber, confirmed_at=None).delete()
        Change.objects.create(subscriber=subscriber, what=Change.What.COMPLAINED, source=source)


@transaction.atomic
def lift(email: str, *, by: User, reason: str) -> bool:
    """COMPLAINED → UNSUBSCRIBED: the owner of `email` wrote, and may ask for the newsletter again. False: no complaint."""
    lifted, _rows = suppressing.of(email).filter(reason=Suppression.Reason.COMPLAINED).delete()
    for subscriber in Subscriber.objects.with_address(email).filter(status=Subscriber.Status.COMPLAINED):
        lifted += Subscriber.objects.filter(pk=subscriber.pk).update(status=Subscriber.Status.UNSUBSCRIBED)
        Change.objects.create(subscriber=subscriber, what=Change.What.LIFTED, source="admin", by=by, reason=reason)
    return bool(lifted)


# --- Coming back as undeliverable ----------------------------------------------------------------


@transaction.atomic
def bounce(subscribers: QuerySet[Subscriber], *, source: str) -> int:
    """ACTIVE → BOUNCED: mails to them come back for good; returns how many. `source` names what came back."""
    active = Subscriber.objects.active().filter(pk__in=subscribers)
    ids = list(active.order_by("pk").select_for_update().values_list("pk", flat=True))
    done = Subscriber.objects.filter(pk__in=ids).update(status=Subscriber.Status.BOUNCED, ended_at=Now())
    Change.objects.bulk_create(Change(subscriber_id=pk, what=Change.What.BOUNCED, source=source) for pk in ids)
    return done


@transaction.atomic
def unbounce(subscribers: QuerySet[Subscriber], *, source: str, by: User | None = None) -> int:
    """BOUNCED → ACTIVE, for those whom `bounce` with the same `source` ended last; returns how many."""
    last = (
        Change.objects.filter(subscriber=OuterRef("pk"), what=Change.What.BOUNCED).order_by("-pk").values("source")[:1]
    )
    ended = subscribers.filter(status=Subscriber.Status.BOUNCED).alias(ended_by=Subquery(last)).filter(ended_by=source)
    chosen = Subscriber.objects.filter(pk__in=ended, status=Subscriber.Status.BOUNCED)
    ids = list(chosen.order_by("pk").select_for_update().values_list("pk", flat=True))
    done = Subscriber.objects.filter(pk__in=ids).update(status=Subscriber.Status.ACTIVE, ended_at=None)
    Change.objects.bulk_create(Change(subscriber_id=pk, what=Change.What.UNBOUNCED, source=source, by=by) for pk in ids)
    return done


# --- Leaving -----------------------------------------------------------------------------------


@transaction.atomic
def unsubscribe(
    subscriber: Subscriber,
    *,
    source: str,
    by: User | None = None,
    reason: str = "",
    because_of: Delivery | None = None,
) -> bool:
    """PENDING, ACTIVE or BOUNCED → UNSUBSCRIBED; returns whether anything changed. The mail `because_of` which somebody
    leaves says so."""
    statuses = [Subscriber.Status.PENDING, Subscriber.Status.ACTIVE, Subscriber.Status.BOUNCED]
    left = Subscriber.objects.filter(pk=subscriber.pk, status__in=statuses).update(
        status=Subscriber.Status.UNSUBSCRIBED, ended_at=Now()
    )
    if left:
        if because_of:
            Delivery.objects.filter(pk=because_of.pk, left_at=None).update(left_at=Now())
        Change.objects.create(subscriber=subscriber, what=Change.What.UNSUBSCRIBED, source=source, by=by, reason=reason)
        Consent.objects.filter(subscriber=subscriber, confirmed_at=None).delete()  # pending requests are dropped, too
    subscriber.refresh_from_db()
    return bool(left)


@transaction.atomic
def erase(subscriber: Subscriber, *, suppress: bool = True) -> None:
    """Deletes all data of the subscriber. With `suppress` a keyed hash stays: the address is not mailed again."""
    subscriber = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
    addresses = {subscriber.email, *subscriber.consents.values_list("email", flat=True)}
    if suppress:
        complained = subscriber.status == Subscriber.Status.COMPLAINED
        reason = Suppression.Reason.COMPLAINED if complained else Suppression.Reason.ERASED
        suppressing.suppress(subscriber.email, reason)
    # Words of servers name the address.
    Return.objects.filter(delivery__subscriber=subscriber).update(raw=b"", words="")
    Delivery.objects.filter(subscriber=subscriber).update(answer="", bounce="")
    for address in addresses:
        SignUp.objects.filter(email__iexact=address).delete()
        ImportRow.objects.alias(address=Lower("email")).filter(address=address.lower()).delete()
        Mail.objects.filter(recipient__iexact=address, template__startswith="newsletter-").delete()
    delete(subscriber)


def delete(subscriber: Subscriber) -> None:
    """Deletes the row with its proofs; the caller knows why it may."""
    with connection.cursor() as cursor:  # so that the trigger allows to delete this subscriber's proofs
        cursor.execute("SELECT set_config('newsletter.erasing', %s, true)", [str(subscriber.pk)])
        subscriber.delete()
        cursor.execute("SELECT set_config('newsletter.erasing', '', true)")


# --- Mails and their links ---------------------------------------------------------------------


def send_links(email: str, *, language: str) -> None:
    """Mails the links to preferences and data if the address is known. The page does not tell whether it is."""
    subscriber = Subscriber.objects.with_address(email).first()
    if subscriber and not complained(email):
        # Each request is an occasion of its own: asking twice sends two mails.
        mail_links("links", subscriber, language=language, occasion=secrets.token_urlsafe(9))


def link(purpose: str, subscriber: Subscriber, *, language: str) -> str:
    """The absolute address of the subscriber's own page for `purpose`, with a token that holds for this address."""
    token = tokens.make(f"newsletter.{purpose}", [subscriber.pk, subscriber.moves])
    return mail.address(f"newsletter:{purpose}", token, language=language)


def list_headers(leave: str) -> Mapping[str, str]:
    """What a mail of the newsletter has in its header: which list it is of, and the button that posts to `leave`."""
    return {**mail_headers.one_click(leave), "List-Id": list_id()}


def list_id() -> str:
    """Which list a mail is of: the same in all of them, and never another, as little as what readers of feeds know us by."""
    return mail_headers.list_id(f"{settings.SITE_NAME} Newsletter", f"newsletter.{settings.FEED_ID_HOST}")


def mail_confirmation(template: str, consent: Consent, *, erased: bool = False) -> None:
    """The link to confirm. Who had their data deleted (`erased`) is told that doing nothing keeps it so."""
    token = tokens.make("newsletter.confirm", consent.pk)
    mail.queue(
        f"newsletter-{template}",
        to=consent.email,
        language=consent.language,
        occasion=str(consent.pk),
        context={
            "confirm_url": mail.address("newsletter:confirm", token, language=consent.language),
            "erased": erased,
        },
        public=True,
    )


def mail_links(template: str, subscriber: Subscriber, *, language: str, occasion: str) -> None:
    """A mail with the links to the subscriber's own pages."""
    purposes = ["preferences", "unsubscribe", *(["data"] if template == "links" else [])]
    mail.queue(
        f"newsletter-{template}",
        to=subscriber.email,
        language=language,
        occasion=occasion,
        context={f"{purpose}_url": link(purpose, subscriber, language=language) for purpose in purposes},
        headers=list_headers(link("unsubscribe", subscriber, language=language)) if template == "welcome" else None,
        public=template != "welcome",
    )
