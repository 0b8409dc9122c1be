"""Subscribers, their history, and the suppression list."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from news.models import Topic
from sccon.translated import CHOICES


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def with_address(self, email: str) -> Self:
        """The subscriber with this address, upper or lower case."""
        return self.alias(address=Lower("email")).filter(address=email.lower())

    def active(self) -> Self:
        """Subscribers who get the newsletter."""
        return self.filter(status=Subscriber.Status.ACTIVE)


class Subscriber(models.Model):
    """An address and its choices. Only `newsletter.subscribers.subscribing` writes it."""

    class Status(models.TextChoices):
        PENDING = "pending", _("not yet confirmed")
        ACTIVE = "active", _("subscribed")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        BOUNCED = "bounced", _("undeliverable")
        COMPLAINED = "complained", _("complained")

    email = models.CharField(_("e-mail address"), max_length=254)
    language = models.CharField(_("language"), max_length=2, choices=CHOICES)
    topics = models.ManyToManyField(
        Topic, blank=True, related_name="+", verbose_name=_("topics"), help_text=_("None: the news of all topics.")
    )
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PENDING)
    created_at = models.DateTimeField(_("first request"), db_default=Now())
    confirmed_at = models.DateTimeField(_("subscribed since"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    # How often the address changed, and when last: links to preferences and data hold for one address only.
    moves = models.PositiveIntegerField(db_default=0, default=0)
    moved_at = models.DateTimeField(null=True)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscriber")
        verbose_name_plural = _("subscribers")
        ordering = ["-created_at", "-pk"]
        default_permissions = ["view"]
        permissions = [
            ("unsubscribe_subscriber", _("Can unsubscribe subscribers")),
            ("erase_subscriber", _("Can delete the data of subscribers")),
            ("export_subscriber", _("Can export subscribers")),
        ]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="subscriber_has_an_address_of_their_own"),
            models.CheckConstraint(
                condition=~Q(status="active") | Q(confirmed_at__isnull=False, ended_at__isnull=True),
                name="subscriber_active_has_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "active"]) | Q(ended_at__isnull=False),
                name="subscriber_ended_says_when",
            ),
        ]
        indexes = [models.Index(fields=["status", "language"], name="subscriber_status")]

    def __str__(self) -> str:
        return self.email


class Change(models.Model):
    """An entry of a subscriber's history."""

    class What(models.TextChoices):
        REQUESTED = "requested", _("asked for the newsletter")
        CONFIRMED = "confirmed", _("confirmed the address")
        PREFERENCES = "preferences", _("changed topics or language")
        ADDRESS = "address", _("changed the address")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        COMPLAINED = "complained", _("complained")
        STOPPED = "stopped", _("stopped the change of the address")
        LIFTED = "lifted", _("may be mailed again after a complaint")
        IMPORTED = "imported", _("taken over from a list")
        TAKEN_BACK = "taken_back", _("what a list had added was taken back")
        BOUNCED = "bounced", _("mails came back")
        UNBOUNCED = "unbounced", _("what came back no longer counts")

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="changes")
    what = models.CharField(_("what"), max_length=12, choices=What)
    at = models.DateTimeField(_("time"), db_default=Now())
    source = models.CharField(_("through"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("history")
        ordering = ["-at", "-pk"]
        default_permissions = ["view"]

    def __str__(self) -> str:
        return self.get_what_display()


class Suppression(models.Model):
    """The keyed hash of an address that must not be mailed again: its owner had all data deleted, or complained.

    After a deletion it is lifted by a new double opt-in of its owner; after a complaint by staff, because the owner wrote.
    """

    class Reason(models.TextChoices):
        ERASED = "erased", _("data deleted on request")
        COMPLAINED = "complained", _("complained")

    email_hash = models.BinaryField(primary_key=True, max_length=32)
    # Which key hashed it; '' for rows of before keys had ids, which the SECRET_KEY of then hashed.
    key_id = models.CharField(_("key"), max_length=8, db_default="")
    reason = models.CharField(_("reason"), max_length=10, choices=Reason)
    at = models.DateTimeField(_("time"), db_default=Now())
    # When its owner was last asked whether it shall be lifted.
    asked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        default_permissions = []

    def __str__(self) -> str:
        return f"{self.reason}, {self.at:%Y-%m-%d}"
