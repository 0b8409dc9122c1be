"""People of a list that staff import, many at a time: what is known of their addresses, subscribing them, taking it back.

Their consent was given elsewhere; the list says where and when. Nobody is brought back, and nobody loses a topic.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from django.db.models.functions import Lower
from django.utils import translation
from django.utils.translation import gettext as _

from news.models import Topic
from newsletter.models import Change, Consent, Import, ImportRow, Move, Subscriber
from newsletter.subscribers import suppressing

ERASED, MOVED = "erased", "moved"


@dataclass(frozen=True)
class Known:
    """What an address is to us: its subscriber's status, or why it is not brought back."""

    status: str
    pk: int | None = None
    topics: frozenset[int] = frozenset()  # none: all


def known(emails: Collection[str]) -> dict[str, Known]:
    """What we know of these addresses, each by itself in lower case; one of which we know nothing is missing.

    The subscribers among them stay locked until the transaction ends.
    """
    lowered = {email.lower() for email in emails}
    moved = Move.objects.filter(done_at__isnull=False).alias(address=Lower("before")).filter(address__in=lowered)
    found = {address: Known(MOVED) for address in moved.values_list("address", flat=True)}
    suppressed = suppressing.among(lowered)
    found |= {address: Known(ERASED) for address in suppressed}
    subscribers = Subscriber.objects.annotate(address=Lower("email")).filter(address__in=lowered)
    rows = list(subscribers.order_by("pk").select_for_update().values_list("address", "pk", "status"))
    chosen: dict[int, set[int]] = {}
    active = [pk for _address, pk, status in rows if status == Subscriber.Status.ACTIVE]
    pairs = Subscriber.topics.through.objects.filter(subscriber_id__in=active).values_list("subscriber_id", "topic_id")
    for pk, topic in pairs:
        chosen.setdefault(pk, set()).add(topic)
    found |= {address: Known(status, pk, frozenset(chosen.get(pk, ()))) for address, pk, status in rows}
    complained = Known(Subscriber.Status.COMPLAINED)
    return found | {address: complained for address, reason in suppressed.items() if reason == "complained"}


def subscribe(rows: list[ImportRow], of: Import) -> None:
    """Subscribes the people of `rows` and sets `row.subscriber_id`; it stays None where somebody asked meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO newsletter_subscriber (email, language, status, created_at, confirmed_at)"
            " SELECT email, language, 'active', at, at"
            " FROM unnest(%s::text[], %s::text[], %s::timestamptz[]) AS list (email, language, at)"
            " ON CONFLICT DO NOTHING RETURNING lower(email), id",
            [
                [row.email for row in rows],
                [row.language for row in rows],
                [row.consented_at for row in rows],
            ],
        )
        made = dict(cursor.fetchall())
    for row in rows:
        row.subscriber_id = made.get(row.email.lower())
        row.added = list(row.topics)
    _write([row for row in rows if row.subscriber_id], of)


def add_topics(rows: list[ImportRow], of: Import) -> None:
    """Adds `row.added` to the topics of `row.subscriber_id`."""
    _write(rows, of)


def _write(rows: list[ImportRow], of: Import) -> None:
    """Topics, proof and history."""
    topics = set(Topic.objects.values_list("pk", flat=True))  # one may have been deleted since the check
    through = Subscriber.topics.through
    through.objects.bulk_create(
        [
            through(subscriber_id=row.subscriber_id, topic_id=topic)
            for row in rows
            for topic in row.added
            if topic in topics
        ],
        ignore_conflicts=True,
    )
    words = {language: _wording(language) for language in {row.language for row in rows}}
    Consent.objects.bulk_create(
        Consent(
            subscriber_id=row.subscriber_id,
            kind=Consent.Kind.IMPORT,
            email=row.email,
            language=row.language,
            wording=words[row.language],
            wording_version="",
            source=row.source,
            requested_at=row.consented_at,
            confirmed_at=row.consented_at,
            imported_in=of,
        )
        for row in rows
    )
    Change.objects.bulk_create(
        Change(subscriber_id=row.subscriber_id, what=Change.What.IMPORTED, source=_source(of), by_id=of.by_id)
        for row in rows
    )


def _wording(language: str) -> str:
    with translation.override(language):
        return _("Given elsewhere and taken over from a list. Its words are kept where the list comes from.")


def _source(of: Import) -> str:
    return f"import:{of.pk}"


def untouched(subscribers: Iterable[int], of: Import) -> set[int]:
    """Those of `subscribers` who have done nothing since `of`, and with whom nobody has: locked."""
    active = Subscriber.objects.filter(pk__in=list(subscribers), status=Subscriber.Status.ACTIVE)
    pks = set(active.order_by("pk").select_for_update().values_list("pk", flat=True))
    last = Change.objects.filter(subscriber_id__in=pks).order_by("subscriber_id", "-pk").distinct("subscriber_id")
    return {pk for pk, source in last.values_list("subscriber_id", "source") if source == _source(of)}


def forget(subscribers: Collection[int], of: Import) -> None:
    """Deletes the subscribers that `of` made, as if they had never been on the list."""
    with _undoing(of):
        Subscriber.objects.filter(pk__in=subscribers).delete()


def take_back(rows: list[ImportRow], of: Import) -> None:
    """Takes the topics and the proof away that `of` added to those who subscribed before."""
    for row in rows:
        Subscriber.topics.through.objects.filter(subscriber_id=row.subscriber_id, topic_id__in=row.added).delete()
    pks = {row.subscriber_id for row in rows}
    with _undoing(of):
        Consent.objects.filter(imported_in=of, subscriber_id__in=pks).delete()
    Change.objects.bulk_create(
        Change(subscriber_id=pk, what=Change.What.TAKEN_BACK, source=_source(of), by_id=of.by_id)
        for pk in sorted(filter(None, pks))
    )


@contextmanager
def _undoing(of: Import) -> Iterator[None]:
    """So that the trigger allows to delete the proofs that came with `of`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('newsletter.undoing', %s, true)", [str(of.pk)])
        yield
        cursor.execute("SELECT set_config('newsletter.undoing', '', true)")
