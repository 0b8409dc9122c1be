"""Editions: an issue as it was sent, one row a language. A record like a publication: frozen by triggers.

Sending, resuming, the archive and "view in browser" read these rows and nothing else.
"""

from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from sccon.models.pages import changes_pages
from sccon.translated import CHOICES

from .issues import Issue

# Columns that a take-down empties, and those in which it records itself.
REDACTED = "{subject,preheader,intro,items,html,text,redacted_at,redacted_by_id,redaction_reason}"

# Trigger: the only change allowed is the take-down, once.
FROZEN = f"""
    IF OLD.redacted_at IS NOT NULL OR NEW.redacted_at IS NULL
        OR to_jsonb(NEW) - '{REDACTED}'::text[] IS DISTINCT FROM to_jsonb(OLD) - '{REDACTED}'::text[]
    THEN
        RAISE EXCEPTION 'Edition % was sent: it can be emptied, but not change.', OLD.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""

# Trigger: the time is the transaction's, by which its pictures are known to belong to it (Django's Now() is the statement's).
MADE = """
    NEW.made_at = transaction_timestamp();
    RETURN NEW;
"""

# Trigger: pictures come in the transaction that makes the edition; only a take-down deletes them.
PICTURE_ADDED = """
    IF NOT EXISTS (
        SELECT FROM newsletter_edition WHERE id = NEW.edition_id AND made_at = transaction_timestamp()
    ) THEN
        RAISE EXCEPTION 'Edition % is complete.', NEW.edition_id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
"""
PICTURE_KEPT = """
    IF NOT EXISTS (SELECT FROM newsletter_edition WHERE id = OLD.edition_id AND redacted_at IS NOT NULL) THEN
        RAISE EXCEPTION 'A picture of edition % stays.', OLD.edition_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
"""

REFUSED = """
    RAISE EXCEPTION 'What was sent stays on record.' USING ERRCODE = 'integrity_constraint_violation';
"""


def _refused(name: str, operation: pgtrigger.Operation) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(name=name, operation=operation, when=pgtrigger.Before, func=REFUSED)


def _no_truncate() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="no_truncate",
        operation=pgtrigger.Truncate,
        when=pgtrigger.Before,
        level=pgtrigger.Statement,
        func=REFUSED,
    )


class EditionQuerySet(models.QuerySet["Edition"]):
    def in_archive(self, language: str) -> Self:
        """What the archive lists in `language`, newest first."""
        return self.filter(language=language, archived=True, redacted_at=None).order_by("-made_at", "-pk")


class Edition(models.Model):
    """What leaves in one language: `html` and `text` hold `mark` where each recipient's own links come in.

    `items` is what the archive page is made of, for inline styles are forbidden there: a list of objects with
    `heading`, `text` (HTML), `url`, `button`, and `picture` (`file`, `width`, `height`, `alt`) or null.
    """

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="editions")
    language = models.CharField(_("language"), max_length=2, choices=CHOICES)
    slug = models.CharField(max_length=120)  # of its address in the archive
    sender = models.CharField(max_length=320)  # From, as in NEWSLETTER_MAIL_FROM then
    subject = models.CharField(_("subject"), max_length=220)
    preheader = models.CharField(max_length=200, blank=True)
    intro = models.TextField(blank=True)
    items = models.JSONField()
    html = models.TextField()
    text = models.TextField()
    mark = models.CharField(max_length=32)
    archived = models.BooleanField()
    made_at = models.DateTimeField(_("sent since"), db_default=Now())
    redacted_at = models.DateTimeField(_("taken down"), null=True)
    redacted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    redaction_reason = models.TextField(blank=True, db_default="")

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["-made_at", "language"]
        default_permissions = ["view"]
        permissions = [("redact_edition", _("Can take down what was sent"))]
        constraints = [
            models.UniqueConstraint(fields=["issue", "language"], name="one_edition_a_language"),
            models.UniqueConstraint(fields=["language", "slug"], name="edition_has_an_address_of_its_own"),
            models.CheckConstraint(
                condition=Q(redacted_at__isnull=True)
                | Q(subject="", preheader="", intro="", items=[], html="", text=""),
                name="edition_redacted_is_empty",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(name="made", operation=pgtrigger.Insert, when=pgtrigger.Before, func=MADE),
            pgtrigger.Trigger(name="frozen", operation=pgtrigger.Update, when=pgtrigger.Before, func=FROZEN),
            _refused("kept", pgtrigger.Delete),
            _no_truncate(),
            changes_pages(),
        ]

    def __str__(self) -> str:
        return self.subject


class EditionPicture(models.Model):
    """A file that an edition shows: a copy of its own (JPEG or PNG), public from the start of the run until redacted."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="pictures")
    file = models.CharField(max_length=200)  # below MEDIA_ROOT
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        default_permissions = []
        constraints = [models.UniqueConstraint(fields=["edition", "file"], name="one_picture_an_edition_and_file")]
        indexes = [models.Index(fields=["file"], name="edition_picture_file")]
        triggers = [
            pgtrigger.Trigger(name="added", operation=pgtrigger.Insert, when=pgtrigger.Before, func=PICTURE_ADDED),
            _refused("unchanged", pgtrigger.Update),
            pgtrigger.Trigger(name="kept", operation=pgtrigger.Delete, when=pgtrigger.Before, func=PICTURE_KEPT),
            _no_truncate(),
        ]

    def __str__(self) -> str:
        return self.file


class Correction(models.Model):
    """What was wrong in an edition, for the archive. The mail as sent does not change."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="corrections")
    text = models.TextField(_("correction"), max_length=1000)
    at = models.DateTimeField(_("time"), db_default=Now())
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["at", "pk"]
        default_permissions = ["add", "view"]
        triggers = [changes_pages()]

    def __str__(self) -> str:
        return self.text


class ArchiveViews(models.Model):
    """How often an edition's page in the archive was opened on a day, by whomever: `newsletter.issues.views` counts.

    No page shows it, so it changes none.
    """

    pk = models.CompositePrimaryKey("edition_id", "day")
    edition = models.ForeignKey(Edition, models.CASCADE, related_name="views")
    day = models.DateField()  # in the site's time zone
    count = models.PositiveIntegerField()

    class Meta:
        default_permissions = []

    def __str__(self) -> str:
        return f"{self.edition_id} {self.day} {self.count}"
