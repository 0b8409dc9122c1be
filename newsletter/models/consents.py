"""Proof of consent: who asked for the newsletter, and confirmed it (double opt-in)."""

from datetime import timedelta
from typing import Self

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from news.models import Topic
from sccon.translated import CHOICES

from .imports import Import
from .subscribers import Subscriber

# Trigger: the only change allowed is the confirmation, once, with its network.
PROVEN = """
    IF OLD.confirmed_at IS NOT NULL
        OR (to_jsonb(OLD) - 'confirmed_at' - 'confirmed_network')
           IS DISTINCT FROM (to_jsonb(NEW) - 'confirmed_at' - 'confirmed_network')
    THEN
        RAISE EXCEPTION 'Consent % is proof and does not change.', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""

# Trigger: a confirmed consent is deleted only with all data of its subscriber (`subscribing.erase`), or when the import it
# came with is undone (`listed.take_back`).
KEPT = """
    IF OLD.confirmed_at IS NOT NULL
        AND current_setting('newsletter.erasing', true) IS DISTINCT FROM OLD.subscriber_id::text
        AND (OLD.imported_in_id IS NULL
            OR current_setting('newsletter.undoing', true) IS DISTINCT FROM OLD.imported_in_id::text)
    THEN
        RAISE EXCEPTION 'Consent % is proof and stays.', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
"""

REFUSED = """
    RAISE EXCEPTION 'Consents are proof and stay.' USING ERRCODE = 'integrity_constraint_violation';
"""


# How long the link in the mail is valid.
CONFIRM_WITHIN = timedelta(days=7)


class ConsentQuerySet(models.QuerySet["Consent"]):
    def confirmable(self) -> Self:
        """Requests whose link is still valid."""
        return self.filter(confirmed_at=None, requested_at__gt=Now() - CONFIRM_WITHIN)


class Consent(models.Model):
    """What somebody agreed to: wording, page, time, network; confirmed or not yet. Append-only by trigger."""

    class Kind(models.TextChoices):
        SIGN_UP = "sign_up", _("newsletter")
        ADDRESS = "address", _("newsletter at a new address")
        IMPORT = "import", _("newsletter, from a list that was imported")

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="consents")
    kind = models.CharField(_("consent to"), max_length=8, choices=Kind)
    email = models.CharField(_("e-mail address"), max_length=254)
    language = models.CharField(_("language"), max_length=2, choices=CHOICES)
    wording = models.TextField(_("wording"))
    wording_version = models.CharField(_("version of the wording"), max_length=20)
    source = models.CharField(_("page"), max_length=200)
    requested_at = models.DateTimeField(_("requested at"), db_default=Now())
    requested_network = models.CharField(_("network of the request"), max_length=50, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)
    confirmed_network = models.CharField(_("network of the confirmation"), max_length=50, blank=True)
    # Given elsewhere: the list says where and when.
    imported_in = models.ForeignKey(Import, models.PROTECT, null=True, related_name="consents", db_index=False)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["-requested_at", "-pk"]
        default_permissions = ["view"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(confirmed_at__gte=F("requested_at")),
                name="consent_confirmed_after_request",
            ),
            models.CheckConstraint(
                condition=Q(imported_in__isnull=False, kind="import") | (Q(imported_in=None) & ~Q(kind="import")),
                name="consent_imported_says_in_which_list",
            ),
        ]
        indexes = [
            models.Index(fields=["requested_at"], condition=Q(confirmed_at=None), name="consent_unconfirmed"),
            models.Index(fields=["imported_in"], condition=Q(imported_in__isnull=False), name="consent_imported"),
        ]
        triggers = [
            pgtrigger.Trigger(name="proven", operation=pgtrigger.Update, when=pgtrigger.Before, func=PROVEN),
            pgtrigger.Trigger(name="kept", operation=pgtrigger.Delete, when=pgtrigger.Before, func=KEPT),
            pgtrigger.Trigger(
                name="no_truncate",
                operation=pgtrigger.Truncate,
                when=pgtrigger.Before,
                level=pgtrigger.Statement,
                func=REFUSED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.requested_at:%Y-%m-%d}"


# How long the old mailbox may stop a move that the new one has confirmed.
STOP_WITHIN = timedelta(days=3)


class MoveQuerySet(models.QuerySet["Move"]):
    def open(self) -> Self:
        """Moves that can still happen."""
        return self.filter(stopped_at=None, done_at=None)

    def due(self) -> Self:
        """Moves that both mailboxes want, or that the old one has not stopped in time."""
        waited = Q(consent__confirmed_at__lte=Now() - STOP_WITHIN)
        return self.open().filter(waited | Q(agreed_at__isnull=False), consent__confirmed_at__isnull=False)


class Move(models.Model):
    """The newsletter shall go to another address: `consent` is the new mailbox's word, the rest the old one's."""

    consent = models.OneToOneField(Consent, models.CASCADE, primary_key=True, related_name="move")
    before = models.CharField(_("e-mail address"), max_length=254)
    agreed_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = MoveQuerySet.as_manager()

    class Meta:
        default_permissions = []

    def __str__(self) -> str:
        return f"{self.before} → {self.consent.email}"


class SignUp(models.Model):
    """A sign-up that is not confirmed yet, with the topics and language chosen meanwhile; `confirm` applies them.

    The page only writes this row; the worker then finds out what it means for the address. One that subscribes already,
    or must not be mailed, stays without a consent to confirm: the page is the same for all.
    """

    email = models.CharField(_("e-mail address"), max_length=254)
    consent = models.OneToOneField(Consent, models.CASCADE, null=True, related_name="sign_up")
    language = models.CharField(_("language"), max_length=2, choices=CHOICES)
    topics = models.ManyToManyField(Topic, blank=True, related_name="+", verbose_name=_("topics"))
    created_at = models.DateTimeField(_("time"), db_default=Now(), db_index=True)
    source = models.CharField(_("page"), max_length=200, db_default="")
    network = models.CharField(_("network"), max_length=50, db_default="")
    # When the worker had dealt with it.
    handled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("sign-up")
        verbose_name_plural = _("sign-ups")
        default_permissions = []

    def __str__(self) -> str:
        return self.email


class LinkRequest(models.Model):
    """Somebody asked for the links to their preferences and data: until the worker has mailed them, or to nobody."""

    email = models.CharField(_("e-mail address"), max_length=254)
    language = models.CharField(_("language"), max_length=2, choices=CHOICES)
    created_at = models.DateTimeField(_("time"), db_default=Now())

    class Meta:
        default_permissions = []

    def __str__(self) -> str:
        return self.email


class MoveRequest(models.Model):
    """A subscriber asked for the newsletter at another address: until the worker has mailed both, or nobody."""

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="+")
    email = models.CharField(_("e-mail address"), max_length=254)
    language = models.CharField(_("language"), max_length=2, choices=CHOICES)
    source = models.CharField(_("page"), max_length=200)
    network = models.CharField(_("network"), max_length=50)
    created_at = models.DateTimeField(_("time"), db_default=Now())

    class Meta:
        default_permissions = []

    def __str__(self) -> str:
        return self.email
