"""Template context of every page."""

from django.conf import settings
from django.http import HttpRequest


def house(request: HttpRequest) -> dict:
    """`site`: its name, short name, address and whether it is a demo."""
    return {
        "site": {
            "name": settings.SITE_NAME,
            "short": settings.SITE_SHORT_NAME,
            "url": settings.SITE_URL,
            "demo": settings.SITE_DEMO,
        }
    }
