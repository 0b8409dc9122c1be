"""When personal data of the newsletter is deleted: a rule for each field."""

from datetime import timedelta

from django.db.models.functions import Now

from newsletter.models import Consent, LinkRequest, MoveRequest, SignUp, Subscriber
from newsletter.subscribers import subscribing
from sccon.jobs import app
from sccon.retention import Rule

KEEP_UNCONFIRMED = timedelta(days=30)
KEEP_ASKED = timedelta(days=2)  # a day longer than the page with the choice is open
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
    """Deletes unconfirmed requests after 30 days, and subscribers whose proof is no longer needed. Every night."""
    unconfirmed = Consent.objects.filter(confirmed_at=None, requested_at__lt=Now() - KEEP_UNCONFIRMED)
    unconfirmed.delete()
    SignUp.objects.filter(created_at__lt=Now() - KEEP_UNCONFIRMED).delete()
    SignUp.objects.filter(created_at__lt=Now() - KEEP_ASKED, consent=None).delete()
    LinkRequest.objects.filter(created_at__lt=Now() - KEEP_ASKED).delete()
    MoveRequest.objects.filter(created_at__lt=Now() - KEEP_ASKED).delete()
    waiting = Subscriber.objects.filter(status=Subscriber.Status.PENDING, created_at__lt=Now() - KEEP_UNCONFIRMED)
    waiting.filter(consents=None).delete()
    for subscriber in Subscriber.objects.filter(ended_at__lt=Now() - KEEP_PROOF):
        subscribing.erase(subscriber, suppress=subscriber.status == Subscriber.Status.COMPLAINED)


RULES = (
    Rule(
        ("SignUp.email", "SignUp.source", "SignUp.network"),
        "30 days: a request that nobody confirmed, and what was chosen with it; two days where nothing was to confirm",
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
        ("Suppression.email_hash",),
        "for ever: no address but a keyed hash, so that nobody who had their data deleted is mailed again",
        "their own new double opt-in; after a complaint staff, because the owner wrote",
    ),
)

ITEM_TEXTS = ("heading", "text", "alt", "button_label", "button_url")

# Text fields without personal data: a field, or all fields of a model.
IMPERSONAL = frozenset(
    {
        *("Consent.wording", "Consent.wording_version", "Consent.source", "Suppression.key_id"),
        # What is published to everybody who subscribes, and who of us wrote it.
        *(f"Issue.{name}" for name in ("subject", "preheader", "intro", "pause_words", "expected", "confirmed")),
        *(f"IssueItem.{name}" for name in ITEM_TEXTS),
        *(
            f"Edition.{name}"
            for name in ("slug", "sender", "subject", "preheader", "intro", "items", "html", "text", "mark")
        ),
        *("Edition.redaction_reason", "EditionPicture.file", "Correction.text"),
    }
)
