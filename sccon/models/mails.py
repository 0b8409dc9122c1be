"""The outbox: every mail the site has sent or will send, one row per occasion and recipient."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class MailQuerySet(models.QuerySet["Mail"]):
    def unsent(self) -> Self:
        """Mails that the worker still has to send, or may try again."""
        return self.filter(status__in=[Mail.Status.QUEUED, Mail.Status.FAILED])

    def late(self, since: timedelta) -> Self:
        """Mails that were tried, do not get through and are tried again."""
        return self.filter(status=Mail.Status.QUEUED, attempts__gt=0, created_at__lt=Now() - since)


class Mail(models.Model):
    """A mail to one person for one occasion. It is rendered from `template` and `context` when it is sent.

    `sccon.mail` alone writes it. Without a relay (SMTP_URL) the demo keeps what it would have sent.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("waits to be sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("not sent")
        CLOSED = "closed", _("not sent, settled")
        KEPT = "kept", _("kept in the demo's mailbox")

    GIVEN_UP = (Status.FAILED, Status.CLOSED)

    # The template's name, a colon, what the mail is about: see `sccon.mail.queue`. (Older ones of news have a slash.)
    occasion = models.CharField(_("occasion"), max_length=200)
    recipient = models.CharField(_("recipient"), max_length=320)
    language = models.CharField(_("language"), max_length=2)
    template = models.CharField(_("template"), max_length=80)
    context = models.JSONField(_("content"))
    headers = models.JSONField(_("headers"))
    attachments = models.JSONField(_("attachments"))
    message_id = models.CharField(_("Message-ID"), max_length=200)
    status = models.CharField(_("status"), max_length=6, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("error"), blank=True)
    created_at = models.DateTimeField(_("queued at"), db_default=Now())
    sent_at = models.DateTimeField(_("sent at"), null=True)
    emptied_at = models.DateTimeField(_("emptied at"), null=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ["-created_at", "-pk"]
        permissions = [("resend_mail", _("Can send again what could not be sent"))]
        constraints = [
            models.UniqueConstraint(fields=["occasion", "recipient"], name="one_mail_an_occasion_and_recipient")
        ]
        indexes = [
            models.Index(fields=["created_at"], name="mail_created_at"),
            models.Index(fields=["status"], condition=Q(status__in=["queued", "failed"]), name="mail_not_sent"),
        ]

    def __str__(self) -> str:
        return f"{self.occasion} → {self.recipient}"
