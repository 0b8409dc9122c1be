"""Lists in the admin: what every one of the house's admins inherits, and lists that are only read."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import DateField, Field, ForeignKey, ManyToManyField, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from sccon import deleting
from sccon.fields import LinesField, with_class, with_empty_words


class HouseFields:
    """For every admin and every inline of ours: what is typed into a field of plain text is cleaned (`sccon.fields`)."""

    several_lines: tuple[str, ...] = ()  # names of the fields whose line breaks a page shows
    empty_words: Mapping[str, Any] = {}  # what it means to choose nothing, by the names of lists to choose from

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest | None, **options: Any) -> Any:
        if db_field.name in self.several_lines:
            options.setdefault("form_class", LinesField)
        options = with_class(db_field, options)
        field = super().formfield_for_dbfield(db_field, request, **options)  # type: ignore[misc]
        return with_empty_words(field, self.empty_words.get(db_field.name))


class HouseAdmin(HouseFields, admin.ModelAdmin):
    """The base of every admin of ours; the site gives it to those that other apps bring (see `sccon.admin_site`).

    Django lets whoever may see a list filter it by any column of its table: asked "does the JSON of this mail contain
    …?" often enough, a list tells a confirmation link that it never shows. Ours filter by what they name.
    """

    view_on_site = False  # Django's link asks nobody's rights: it tells the address of what is only planned

    # The fields of a new thing's form that its address may fill in: ?kind=press.
    filled_by_address: tuple[str, ...] = ()

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

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Django closes a small window with 200. 201 says that something was made, which `sccon.sent_forms` keeps."""
        response = super().response_add(request, obj, post_url_continue)
        if response.status_code == 200:
            response.status_code = 201
        return response

    # --- Deleting ---

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        return deleting.judge(objs, request, self.admin_site)

    def render_delete_form(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        name = {"name": str(context["object"])}
        refused = context["protected"] or context["perms_lacking"]
        context["title"] = (_("“%(name)s” cannot be deleted") if refused else _("Delete “%(name)s”?")) % name
        return super().render_delete_form(request, context)

    # --- Addresses that nobody's link has ---

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Django asks many a value what it is without listening: the year 99999, the 31st of February."""
        try:
            return super().get_changelist_instance(request)
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        return super().get_object(request, object_id, from_field or None)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = super().get_changeform_initial_data(request)
        return {name: value for name, value in initial.items() if name in self.filled_by_address}


class ChoiceFilter(admin.SimpleListFilter):
    """The base of our lists' filters: knows its own choices, and takes anything else for none."""

    def value(self) -> str | None:
        value = super().value()
        return value if value in {str(choice) for choice, _words in self.lookup_choices} else None


def _lookups(model: type[Model], path: str) -> Iterator[str]:
    """What Django's filter for a field of `list_filter` writes into its links."""
    field: Any = get_fields_from_path(model, path)[-1]
    yield from (path, f"{path}__exact", f"{path}__isnull", f"{path}__isempty")
    if isinstance(field, ForeignKey | ManyToManyField):
        yield f"{path}__{field.target_field.name}__exact"
    if isinstance(field, DateField):
        yield from (f"{path}__gte", f"{path}__lt")


class LongPaginator(Paginator):
    """For lists that grow without bound and have no actions: counts no further than some hundred pages, and shows no more.
    To count a million rows takes longer than anything else on the page; whoever looks for one filters or searches."""

    MOST = 10_000

    @cached_property
    def found(self) -> int:
        rows = cast(QuerySet[Any], self.object_list)
        return rows.order_by()[: self.MOST + 1].count()

    @property
    def count(self) -> int:
        return min(self.found, self.MOST)

    @property
    def more(self) -> bool:
        """Whether there are more than `count` says."""
        return self.found > self.MOST


class ReadOnlyAdmin(HouseAdmin):
    """Rows that staff look at and change by actions alone: none is added, changed or deleted by hand."""

    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
