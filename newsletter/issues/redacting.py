"""Taking down what was sent: archive, feed and pictures; what lies in mailboxes nobody can take back."""

from functools import partial

from django.db import transaction
from django.db.models.functions import Now

from news.pictures.library import remove_files
from newsletter.models import Edition, EditionPicture
from sccon.models import User


@transaction.atomic
def redact(edition: Edition, *, by: User, reason: str) -> bool:
    """Empties the edition; its pictures' files go unless another edition still shows them. False if it was before."""
    emptied = Edition.objects.filter(pk=edition.pk, redacted_at=None).update(
        subject="",
        preheader="",
        intro="",
        items=[],
        html="",
        text="",
        redacted_at=Now(),
        redacted_by=by,
        redaction_reason=reason,
    )
    if not emptied:
        return False
    own = EditionPicture.objects.filter(edition=edition)
    others = EditionPicture.objects.filter(edition__redacted_at=None).exclude(edition=edition)
    # The rows stay: they tell a picture that was taken down (410) from one that never was (404).
    gone = list(own.exclude(file__in=others.values("file")).values_list("file", flat=True))
    transaction.on_commit(partial(remove_files, gone), robust=True)
    return True
