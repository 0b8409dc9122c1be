"""Lists in the admin: what every one of the house's admins inherits, and lists that are only read."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.db.models import DateField, ForeignKey, ManyToManyField, Model
from django.http import HttpRequest


class HouseAdmin(admin.ModelAdmin):
    """The base of every admin of ours; the site gives it to those that other apps bring (see `sccon.admin_site`).

    Django lets whoever may see a list filter it by any column of its table: asked "does the JSON of this mail contain
    …?" often enough, a list tells a confirmation link that it never shows. Ours filter by what they name.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup in self.named_lookups(request)

    def named_lookups(self, request: HttpRequest) -> set[str]:
        """The parameters of the list's address that filter it: those of `list_filter` and of `date_hierarchy`."""
        named = (
            {f"{self.date_hierarchy}__{part}" for part in ("year", "month", "day")} if self.date_hierarchy else set()
        )
        for each in self.get_list_filter(request):
            if isinstance(each, type) and issubclass(each, admin.SimpleListFilter):
                named.add(each.parameter_name or "")
            else:
                named.update(_lookups(self.model, str(each[0] if isinstance(each, (list, tuple)) else each)))
        return named


def _lookups(model: type[Model], path: str) -> Iterator[str]:
    """What Django's filter for a field of `list_filter` writes into its links."""
    field = get_fields_from_path(model, path)[-1]
    yield from (path, f"{path}__exact", f"{path}__isnull", f"{path}__isempty")
    if isinstance(field, ForeignKey | ManyToManyField):
        yield f"{path}__{field.target_field.name}__exact"
    if isinstance(field, DateField):
        yield from (f"{path}__gte", f"{path}__lt")


class ReadOnlyAdmin(HouseAdmin):
    """Rows that staff look at and change by actions alone: none is added, changed or deleted by hand."""

    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
