"""People of a list that staff import, many at a time: what is known of their addresses, subscribing them, taking it back.

Their consent was given elsewhere; the list says where and when. Nobody is brought back, and nobody loses a topic.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from newsletter.models import Change, Consent, Import, ImportRow, Subscriber
from newsletter.subscribers import suppressing
from sccon.translated import LANGUAGES

ERASED, MOVED = "erased", "moved"


@dataclass(frozen=True, slots=True)
class Known:
    """What an address is to us: its subscriber's status, or why it is not brought back."""

    status: str
    pk: int | None = None
    topics: frozenset[int] = frozenset()  # none: all


# By SQL, as below: a list has a hundred thousand rows, and an ORM's row costs ten times as much as the row.
MOVED_FROM = "SELECT lower(before) FROM newsletter_move WHERE done_at IS NOT NULL AND lower(before) = ANY(%s)"
SUBSCRIBERS = """
    SELECT lower(email), subscriber.id, status, (
        SELECT array_agg(topic_id) FROM newsletter_subscriber_topics WHERE subscriber_id = subscriber.id
    )
    FROM newsletter_subscriber AS subscriber WHERE lower(email) = ANY(%s) ORDER BY subscriber.id FOR UPDATE
"""


def known(emails: Collection[str]) -> dict[str, Known]:
    """What we know of these addresses, each by itself in lower case; one of which we know nothing is missing.

    The subscribers among them stay locked until the transaction ends.
    """
    lowered = sorted({email.lower() for email in emails})
    suppressed = suppressing.among(lowered)
    with connection.cursor() as cursor:
        cursor.execute(MOVED_FROM, [lowered])
        found = {address: Known(MOVED) for (address,) in cursor.fetchall()}
        found |= {address: Known(ERASED) for address in suppressed}
        cursor.execute(SUBSCRIBERS, [lowered])
        found |= {
            address: Known(status, pk, frozenset(topics or ())) for address, pk, status, topics in cursor.fetchall()
        }
    complained = Known(Subscriber.Status.COMPLAINED)
    return found | {address: complained for address, reason in suppressed.items() if reason == complained.status}


NEW = """
    INSERT INTO newsletter_subscriber (email, language, status, created_at, confirmed_at)
    SELECT email, language, 'active', consented_at, consented_at FROM newsletter_importrow WHERE id = ANY(%s)
    ON CONFLICT DO NOTHING RETURNING lower(email), id
"""
TOPICS = """
    INSERT INTO newsletter_subscriber_topics (subscriber_id, topic_id)
    SELECT row.subscriber_id, topic.id
    FROM newsletter_importrow AS row CROSS JOIN unnest(row.added) AS more JOIN news_topic AS topic ON topic.id = more
    WHERE row.id = ANY(%s) ON CONFLICT DO NOTHING
"""
CONSENTS = """
    INSERT INTO newsletter_consent (subscriber_id, kind, email, language, wording, wording_version, source, requested_at,
        requested_network, confirmed_at, confirmed_network, imported_in_id)
    SELECT subscriber_id, 'import', email, language, words.wording, '', source, consented_at, '', consented_at, '', of_id
    FROM newsletter_importrow AS row JOIN unnest(%s::text[], %s::text[]) AS words (language, wording) USING (language)
    WHERE row.id = ANY(%s)
"""
CHANGES = """
    INSERT INTO newsletter_change (subscriber_id, what, source, by_id, reason)
    SELECT subscriber_id, 'imported', %s, %s, '' FROM newsletter_importrow WHERE id = ANY(%s)
"""


def subscribe(rows: list[int]) -> dict[str, int]:
    """Makes subscribers of rows of a list; returns them by address in lower case. Whoever asked meanwhile is missing."""
    with connection.cursor() as cursor:
        cursor.execute(NEW, [rows])
        return dict(cursor.fetchall())


def prove(rows: list[int], of: Import) -> None:
    """Writes down consent and history of those whom rows of a list are about, and adds the topics that they bring."""
    words = {language: _wording(language) for language in LANGUAGES}
    with connection.cursor() as cursor:
        cursor.execute(TOPICS, [rows])  # one may have been deleted since the check
        cursor.execute(CONSENTS, [list(words), list(words.values()), rows])
        cursor.execute(CHANGES, [_source(of), of.by_id, rows])


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
    """Takes the topics and the proof away that rows of a list brought to those who subscribed before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM newsletter_subscriber_topics AS chosen USING newsletter_importrow AS row"
            " WHERE row.id = ANY(%s) AND chosen.subscriber_id = row.subscriber_id AND topic_id = ANY(row.added)",
            [[row.pk for row in rows]],
        )
    pks = {row.subscriber_id for row in rows if row.subscriber_id}
    with _undoing(of):
        Consent.objects.filter(imported_in=of, subscriber_id__in=pks).delete()
    Change.objects.bulk_create(
        Change(subscriber_id=pk, what=Change.What.TAKEN_BACK, source=_source(of), by_id=of.by_id) for pk in sorted(pks)
    )


@contextmanager
def _undoing(of: Import) -> Iterator[None]:
    """So that the trigger allows to delete the proofs that came with `of`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('newsletter.undoing', %s, true)", [str(of.pk)])
        yield
        cursor.execute("SELECT set_config('newsletter.undoing', '', true)")
