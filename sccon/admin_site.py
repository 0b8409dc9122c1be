"""The admin site itself: what it calls itself, and its areas in the order an editor needs them."""

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

# Models in the order of a working day; what is not named follows by its name.
ORDER = [
    *("Article", "Review", "Image", "Topic", "Author", "Boilerplate", "Pin", "Publication", "Withdrawal", "Redirect"),
    *("User", "Group", "Mail", "Job"),
]
ACCOUNTS = {"auth", "sccon"}  # shown as one area


class Desk(AdminSite):
    """Django's admin under our name."""

    site_title = _("SCCON editorial desk")
    site_header = _("SCCON editorial desk")
    index_title = _("Desk")

    def each_context(self, request: HttpRequest) -> dict:
        # Not from the context processor's `site`: the login page gives that name to another thing.
        return {**super().each_context(request), "house": settings.SITE_SHORT_NAME}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list:
        apps = super().get_app_list(request, app_label)
        if app_label is None and (accounts := [app for app in apps if app["app_label"] in ACCOUNTS]):
            first = next((app for app in accounts if app["app_label"] == "sccon"), accounts[0])
            first["models"] = [model for app in accounts for model in app["models"]]
            apps = [*(app for app in apps if app["app_label"] not in ACCOUNTS), first]
        for app in apps:
            app["models"].sort(key=lambda model: (_place(model["object_name"]), model["name"]))
        return apps


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)
