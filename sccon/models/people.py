"""The people who sign in."""

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """Someone who signs in to the admin. Visitors, subscribers and buyers need no account."""

    language = models.CharField(
        _("language"),
        max_length=2,
        choices=settings.LANGUAGES,
        blank=True,
        help_text=_("The admin speaks it. Empty: the browser decides."),
    )
    mail_on_review = models.BooleanField(
        _("mail about reviews"),
        default=True,
        help_text=_("When someone asks for a review, returns or publishes a text."),
    )

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")  # type: ignore[assignment]
        verbose_name_plural = _("users")  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.get_full_name() or self.username
