"""Logins: who tried, the sessions that run, the browsers that are known."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

# A session of the admin ends so long after its last request.
IDLE = timedelta(hours=8)


class KnownDevice(models.Model):
    """A browser in which this person logged in before: it brings a cookie of whose secret we keep the hash."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="known_devices")
    key = models.BinaryField(max_length=32)
    words = models.CharField(_("device"), max_length=80)
    seen_at = models.DateTimeField(_("last login"), db_default=Now())
    # Until then it needs no second factor, because its owner said so.
    trusted_until = models.DateTimeField(_("without a code until"), null=True)

    class Meta:
        verbose_name = _("known device")
        verbose_name_plural = _("known devices")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_row_a_user_and_device")]

    def __str__(self) -> str:
        return self.words


class LoginSessionQuerySet(models.QuerySet["LoginSession"]):
    def running(self) -> Self:
        """Sessions whose last request is not too long ago."""
        return self.filter(seen_at__gt=Now() - IDLE)


class LoginSession(models.Model):
    """Someone is logged in. The session in Django's table holds this row's id, and without the row it is nobody's."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="login_sessions")
    device = models.ForeignKey(KnownDevice, models.SET_NULL, null=True, related_name="sessions")
    verified = models.BooleanField(_("with a second factor"), default=False)
    words = models.CharField(_("device"), max_length=80)
    network = models.CharField(_("network"), max_length=50)
    begun_at = models.DateTimeField(_("since"), db_default=Now())
    seen_at = models.DateTimeField(_("last seen"), db_default=Now())

    objects = LoginSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("login session")
        verbose_name_plural = _("login sessions")
        ordering = ["-seen_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.words}, {self.network}"


class Login(models.Model):
    """The log of logins: what someone tried and what came of it. Names without an account are not kept: some of
    them are passwords typed into the wrong field."""

    class Outcome(models.TextChoices):
        IN = "in", _("logged in")
        WRONG_PASSWORD = "password", _("wrong password")
        WRONG_CODE = "code", _("right password, wrong second factor")
        RESET_ASKED = "asked", _("asked for a new password")
        PASSWORD_SET = "set", _("password changed")
        FACTOR_SET = "factor", _("second factor set up")
        FACTOR_RESET = "reset", _("second factor taken away")
        FREED = "freed", _("freed by a colleague")
        INVITED = "invited", _("invited by a colleague")
        NO_STAFF = "no_staff", _("right password, but may not log in")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="logins", verbose_name=_("user")
    )
    outcome = models.CharField(_("what happened"), max_length=8, choices=Outcome)
    network = models.CharField(_("network"), max_length=50)
    known_device = models.BooleanField(_("known device"), default=False)
    at = models.DateTimeField(_("time"), db_default=Now())

    class Meta:
        verbose_name = _("login")
        verbose_name_plural = _("logins")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["-at"], name="login_at")]

    def __str__(self) -> str:
        return f"{self.user or _('unknown name')}: {self.get_outcome_display()}"
