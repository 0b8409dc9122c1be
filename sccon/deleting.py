"""What Django's delete pages say, in words: what goes with a thing, and what still needs it.

Django lists every row that it would touch, tables of the machinery too. Here a table is told if somebody has named it;
a row that joins two things (the topic of an article) stands for the thing at its other end.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.utils import NestedObjects
from django.db import router
from django.db.models import ForeignKey, Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst

SHOWN = 8  # of those that need it, by kind


@dataclass
class Users:
    """Things of one kind that still need what is to be deleted."""

    kind: str
    shown: list[tuple[str, str]] = field(default_factory=list)  # name and address; no address: may not be looked at
    more: int = 0


def judge(objs: Any, request: HttpRequest, site: admin.AdminSite) -> tuple[list[str], dict[str, int], set[str], list]:
    """What `ModelAdmin.get_deleted_objects` is asked for: names, what goes with them, rights that lack, who needs them."""
    objs = list(objs)
    if not objs:
        return [], {}, set(), []
    collector = NestedObjects(using=router.db_for_write(type(objs[0])), origin=objs)
    collector.collect(objs)
    lacking: set[str] = set()
    going: dict[str, int] = {}
    model: Any  # the stubs say str
    for model, rows in collector.model_objs.items():
        own = model._meta.concrete_model is objs[0]._meta.concrete_model
        if own and not all(site.get_model_admin(model).has_delete_permission(request, row) for row in rows):
            lacking.add(str(model._meta.verbose_name))
        if not own and _named(model):
            name = model._meta.verbose_name if len(rows) == 1 else model._meta.verbose_name_plural
            going[f"{len(rows)} {name}"] = len(rows)
    return [str(each) for each in objs], going, lacking, _users(collector.protected, objs, request, site)


def _named(model: type[Model]) -> bool:
    """Whether somebody gave the table a name in words, and it holds more than which things belong together."""
    joins = {part.remote_field.through for each in apps.get_models() for part in each._meta.local_many_to_many}
    return isinstance(model._meta.verbose_name, Promise) and model not in joins


def _users(protected: Iterable[Model], objs: list[Model], request: HttpRequest, site: admin.AdminSite) -> list[Users]:
    kinds: dict[type[Model], Users] = {}
    seen = {(type(each), each.pk) for each in objs}
    for row in sorted(protected, key=lambda row: (row._meta.label, row.pk)):
        for thing in _things(row, site):
            if (type(thing), thing.pk) in seen:
                continue
            seen.add((type(thing), thing.pk))
            meta = thing._meta
            users = kinds.setdefault(type(thing), Users(capfirst(str(meta.verbose_name_plural))))
            if len(users.shown) == SHOWN:
                users.more += 1
                continue
            may_look = site.get_model_admin(type(thing)).has_view_permission(request, thing)
            name = f"{site.name}:{meta.app_label}_{meta.model_name}_change"
            users.shown.append((str(thing), reverse(name, args=[thing.pk]) if may_look else ""))
    return list(kinds.values())


def _things(row: Model, site: admin.AdminSite) -> Iterator[Model]:
    """`row` itself if the admin shows it, else what it belongs to."""
    if site.is_registered(type(row)):
        yield row
        return
    for part in row._meta.fields:
        if isinstance(part, ForeignKey) and (thing := getattr(row, part.name)) and site.is_registered(type(thing)):
            yield thing
