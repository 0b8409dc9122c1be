"""The clock that decides is the database's: processes may run on machines that disagree."""

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """The instant at which this is asked, not the one at which the transaction began (aware, UTC)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
