"""Who else has an article open: forms send heartbeats, and are forgotten a minute after the last one."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min
from django.db.models.functions import Now

from news.models import Article, OpenForm
from sccon.models import User

SILENT_AFTER = timedelta(seconds=60)  # three heartbeats missed
WINDOW = re.compile(r"[A-Za-z0-9_-]{8,40}")


@dataclass(frozen=True)
class Present:
    """Somebody who has the article open, and since when."""

    user: User
    since: datetime


def seen(article: Article, user: User, window: str) -> None:
    """Records a heartbeat of one window."""
    OpenForm.objects.bulk_create(
        [OpenForm(article=article, user=user, window=window, seen_at=Now())],
        update_conflicts=True,
        unique_fields=["article", "user", "window"],
        update_fields=["seen_at"],
    )
    _forget_silent()


def left(article: Article, user: User, window: str) -> None:
    """The window was closed or went on to another page."""
    OpenForm.objects.filter(article=article, user=user, window=window).delete()


def present(article: Article, *, besides: tuple[User, str] | None = None) -> list[Present]:
    """Who has the article open, in order of opening; without the asking window."""
    forms = OpenForm.objects.filter(article=article, seen_at__gt=Now() - SILENT_AFTER)
    if besides:
        forms = forms.exclude(user=besides[0], window=besides[1])
    since = dict(forms.order_by().values_list("user").annotate(since=Min("opened_at")))
    users = User.objects.in_bulk(since)
    return [Present(users[pk], moment) for pk, moment in sorted(since.items(), key=lambda item: item[1]) if pk in users]


@transaction.atomic
def _forget_silent() -> None:
    """Deletes rows without recent heartbeat; skips rows that are locked, so that nobody waits."""
    silent = OpenForm.objects.filter(seen_at__lt=Now() - SILENT_AFTER).order_by("pk")
    OpenForm.objects.filter(
        pk__in=list(silent.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
    ).delete()
