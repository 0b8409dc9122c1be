"""The current time comes from the database: the clocks of web processes may differ."""

from datetime import datetime
from typing import Self

from django.db import connection
from django.db.models import DateTimeField, Func, Model, QuerySet
from django.http import HttpRequest


class Clock(Func):
    """`clock_timestamp()` as an expression in a query."""

    function = "clock_timestamp"
    output_field = DateTimeField()


class ReadQuerySet[M: Model](QuerySet[M]):
    """Rows that carry the time at which they were read, which saves a query for it."""

    def read_now(self) -> Self:
        """Adds `read_at` to each row: the database's time."""
        return self.annotate(read_at=Clock())


def database_now() -> datetime:
    """The database's time at this call, not at the start of the transaction (aware, UTC)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


INSTANT = "sccon.at"  # key in request.META; a view that knows the time already sets it


def page_instant(request: HttpRequest) -> datetime:
    """The instant that all queries of this request use; read from the database on the first call."""
    if INSTANT not in request.META:
        request.META[INSTANT] = database_now()
    return request.META[INSTANT]
