"""Issues that went out, without the sending."""

from datetime import timedelta

from django.utils import timezone

from newsletter import links
from newsletter.models import Delivery, Edition, Issue, Return, Subscriber
from newsletter.returns import receiving
from tests.newsletter.issues.made import make_issue
from tests.newsletter.returns.corpus import CORPUS, MESSAGE_ID, TO


def sent_issue(days_ago: float = 1) -> Issue:
    at = timezone.now() - timedelta(days=days_ago)
    issue = make_issue(subject_de="Ausgabe", status="sent", ordered_at=at, begin_at=at, started_at=at, ended_at=at)
    Edition.objects.create(
        issue=issue,
        language="de",
        slug=f"ausgabe-{issue.pk}",
        sender="news@example.org",
        subject="Ausgabe",
        items=[],
        html="<p>",
        text="",
        mark="x",
        archived=True,
    )
    return issue


def make_delivery(subscriber: Subscriber | None, issue: Issue | None = None, **fields: object) -> Delivery:
    """A mail that the relay took after the subscriber had confirmed."""
    issue = issue or sent_issue()
    values = {
        "state": "sent",
        "sent_at": timezone.now(),
        "place": 1,
        "provider": subscriber.email.rpartition("@")[2] if subscriber else "",
    }
    return Delivery.objects.create(
        issue=issue, edition=issue.editions.get(), subscriber=subscriber, **(values | fields)
    )


def make_crowd(issue: Issue, number: int, provider: str = "gross.example") -> list[Delivery]:
    """So many subscribers at one provider, each of whom got the issue."""
    at = timezone.now()
    people = Subscriber.objects.bulk_create(
        Subscriber(email=f"p{n}@{provider}", language="de", status="active", confirmed_at=at - timedelta(days=99))
        for n in range(number)
    )
    edition = issue.editions.get()
    return Delivery.objects.bulk_create(
        Delivery(issue=issue, edition=edition, subscriber=each, state="sent", sent_at=at, place=1, provider=provider)
        for each in people
    )


def came_back(shape: str, delivery: Delivery, *, by: str = "sender") -> bytes:
    """The mail of the corpus, about this delivery: by its envelope sender or by its Message-ID alone."""
    raw = CORPUS[shape][0]
    if by == "sender":
        raw = raw.replace(TO.encode(), links.envelope_sender(delivery.pk).encode())
        return raw.replace(MESSAGE_ID.encode(), b"<other@relay.example>")  # as relays do that set their own
    return raw.replace(TO.encode(), b"news@example.org").replace(
        MESSAGE_ID.encode(), links.message_id(delivery.pk).encode()
    )


def take(raw: bytes, **options: str) -> Return:
    """Takes a mail as the pipe does, and judges it as the worker does."""
    receiving.take_mail(raw, **options)
    returned = Return.objects.latest("pk")
    receiving.judge(return_id=returned.pk)
    returned.refresh_from_db()
    return returned
