"""Who has an article open in a form right now."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .articles import Article


class OpenForm(models.Model):
    """One window with the form open. It sends a heartbeat every few seconds; a row without one is deleted.

    It locks nothing: what two people change is merged when they save (see `news.writing.merging`).
    """

    article = models.ForeignKey(Article, models.CASCADE, related_name="open_forms")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    window = models.CharField(max_length=40)  # random, chosen by the browser
    opened_at = models.DateTimeField(db_default=Now(), editable=False)
    seen_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("open window")
        verbose_name_plural = _("open windows")
        constraints = [
            models.UniqueConstraint(fields=["article", "user", "window"], name="open_form_once_a_window"),
        ]
        indexes = [models.Index(fields=["seen_at"], name="open_form_seen")]

    def __str__(self) -> str:
        return f"{self.user} {self.article}"
