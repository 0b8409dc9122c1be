"""What anybody may ask for with an address: kept at once, done by the worker.

So neither the answer nor its time tells whether we know the address, or what became of it.
"""

from django.db import transaction

from newsletter.models import LinkRequest, MoveRequest, SignUp, Subscriber
from newsletter.subscribers import moving, subscribing
from sccon.jobs import RETRY, app


@transaction.atomic
def sign_up(email: str, *, language: str, source: str, network: str) -> SignUp:
    """Asks for the newsletter at `email`."""
    made = subscribing.request(email, language=language, source=source, network=network)
    handle_sign_up.defer(sign_up_id=made.pk)
    return made


@transaction.atomic
def links(email: str, *, language: str) -> None:
    """Asks for a mail to `email` with the links to preferences and data."""
    handle_links.defer(request_id=LinkRequest.objects.create(email=email, language=language).pk)


@transaction.atomic
def move(subscriber: Subscriber, email: str, *, language: str, source: str, network: str) -> None:
    """Asks both mailboxes whether the newsletter shall go to `email` from now on."""
    made = MoveRequest.objects.create(
        subscriber=subscriber, email=email, language=language, source=source, network=network
    )
    handle_move.defer(request_id=made.pk)


@app.task(name="newsletter.handle_sign_up", queue="urgent", retry=RETRY, pass_context=False)
def handle_sign_up(*, sign_up_id: int) -> None:
    """Mails what a sign-up means for its address."""
    if made := SignUp.objects.filter(pk=sign_up_id).first():
        subscribing.handle(made)


@app.task(name="newsletter.handle_links", queue="urgent", retry=RETRY, pass_context=False)
@transaction.atomic
def handle_links(*, request_id: int) -> None:
    """Mails the links, if the address is known."""
    if asked := LinkRequest.objects.select_for_update().filter(pk=request_id).first():
        subscribing.send_links(asked.email, language=asked.language)
        asked.delete()


@app.task(name="newsletter.handle_move", queue="urgent", retry=RETRY, pass_context=False)
@transaction.atomic
def handle_move(*, request_id: int) -> None:
    """Mails both mailboxes, if the new one may be asked."""
    asked = (
        MoveRequest.objects.select_for_update(of=("self",)).select_related("subscriber").filter(pk=request_id).first()
    )
    if asked is None:
        return
    moving.request(asked.subscriber, asked.email, language=asked.language, source=asked.source, network=asked.network)
    asked.delete()
