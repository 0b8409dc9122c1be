"""Where the addresses of an old site lead today."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .articles import Article


class Redirect(models.Model):
    """An address that a former site answered and ours does not, and what answers in its place.

    It is asked only where we would say 404, so it never stands in front of a page of ours.
    """

    # What follows the host, query included, without a slash at the end: see `news.redirects.normalised`.
    old_path = models.CharField(_("old address"), max_length=500, unique=True)
    # One of our articles in one language, wherever it stands by then …
    article = models.ForeignKey(Article, models.PROTECT, null=True, related_name="+", verbose_name=_("article"))
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, blank=True)
    # … or any other address: a path of ours, or https:// somewhere else.
    url = models.CharField(_("address"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
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
