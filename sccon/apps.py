from collections.abc import Callable

from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.contrib.admin.templatetags import admin_list
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class GroundFloorConfig(AppConfig):
    name = "sccon"
    verbose_name = _("People and operation")
    admin_order = ("User", "Group", "Login", "Mail", "Job")  # groups are Django's, and shown in the same area

    def ready(self) -> None:
        # Imported now, while procrastinate still collects: its own start imports this module too late for the tasks in it.
        # Its receivers begin and end the row of a session.
        import sccon.accounts.logging_in
        import sccon.jobs  # noqa: F401


class DeskConfig(admin.AdminConfig):
    """Django's admin with our site, which orders its areas (see `sccon.admin_site`)."""

    default = False  # named in the settings, while "sccon" means the class above
    default_site = "sccon.admin_site.Desk"

    def ready(self) -> None:
        """Also lets ticks and crosses say Yes and No to who hears them; Django's say True and False in every language."""
        super().ready()
        admin_list._boolean_icon = _spoken(admin_list._boolean_icon)  # type: ignore[attr-defined]


def _spoken(icon: Callable[[bool | None], str]) -> Callable[[bool | None], str]:
    def spoken(value: bool | None) -> str:
        word = {True: gettext("Yes"), False: gettext("No"), None: gettext("Unknown")}[value]
        return mark_safe(icon(value).replace(f'alt="{value}"', f'alt="{escape(word)}"'))  # noqa: S308

    return spoken
