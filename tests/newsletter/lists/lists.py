"""Lists as other programs write them, and what a worker does with them."""

from datetime import datetime
from typing import Any

from newsletter.lists import importing
from newsletter.models import Import, Subscriber
from newsletter.subscribers import subscribing
from sccon.models import User
from tests.factories import make_user
from tests.newsletter.people import make_subscriber

HEAD = ("E-Mail", "Sprache", "Themen", "Quelle", "Datum")
ROW = ("jana@example.org", "de", "", "Messestand 2024", "2024-05-31 10:30")


def as_csv(*rows: tuple[str, ...], separator: str = ";", head: tuple[str, ...] = HEAD) -> str:
    def cell(text: str) -> str:
        quoted = any(sign in text for sign in f'{separator}"\n\r')
        return '"' + text.replace('"', '""') + '"' if quoted else text

    return "".join(separator.join(map(cell, row)) + "\r\n" for row in (head, *rows))


def person(email: str, **values: str) -> tuple[str, ...]:
    """A row that is right but for `values`."""
    row = dict(zip(("email", "language", "topics", "source", "date"), ROW, strict=True)) | {"email": email} | values
    return tuple(row.values())


def checked(data: str | bytes, *, language: str = "de", by: User | None = None) -> Import:
    """An uploaded list whose rows are judged."""
    data = data.encode() if isinstance(data, str) else data
    of = importing.upload(data, name="liste.csv", language=language, by=by or make_user())
    importing.read(import_id=of.pk)
    of.refresh_from_db()
    assert of.state == "checked"
    return of


def imported(data: str | bytes | Import, **options: Any) -> Import:
    of = data if isinstance(data, Import) else checked(data, **options)
    assert importing.begin(of)
    importing.run(import_id=of.pk)
    of.refresh_from_db()
    assert of.state == "done"
    return of


def undone(of: Import) -> Import:
    assert importing.undo(of)
    importing.revert(import_id=of.pk)
    of.refresh_from_db()
    assert of.state == "undone"
    return of


def fates(of: Import) -> dict[str, str]:
    """What became of each row, by what was typed; `problem` where it was refused."""
    return {row.typed: row.problem or row.fate for row in of.rows.order_by("number")}


def people() -> list[tuple[Any, ...]]:
    """All that the list of subscribers says of each."""
    found = []
    for each in Subscriber.objects.order_by("email").prefetch_related("topics", "consents"):
        topics = sorted(topic.pk for topic in each.topics.all())
        consents = [(consent.source, consent.confirmed_at, consent.language) for consent in each.consents.all()]
        found.append((each.email, each.status, each.language, topics, each.confirmed_at, sorted(consents)))
    return found


def make_everybody() -> dict[str, datetime | None]:
    """A person of each status, erased and moved ones, too."""
    left, bounced = make_subscriber("left@example.org"), make_subscriber("bounced@example.org")
    subscribing.unsubscribe(left, source="link")
    subscribing.bounce(Subscriber.objects.filter(pk=bounced.pk), source="returns")
    make_subscriber("complained@example.org")
    subscribing.complain("complained@example.org", source="provider")
    subscribing.erase(make_subscriber("erased@example.org"))
    subscribing.handle(subscribing.request("waiting@example.org", language="de", source="/de/", network=""))
    make_subscriber("active@example.org")
    return {each.email: each.ended_at for each in Subscriber.objects.all()}
