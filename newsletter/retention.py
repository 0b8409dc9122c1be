"""When personal data of the newsletter is deleted: a rule for each field."""

from datetime import timedelta

from django.db.models.functions import Now

from newsletter.lists.importing import UNDO_WITHIN
from newsletter.models import (
    Consent,
    Delivery,
    Import,
    ImportRow,
    LinkRequest,
    MoveRequest,
    Return,
    SignUp,
    Subscriber,
)
from newsletter.models.deliveries import keep_who_got_what
from newsletter.subscribers import subscribing
from sccon.jobs import app
from sccon.retention import Rule

KEEP_UNCONFIRMED = timedelta(days=30)
KEEP_ASKED = timedelta(days=2)  # a day longer than the page with the choice is open
KEEP_UNDECIDED = timedelta(days=7)  # a list that was checked and never imported
KEEP_RETURNS = timedelta(days=90)  # the words of what came back: long enough for whoever asks why somebody was marked
KEEP_PROOF = timedelta(days=3 * 365 + 366)  # the three years begin at the end of the year (§ 199 BGB)


@app.periodic(cron="29 3 * * *")
@app.task(
    name="newsletter.forget",
    aliases=["newsletter.retention.forget"],
    queue="slow",
    queueing_lock="newsletter.forget",
    pass_context=False,
)
def forget(timestamp: int) -> None:
    """Deletes unconfirmed requests after 30 days, and subscribers whose proof is no longer needed; forgets who got an issue
    that ended long ago (NEWSLETTER_DELIVERY_MONTHS). Every night."""
    unconfirmed = Consent.objects.filter(confirmed_at=None, requested_at__lt=Now() - KEEP_UNCONFIRMED)
    unconfirmed.delete()
    SignUp.objects.filter(created_at__lt=Now() - KEEP_UNCONFIRMED).delete()
    SignUp.objects.filter(created_at__lt=Now() - KEEP_ASKED, consent=None).delete()
    LinkRequest.objects.filter(created_at__lt=Now() - KEEP_ASKED).delete()
    MoveRequest.objects.filter(created_at__lt=Now() - KEEP_ASKED).delete()
    # The verdict stays as long as the delivery: whether full mailboxes last is a question about the last five issues.
    back = Return.objects.filter(received_at__lt=Now() - KEEP_RETURNS)
    back.filter(delivery=None).delete()
    Delivery.objects.filter(pk__in=back.exclude(words="").values("delivery")).exclude(bounce="").update(bounce="")
    back.exclude(raw=b"", words="").update(raw=b"", words="")
    old = Delivery.objects.filter(issue__ended_at__lt=Now() - keep_who_got_what())  # that one left stays, and the sums
    Return.objects.filter(delivery__in=old.values("pk")).delete()
    old.exclude(subscriber=None, provider="", answer="").update(subscriber=None, provider="", answer="", bounce="")
    waiting = Subscriber.objects.filter(status=Subscriber.Status.PENDING, created_at__lt=Now() - KEEP_UNCONFIRMED)
    waiting.filter(consents=None).delete()
    undecided = Import.objects.filter(started_at=None, created_at__lt=Now() - KEEP_UNDECIDED)
    over = Import.objects.filter(started_at__lt=Now() - UNDO_WITHIN)
    ImportRow.objects.filter(of__in=over | undecided).delete()
    undecided.delete()
    for subscriber in Subscriber.objects.filter(ended_at__lt=Now() - KEEP_PROOF):
        subscribing.erase(subscriber, suppress=subscriber.status == Subscriber.Status.COMPLAINED)


RULES = (
    Rule(
        ("SignUp.email", "SignUp.source", "SignUp.network"),
        "30 days: a request that nobody confirmed, and what was chosen with it; two days where nothing was to confirm",
        forget,
    ),
    Rule(
        ("Import.upload", "Import.name"),
        "the file: until its rows are read, some seconds; all of it a week where nothing is imported. What the file was"
        " called stays with the proof of those who came with it",
        forget,
    ),
    Rule(
        ("ImportRow.typed", "ImportRow.email", "ImportRow.source", "ImportRow.about"),
        "90 days after the import, for so long it can be undone; a week where nothing is imported; a person's rows go with"
        " the person's data",
        forget,
    ),
    Rule(("LinkRequest.email",), "until the links are mailed, two days at the most", forget),
    Rule(
        ("MoveRequest.email", "MoveRequest.network", "MoveRequest.source"),
        "until both mailboxes are asked, two days at the most",
        forget,
    ),
    Rule(
        (
            *("Subscriber.email", "Consent.email", "Consent.requested_network", "Consent.confirmed_network"),
            *("Change.reason", "Change.source", "Move.before"),
        ),
        "30 days unconfirmed; else until three full years after the subscriber left: for so long a claim about unwanted"
        " mail may ask for the proof (§§ 195, 199 BGB); at once on the subscriber's request",
        forget,
    ),
    Rule(
        ("Delivery.provider", "Delivery.answer"),
        "two years after the issue (NEWSLETTER_DELIVERY_MONTHS): for so long we can say who got what; the sums stay",
        forget,
    ),
    Rule(
        ("Return.event", "Return.raw", "Return.code", "Return.words", "Delivery.bounce"),
        "90 days: what a server says names an address; the verdict stays as long as the delivery; at once when the"
        " subscriber's data is deleted",
        forget,
    ),
    Rule(
        ("Suppression.email_hash",),
        "for ever: no address but a keyed hash, so that nobody who had their data deleted is mailed again",
        "their own new double opt-in; after a complaint staff, because the owner wrote",
    ),
)

# Text fields without personal data: a field, or all fields of a model.
IMPERSONAL = frozenset(
    {
        *("Import.unused", "Import.counts", "ImportRow.topics", "ImportRow.added", "ImportRow.problem"),
        *("Consent.wording", "Consent.wording_version", "Consent.source", "Suppression.key_id"),
        *("Issue", "IssueItem", "Edition", "EditionPicture", "Correction"),  # written for everybody
        *("Tally", "Hold"),  # numbers, and the domain of a provider of mailboxes
        "MailFinding",  # what the DNS tells everybody
    }
)
