"""SQL written by hand, for the few questions that pages and buyers ask all the time.

`fetch` has the connection prepare a statement; `columns`, `split` and `instance` make model instances of whole rows.
docs/decisions/statements.md says when that is worth it.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, connections
from django.db.models import Model
from django.db.models.fetch_modes import FetchMode


class _Prepared(psycopg.Cursor):
    def execute(self, query, params=None, **_options):
        return super().execute(query, params, prepare=True)


def end_long_ones() -> None:
    """Has the database end each statement of this process that takes longer than `settings.STATEMENT_SECONDS`.

    For web processes, before they serve: a visitor has gone by then, and what he asked for must not hold a thread.
    Migrations, commands and the worker may take their time.
    """
    options = connections.settings["default"]["OPTIONS"]
    ours = f"-c statement_timeout={settings.STATEMENT_SECONDS * 1000}"
    options["options"] = f"{options.get('options', '')} {ours}".strip()
    connections["default"].close()
    connections["default"].close_pool()  # type: ignore[attr-defined]


def was_ended(error: BaseException | None) -> bool:
    """Whether `error`, or what caused it, says that the database ended a statement."""
    while error is not None and not isinstance(error, psycopg.errors.QueryCanceled):
        error = error.__cause__ or error.__context__
    return error is not None


def fetch(sql: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[tuple]:
    """The rows of a prepared statement, planned once per connection; none of one that returns none.

    The text must always be the same: what differs, lists too, goes into `parameters`.
    """
    with connection.cursor() as cursor:
        cursor.cursor = _Prepared(connection.connection)
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


@cache
def names(model: type[Model]) -> tuple[str, ...]:
    """The attributes of a whole row of `model`, in its order; without generated columns, which the database alone reads."""
    return tuple(field.attname for field in model._meta.concrete_fields if not field.generated)


def columns(model: type[Model], alias: str) -> str:
    """The columns of a whole row, for a SELECT."""
    return ", ".join(f"{alias}.{field.column}" for field in model._meta.concrete_fields if not field.generated)


def split(values: Sequence[object], *expected: type[Model]) -> Iterator[Sequence[object]]:
    """Cuts `values` into the whole rows of the `expected` models, which stand one after another in it."""
    end = 0
    for model in expected:
        begin, end = end, end + len(names(model))
        yield values[begin:end]


def instance[M: Model](model: type[M], row: Sequence[object], fetch_mode: FetchMode | None = None) -> M:
    """The instance for a whole row. `fetch_mode`: what happens when a related object is asked for that is not there."""
    return model.from_db("default", names(model), row, fetch_mode=fetch_mode)
