from django.apps import AppConfig
from django.contrib.admin import apps as admin
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
