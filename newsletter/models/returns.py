"""What came back: bounces, complaints and providers' events, stored first and judged afterwards, each once."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .deliveries import Delivery
from .issues import Issue


class Return(models.Model):
    """A message or an event about a delivery. `newsletter.returns` alone writes it."""

    class Way(models.TextChoices):
        MAIL = "mail", pgettext_lazy("return", "by mail")
        WEBHOOK = "webhook", pgettext_lazy("return", "by the provider's webhook")
        DIALOGUE = "dialogue", pgettext_lazy("return", "the relay's answer")

    class Verdict(models.TextChoices):
        DEAD = "dead", pgettext_lazy("return", "no such mailbox")
        SOFT = "soft", pgettext_lazy("return", "full or slow")
        OURS = "ours", pgettext_lazy("return", "about us")
        COMPLAINT = "complaint", pgettext_lazy("return", "complaint")
        NOTHING = "nothing", pgettext_lazy("return", "nothing to do")
        UNREADABLE = "unreadable", pgettext_lazy("return", "cannot be read")

    way = models.CharField(_("how it came"), max_length=8, choices=Way)
    # The provider's number of the event, or the hash of the message: the same one counts once.
    event = models.CharField(max_length=200)
    received_at = models.DateTimeField(_("received"), db_default=Now())
    raw = models.BinaryField()  # as it came, up to 256 KB
    judged_at = models.DateTimeField(_("read at"), null=True)
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict, blank=True)
    code = models.CharField(_("code"), max_length=20, blank=True)
    words = models.TextField(_("what it says"), blank=True)
    delivery = models.ForeignKey(
        Delivery, models.SET_NULL, null=True, related_name="returns", verbose_name=_("delivery")
    )
    forged = models.BooleanField(default=False, db_default=False)  # its token is not ours

    class Meta:
        verbose_name = pgettext_lazy("newsletter", "return")
        verbose_name_plural = pgettext_lazy("newsletter", "returns")
        ordering = ["-received_at", "-pk"]
        default_permissions = ["view"]
        constraints = [models.UniqueConstraint(fields=["way", "event"], name="one_return_an_event")]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(judged_at=None), name="return_not_judged"),
            models.Index(fields=["received_at"], condition=Q(verdict="dead"), name="return_dead"),
        ]

    def __str__(self) -> str:
        return self.event


class Hold(models.Model):
    """What one provider sent back of one issue does not count, or not until staff decide: its bad hour is no list's end.

    `newsletter.returns.consequences` alone writes it.
    """

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="holds", verbose_name=_("issue"))
    provider = models.CharField(pgettext_lazy("newsletter", "provider"), max_length=100)
    dead = models.PositiveIntegerField(pgettext_lazy("return", "no such mailbox"))
    recipients = models.PositiveIntegerField(_("recipients there, at least"))
    begun_at = models.DateTimeField(_("since"), db_default=Now())
    # NULL until staff decide: do they count, or are they undone?
    counts = models.BooleanField(null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by")
    )

    class Meta:
        verbose_name = pgettext_lazy("newsletter", "bounces held back")
        verbose_name_plural = pgettext_lazy("newsletter", "bounces held back")
        ordering = ["-begun_at", "-pk"]
        default_permissions = []
        constraints = [models.UniqueConstraint(fields=["issue", "provider"], name="one_hold_an_issue_and_provider")]

    def __str__(self) -> str:
        return f"{self.provider}, {self.issue_id}"
