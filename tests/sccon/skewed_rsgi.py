"""The site, as the public sees it, in a process whose clock is `CLOCK_OFF` seconds off."""

import os
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

OFF = float(os.environ["CLOCK_OFF"])
right_time, right_now = time.time, timezone.now


def wrong_time() -> float:
    return right_time() + OFF


def wrong_now() -> datetime:
    return right_now() + timedelta(seconds=OFF)


time.time, timezone.now = wrong_time, wrong_now
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sccon.settings")
settings.DEBUG = False  # with it, 404 would explain itself

from sccon.site.rsgi import application  # noqa: E402, F401
