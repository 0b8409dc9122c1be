"""Whole rows in statements written by hand, for where buyers rush: the ORM needs several times as long to write such a
statement as the database to answer it. What is made of the rows are instances like any others.
"""

from collections.abc import Iterator, Sequence
from functools import cache

from django.db import models


@cache
def names(model: type[models.Model]) -> list[str]:
    """What a whole row of `model` holds, in its order."""
    return [field.attname for field in model._meta.concrete_fields]


def columns(model: type[models.Model], alias: str) -> str:
    """A whole row in a SELECT."""
    return ", ".join(f"{alias}.{field.column}" for field in model._meta.concrete_fields)


def split(values: Sequence[object], *expected: type[models.Model]) -> Iterator[Sequence[object]]:
    """The whole rows of the `expected` models, which stand one after another in `values`."""
    end = 0
    for model in expected:
        begin, end = end, end + len(names(model))
        yield values[begin:end]


def instance[M: models.Model](model: type[M], row: Sequence[object]) -> M:
    """What `row`, a whole one, is about."""
    return model.from_db("default", names(model), row)
