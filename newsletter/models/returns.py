"""What came back: bounces, complaints and providers' events, stored first and judged afterwards, each once."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .deliveries import Delivery


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
    judged_at = models.DateTimeField(null=True)
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
        indexes = [models.Index(fields=["received_at"], condition=Q(judged_at=None), name="return_not_judged")]

    def __str__(self) -> str:
        return self.event
