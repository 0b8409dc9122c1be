"""Checks planned texts again before their time: a link may have broken since they were planned.

A failing text still appears at its time, since no job publishes it; a person gets a mail and decides.
"""

import hashlib
from datetime import timedelta

from django.conf import settings
from django.db.models.functions import Now
from django.utils import translation

from news.models import Article, Publication
from news.publishing import checks, reviewing
from sccon import mail, moments
from sccon.jobs import app
from sccon.models import User

AHEAD = timedelta(days=2)  # early enough to be repaired


@app.periodic(cron="*/10 * * * *")
@app.task(name="news.recheck_planned", queue="normal", queueing_lock="news.recheck_planned", pass_context=False)
def recheck_planned(timestamp: int) -> None:
    """Mails the planner of a text that fails a check by now, once per set of findings. Every ten minutes."""
    soon = Publication.objects.filter(visible__startswith__gt=Now(), visible__startswith__lt=Now() + AHEAD)
    rows = soon.filter(continues=False).select_related("article", "image", "published_by")
    for row in rows.prefetch_related("publication_topics").order_by("visible"):
        if found := checks.failing(row):
            _tell(row, found)


def _tell(row: Publication, found: list[checks.Finding]) -> None:
    with translation.override(settings.LANGUAGE_CODE):  # so that the occasion does not depend on the reader's language
        digest = hashlib.sha256("\n".join(str(finding.sentence) for finding in found).encode()).hexdigest()[:16]
    planner = row.published_by
    for person in [planner] if planner and _reachable(planner) else filter(_reachable, reviewing.publishers()):
        language = person.language or settings.LANGUAGE_CODE
        with translation.override(language):
            context = {
                "title": row.title,
                "language": row.get_language_display(),
                "moment": moments.weekday(row.visible.lower),
                "sentences": [str(finding.sentence) for finding in checks.failing(row)],
                "url": mail.address("admin:news_article_plan", row.article_id, row.pk, language=language),
            }
        occasion = f"{row.pk}:{digest}"
        mail.queue("plan-fails", to=person.email, language=language, occasion=occasion, context=context, awaited=False)


def _reachable(person: User) -> bool:
    return person.is_active and bool(person.email) and person.has_perm(Article.PUBLISH)
