"""Forms of the admin that were sent, and what came of each."""

from django.db import models
from django.db.models.functions import Now


class SentForm(models.Model):
    """A form that did something, as `sccon.sent_forms` recognises it when it comes once more.

    Where the answer leads, or, where it is no redirect, the answer itself.
    """

    key = models.BinaryField(primary_key=True, max_length=32)
    sent_at = models.DateTimeField(db_default=Now(), db_index=True)
    status = models.PositiveSmallIntegerField()
    location = models.TextField(blank=True)
    content_type = models.CharField(max_length=100)
    content = models.BinaryField()

    class Meta:
        verbose_name = "sent form"

    def __str__(self) -> str:
        return f"{self.status} {self.location}".strip()
