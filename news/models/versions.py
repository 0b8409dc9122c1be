"""Metadata of each save; the text itself is in a revision of django-reversion (see `news.versions.snapshots`)."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from reversion.models import Revision

from .articles import Article

# `sccon.clock.Clock`, spelled out: a migration holds it, and imports nothing that may move.
CLOCK = models.Func(function="clock_timestamp", output_field=models.DateTimeField())


class ArticleVersion(models.Model):
    """One save of an article: who, when, and which fields changed."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()  # `Article.version` as it was then
    revision = models.OneToOneField(Revision, models.CASCADE, related_name="+")
    at = models.DateTimeField(db_default=CLOCK)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # The fields that this save changed, such as "title_de", "image_id", "topics".
    changed = ArrayField(models.CharField(max_length=40), default=list)
    # Hash of the German text: a translator has nothing to do between two versions with the same one.
    german = models.CharField(max_length=32)
    spares_translations = models.BooleanField(default=False)  # the author said that translations are not affected
    restored_from = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["article", "number"], name="article_has_version_once"),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="version_counts_from_one"),
        ]
        indexes = [models.Index(fields=["article", "-at"], name="version_history")]

    def __str__(self) -> str:
        return str(self.number)


class Confirmation(models.Model):
    """Somebody confirmed that the English says what the German says."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="confirmations")
    version = models.PositiveIntegerField()  # the German one
    at = models.DateTimeField(db_default=CLOCK)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("confirmation of a translation")
        verbose_name_plural = _("confirmations of translations")
        ordering = ["-at"]
        indexes = [models.Index(fields=["article", "-at"], name="confirmation_history")]

    def __str__(self) -> str:
        return str(self.version)
