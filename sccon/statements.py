"""What is asked on every page: written once, and planned once a connection.

Django writes a query's SQL anew each time it is asked, and PostgreSQL plans it anew. For a question that finds a few
rows by an index, each of the two takes longer than the answer.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import psycopg
from django.db import connection
from django.db.models import FETCH_RAISE, Expression, Field, Model, QuerySet
from django.db.models.fetch_modes import FetchMode
from django.db.models.query import RelatedPopulator, get_related_populators
from django.db.models.sql.compiler import SQLCompiler


class _Prepared(psycopg.Cursor):
    def execute(self, query, params=None, **_options):
        return super().execute(query, params, prepare=True)


def fetch(sql: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[tuple]:
    """The rows of a statement that the connection prepares; none of one that returns none. Its text must always be the
    same: what differs, lists too, goes into `parameters`."""
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


class Parameter(Expression):
    """A hole in a `Statement`, for a value that `field` could hold."""

    def __init__(self, name: str, field: Field):
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


class Statement[T]:
    """A queryset of a model that is written once, with a `Parameter` for whatever differs. It must not depend on the
    language that is active; nothing is fetched behind the caller's back."""

    def __init__(self, build: Callable[[], QuerySet[Any, T]]):
        self._build = build
        self._threads = threading.local()  # as connections are

    def __call__(self, **given: Any) -> list[T]:
        """The rows, as the queryset would give them. Raises `KeyError` for a parameter that is not given."""
        try:
            written = self._threads.written
        except AttributeError:
            written = self._threads.written = _write(self._build())
        values = [given[value.name] if isinstance(value, Parameter) else value for value in written.values]
        rows = written.compiler.results_iter([fetch(written.sql, values)])
        return [written.instance(row) for row in rows]


@dataclass(frozen=True)
class _Written:
    """SQL, and how its rows become instances of a model: as in Django's own `ModelIterable`."""

    queryset: QuerySet
    compiler: SQLCompiler
    sql: str
    values: Sequence[Any]
    columns: slice
    names: Sequence[str]
    related: Sequence[RelatedPopulator]

    def instance(self, row: Sequence[Any]) -> Any:
        found = self.queryset.model.from_db(self.queryset.db, self.names, row[self.columns], fetch_mode=FETCH_RAISE)
        for populator in self.related:
            populator.populate(row, found)
        return found


def _write(queryset: QuerySet) -> _Written:
    compiler = queryset.query.get_compiler(using=queryset.db)
    sql, values = compiler.as_sql()
    select, kinds = compiler.select, compiler.klass_info
    columns = slice(kinds["select_fields"][0], kinds["select_fields"][-1] + 1)
    return _Written(
        queryset=queryset,
        compiler=compiler,
        sql=sql,
        values=values,
        columns=columns,
        names=[column[0].target.attname for column in select[columns]],
        related=get_related_populators(kinds, select, queryset.db, FETCH_RAISE),
    )
