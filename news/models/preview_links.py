"""Links that show a draft to people without a login, for a limited time."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sccon.translated import CHOICES

from .articles import Article


def new_key() -> str:
    return secrets.token_urlsafe(16)


class PreviewLink(models.Model):
    """One link. A row instead of a signed token, so that it can be revoked; not a field of the article, or restoring
    a version would bring a revoked key back."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="preview_links")
    language = models.CharField(_("language"), max_length=2, choices=CHOICES)
    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    version = models.PositiveIntegerField(_("version"), null=True)  # None: follows the draft
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField(_("valid until"))
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("preview link")
        verbose_name_plural = _("preview links")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.article} ({self.language})"
