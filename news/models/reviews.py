"""Reviews before publishing: who asked for one, and what was decided."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sccon.translated import CHOICES

from .articles import Article


class ReviewQuerySet(models.QuerySet["Review"]):
    def open(self) -> Self:
        """Reviews without a decision."""
        return self.filter(decided_at__isnull=True)


class Review(models.Model):
    """A request to review one language of an article, and its outcome. Only `news.publishing.reviewing` writes it."""

    outdated: bool  # whether what is reviewed was changed since the request (`news.publishing.reviewing.with_outdated`)

    class Decision(models.TextChoices):
        RETURNED = "returned", pgettext_lazy("review", "returned")
        PUBLISHED = "published", pgettext_lazy("review", "published")
        TAKEN_BACK = "taken_back", pgettext_lazy("review", "taken back")

    article = models.ForeignKey(Article, models.CASCADE, related_name="reviews", verbose_name=_("article"))
    language = models.CharField(_("language"), max_length=2, choices=CHOICES)
    version = models.PositiveIntegerField(_("version"))  # version of the article when the review was requested
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"), db_default=Now())
    note = models.TextField(_("note"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, blank=True)
    answer = models.TextField(_("answer"), blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "language"],
                condition=Q(decided_at__isnull=True),
                name="one_open_review_a_language",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decision="")
                | Q(decided_at__isnull=False, decision__in=["returned", "published", "taken_back"]),
                name="review_open_or_decided",
            ),
            models.CheckConstraint(
                condition=Q(language__in=[code for code, _name in settings.LANGUAGES]), name="review_language_known"
            ),
        ]
        indexes = [models.Index(fields=["asked_by", "-decided_at"], name="review_asked_by")]

    def __str__(self) -> str:
        return f"{self.article} ({self.get_language_display()})"
