"""A segment of the subscribers as a list for spreadsheet programs; `importing` reads it, too."""

from collections.abc import Iterator

from django.db.models import Prefetch, QuerySet
from django.utils.timezone import localtime
from django.utils.translation import pgettext

from newsletter.models import Consent, Subscriber
from sccon import spreadsheets
from sccon.addresses import shown


def lines(subscribers: QuerySet[Subscriber]) -> Iterator[str]:
    """The lines of the file, one by one: a list of a hundred thousand is never all in hand."""
    return spreadsheets.written(_rows(subscribers))


def _rows(subscribers: QuerySet[Subscriber]) -> Iterator[list[str]]:
    yield [
        pgettext("column", "E-mail address"),
        pgettext("column", "Status"),
        pgettext("column", "Language"),
        pgettext("column", "Topics"),
        pgettext("column", "Source of the consent"),
        pgettext("column", "Date of the consent"),
        pgettext("column", "Ended"),
    ]
    confirmed = Prefetch(
        "consents", Consent.objects.filter(confirmed_at__isnull=False).order_by("-confirmed_at", "-pk")
    )
    whole = subscribers.order_by("pk").prefetch_related(None).prefetch_related("topics", confirmed)
    for subscriber in whole.iterator(chunk_size=2000):
        consent = next(iter(subscriber.consents.all()), None)
        yield [
            shown(subscriber.email),
            subscriber.get_status_display(),
            subscriber.language,
            ", ".join(map(str, subscriber.topics.all())),
            consent.source if consent else "",
            _moment(consent.confirmed_at if consent else None),
            _moment(subscriber.ended_at),
        ]


def _moment(moment) -> str:
    return f"{localtime(moment):%Y-%m-%d %H:%M:%S}" if moment else ""
