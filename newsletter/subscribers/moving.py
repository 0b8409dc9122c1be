"""The newsletter moves to another address: at once when both mailboxes want it, else three days after the new one did.

Whoever got a forwarded newsletter has its link to the preferences. Until a move happens the old mailbox can stop it, by
the link in the mail that it got when somebody asked; afterwards links of the old address no longer show or change anything.
"""

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from newsletter.models import Change, Consent, Move, Subscriber
from newsletter.subscribers import subscribing, suppressing, wording
from newsletter.subscribers.subscribing import NotConfirmable
from sccon import mail, tokens
from sccon.jobs import app


@transaction.atomic
def request(subscriber: Subscriber, email: str, *, language: str, source: str, network: str) -> None:
    """Asks both mailboxes whether the newsletter shall go to `email` from now on. Nothing changes before that."""
    subscriber = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
    suppressed = suppressing.of(email)
    erased = suppressed.exists()
    if subscribing.complained(email) or (erased and not suppressing.may_ask(suppressed)):
        return
    asked_before = Move.objects.open().filter(consent__subscriber=subscriber, consent__confirmed_at=None)
    asked_before.update(stopped_at=Now())  # the last one counts
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
    Move.objects.create(consent=consent, before=subscriber.email)
    if other and other.pk != subscriber.pk and other.status == Subscriber.Status.ACTIVE:
        subscribing.mail_links("known", other, language=other.language, occasion=f"consent:{consent.pk}")
    else:
        subscribing.mail_confirmation("address", consent, erased=erased)
    if other != subscriber:
        token = tokens.make("newsletter.move", consent.pk)
        mail.queue(
            "newsletter-moving",
            to=subscriber.email,
            language=subscriber.language,
            occasion=str(consent.pk),
            context={"move_url": mail.address("newsletter:move", token, language=subscriber.language)},
            public=True,
        )


@transaction.atomic
def confirm(consent: Consent, *, network: str) -> Subscriber:
    """The new mailbox says yes: the newsletter moves now if the old one did, too, or is the same; else in three days.

    Raises `NotConfirmable`, and then changes nothing.
    """
    subscriber = Subscriber.objects.select_for_update().get(pk=consent.subscriber_id)
    move = Move.objects.filter(consent=consent).first()
    if move is None or move.stopped_at or move.before != subscriber.email:
        raise NotConfirmable("stopped")
    others = Subscriber.objects.with_address(consent.email).exclude(pk=subscriber.pk)
    if others.filter(status=Subscriber.Status.ACTIVE).exists():
        raise NotConfirmable("taken")
    subscribing.prove(consent, network=network)
    suppressing.of(consent.email).delete()
    if move.agreed_at or move.before.lower() == consent.email.lower():
        perform(move)
        subscriber.refresh_from_db()
    return subscriber


@transaction.atomic
def agree(move: Move) -> bool:
    """The old mailbox says yes, too; returns whether the newsletter has moved now."""
    subscriber = Subscriber.objects.select_for_update().get(pk=move.consent.subscriber_id)
    if subscriber.email == move.before:
        Move.objects.open().filter(pk=move.pk, agreed_at=None).update(agreed_at=Now())
    return bool(Move.objects.due().filter(pk=move.pk).exists() and perform(move))


@transaction.atomic
def stop(move: Move) -> None:
    """The old mailbox says no: the move does not happen, and the link in the mail to the new one is over."""
    if Move.objects.open().filter(pk=move.pk).update(stopped_at=Now()):
        Change.objects.create(subscriber=move.consent.subscriber, what=Change.What.STOPPED, source="link")


@transaction.atomic
def perform(move: Move) -> bool:
    """Moves the newsletter, and tells the old address. A move that can no longer happen is stopped. Whether it happened."""
    consent, open_ones = move.consent, Move.objects.open()
    subscriber = Subscriber.objects.select_for_update().get(pk=consent.subscriber_id)
    if not open_ones.filter(pk=move.pk).exists():
        return False
    is_whose = subscriber.status == Subscriber.Status.ACTIVE and subscriber.email == move.before
    if not is_whose or subscribing.complained(consent.email) or not _take(subscriber, consent.email):
        open_ones.filter(pk=move.pk).update(stopped_at=Now())
        return False
    open_ones.filter(pk=move.pk).update(done_at=Now())
    open_ones.filter(consent__subscriber=subscriber).update(stopped_at=Now())
    Change.objects.create(subscriber=subscriber, what=Change.What.ADDRESS, source="link")
    if move.before.lower() != consent.email.lower():
        mail.queue(
            "newsletter-address-changed",
            to=move.before,
            language=subscriber.language,
            occasion=str(consent.pk),
            context={"address": consent.email},
        )
    return True


def _take(subscriber: Subscriber, email: str) -> bool:
    """Writes the new address, unless another subscriber has it."""
    # Someone who began to sign up with the new address, or left with it, is the same person: the link proves it.
    others = Subscriber.objects.with_address(email).exclude(pk=subscriber.pk)
    if others.filter(status=Subscriber.Status.ACTIVE).exists():
        return False
    for other in others:
        subscribing.delete(other)
    try:
        with transaction.atomic():
            Subscriber.objects.filter(pk=subscriber.pk).update(email=email, moves=F("moves") + 1, moved_at=Now())
    except IntegrityError:  # someone has just begun to sign up with it
        return False
    return True


@app.periodic(cron="*/10 * * * *")
@app.task(name="newsletter.move_due", queue="normal", queueing_lock="newsletter.move_due", pass_context=False)
def move_due(timestamp: int) -> None:
    """Moves what the old mailboxes have not stopped in time. Every ten minutes."""
    for move in Move.objects.due().select_related("consent"):
        perform(move)
