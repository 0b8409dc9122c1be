"""Base of the admins of things that articles share: a change shows at once on every page that has them."""

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from news.publishing.shared import may_change, pages_with
from sccon.admin.fields import named_by_language
from sccon.admin_lists import HouseAdmin
from sccon.clock import database_now


class SharedAdmin(HouseAdmin):
    """Editors change what no public page shows, publishers everything; the form says which is the case."""

    change_form_template = "admin/news/shared/change_form.html"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_change(request.user, obj, database_now()))  # type: ignore[arg-type]

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest | None, **options: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **options)
        return named_by_language(db_field, field)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context["adminform"].form.label_suffix = ""
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        if obj:
            context |= self.usage(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def usage(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """The public and planned pages that show it, for the form's rail."""
        at = database_now()
        pages = list(pages_with(obj, at).order_by("-first_published_at"))
        may_save = self.has_change_permission(request, obj)
        count = {"count": len(pages)}
        if not pages:
            sentence = _("No public or planned page shows it; changes are seen only in drafts.")
        elif may_save:
            sentence = ngettext(
                "It shows on %(count)d public or planned page: changes are seen there at once.",
                "It shows on %(count)d public or planned pages: changes are seen there at once.",
                len(pages),
            )
        else:
            sentence = ngettext(
                "It shows on %(count)d public or planned page: only those who may publish can change it.",
                "It shows on %(count)d public or planned pages: only those who may publish can change it.",
                len(pages),
            )
        for page in pages:
            page.planned_for = page.visible.lower if page.visible.lower > at else None  # type: ignore[attr-defined]
        return {"public_pages": pages, "usage_sentence": sentence % count, "may_save": may_save}
