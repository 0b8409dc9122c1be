"""Redirects from addresses of the former site to pages of today."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sccon.translated import CHOICES

from .articles import Article


class Redirect(models.Model):
    """An address of the former site, and the page that replaces it.

    Looked up only where the answer would be 404, so it never hides a page of ours.
    """

    # Path and query, in one spelling for all: see `news.redirects.normalised`.
    old_path = models.CharField(_("old address"), max_length=500, unique=True)
    # Either one of our articles in one language, at whatever address it then has …
    article = models.ForeignKey(Article, models.PROTECT, null=True, related_name="+", verbose_name=_("article"))
    language = models.CharField(_("language"), max_length=2, choices=CHOICES, blank=True)
    # … or any other address: a path on this site, or https:// elsewhere.
    url = models.CharField(_("address"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )

    class Meta:
        verbose_name = _("redirect")
        verbose_name_plural = _("redirects")
        ordering = ["old_path"]
        constraints = [
            models.CheckConstraint(
                condition=Q(article__isnull=False, url="") & ~Q(language="")
                | Q(article__isnull=True, language="") & ~Q(url=""),
                name="redirect_leads_to_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(old_path__regex=r"^/[^\s#]*[^\s#/]$"), name="redirect_old_path_is_a_path"
            ),
            models.CheckConstraint(
                condition=Q(url="") | Q(url__regex=r"^(/([^/\s][^\s]*)?|https?://[^\s]+)$"),
                name="redirect_url_well_formed",
            ),
            models.CheckConstraint(condition=~Q(url=models.F("old_path")), name="redirect_not_to_itself"),
        ]

    def __str__(self) -> str:
        return self.old_path
