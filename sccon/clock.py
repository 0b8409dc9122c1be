"""The clock that decides is the database's: processes may run on machines that disagree."""

from datetime import datetime
from typing import Self

from django.db import connection
from django.db.models import DateTimeField, Func, Model, QuerySet
from django.http import HttpRequest


class Clock(Func):
    """The same instant inside a query, beside what it is asked about."""

    function = "clock_timestamp"
    output_field = DateTimeField()


class ReadQuerySet[M: Model](QuerySet[M]):
    """Rows that say when they were read: whoever reads them anyway need not ask for the time."""

    def read_now(self) -> Self:
        """Each row with `read_at`, by the database's clock."""
        return self.annotate(read_at=Clock())


def database_now() -> datetime:
    """The instant at which this is asked, not the one at which the transaction began (aware, UTC)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


INSTANT = "sccon.at"  # in request.META; a view that has asked the clock already puts it there


def page_instant(request: HttpRequest) -> datetime:
    """The one instant that all queries of this request ask about; taken from the database when first asked."""
    if INSTANT not in request.META:
        request.META[INSTANT] = database_now()
    return request.META[INSTANT]
