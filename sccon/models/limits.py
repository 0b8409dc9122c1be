"""Counts of rate limits."""

from django.db import models


class Limit(models.Model):
    """The count of a window of time. Its key is a keyed hash, from which neither address nor network can be read.

    The migration makes the table UNLOGGED: after a crash of the database the counts begin anew.
    """

    key = models.BinaryField(primary_key=True, max_length=32)
    ends_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name = "limit"

    def __str__(self) -> str:
        return f"{self.count} until {self.ends_at}"
