"""What the mail doctor found: one row a check, the newest look."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MailFinding(models.Model):
    """Whether mailbox providers would take an issue, as far as one check can tell. `newsletter.doctor` alone writes it."""

    class About(models.TextChoices):
        SPF = "spf", _("Who may send for us (SPF)")
        DKIM = "dkim", _("Our signature (DKIM)")
        DMARC = "dmarc", _("Forged mails (DMARC)")
        ALIGNMENT = "alignment", _("Both senders in one domain")
        HOST = "host", _("The relay’s name")
        TLS = "tls", _("The way to the relay (TLS)")
        LINKS = "links", _("The links in the mails")

    class Verdict(models.TextChoices):
        GOOD = "good", pgettext_lazy("mail doctor", "in order")
        HINT = "hint", pgettext_lazy("mail doctor", "hint")
        RED = "red", pgettext_lazy("mail doctor", "must be mended")
        UNKNOWN = "unknown", pgettext_lazy("mail doctor", "cannot be told")

    about = models.CharField(pgettext_lazy("mail doctor", "check"), max_length=10, choices=About, unique=True)
    subject = models.CharField(max_length=300)  # the domain, host or address that was looked at
    verdict = models.CharField(_("verdict"), max_length=7, choices=Verdict)
    # The sentence is written in the language of who reads it (`newsletter.doctor.telling`).
    says = models.CharField(max_length=30)
    words = models.JSONField(default=dict)
    publish = models.JSONField(default=list)  # records for the DNS: name, type, value
    checked_at = models.DateTimeField(_("looked at"), db_default=Now())

    class Meta:
        verbose_name = _("mail doctor")
        verbose_name_plural = _("mail doctor")
        default_permissions = ["view"]

    def __str__(self) -> str:
        return self.get_about_display()
