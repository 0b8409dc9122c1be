"""What the database asks only when a transaction ends, asked within a test's own."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


def ask_now() -> None:
    """What else is asked when the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


@contextmanager
def committed() -> Iterator[None]:
    """A transaction up to the questions at its end."""
    with transaction.atomic():
        yield
        ask_now()
