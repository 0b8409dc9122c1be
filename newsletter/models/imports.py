"""Imports of lists: what was uploaded, what each row of it means, and what became of it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sccon.translated import CHOICES

from .subscribers import Subscriber


class Import(models.Model):
    """A list of people that staff brought. The file itself is kept until its rows are read."""

    class State(models.TextChoices):
        READING = "reading", pgettext_lazy("import", "being checked")
        CHECKED = "checked", pgettext_lazy("import", "checked, nothing imported yet")
        RUNNING = "running", pgettext_lazy("import", "being imported")
        DONE = "done", pgettext_lazy("import", "imported")
        UNDOING = "undoing", pgettext_lazy("import", "being undone")
        UNDONE = "undone", pgettext_lazy("import", "undone")

    name = models.CharField(_("file"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=CHOICES)  # of rows that name none
    upload = models.BinaryField(null=True)
    unused = ArrayField(models.CharField(max_length=100), default=list)  # heads of columns that nothing is taken from
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.READING)
    # Lines of the file, and rows of it that are read: how far the check is.
    lines = models.PositiveIntegerField(default=0)
    read = models.PositiveIntegerField(default=0)
    # Rows by fate, once the check or the import has ended: they stay when the rows are forgotten.
    counts = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    created_at = models.DateTimeField(_("time"), db_default=Now())
    started_at = models.DateTimeField(_("imported at"), null=True)
    undone_at = models.DateTimeField(_("undone at"), null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-pk"]
        default_permissions = ["view", "add"]

    def __str__(self) -> str:
        return self.name or str(_("pasted list"))


class ImportRow(models.Model):
    """A row of a list, and its fate: what the check found, then what was done."""

    class Fate(models.TextChoices):
        NEW = "new", pgettext_lazy("row of a list", "new subscriber")
        TOPICS = "topics", pgettext_lazy("row of a list", "subscribes already, gets these topics as well")
        SAME = "same", pgettext_lazy("row of a list", "subscribes already")
        DOUBLE = "double", pgettext_lazy("row of a list", "stands further up already")
        WAITING = "waiting", pgettext_lazy("row of a list", "asked here and has not confirmed: left to the person")
        LEFT = "left", pgettext_lazy("row of a list", "unsubscribed: is not brought back")
        BOUNCED = "bounced", pgettext_lazy("row of a list", "undeliverable: is not brought back")
        COMPLAINED = "complained", pgettext_lazy("row of a list", "complained: is not brought back")
        ERASED = "erased", pgettext_lazy("row of a list", "had all data deleted: is not brought back")
        MOVED = "moved", pgettext_lazy("row of a list", "moved to another address: is not brought back")
        REFUSED = "refused", pgettext_lazy("row of a list", "refused")
        UNDONE = "undone", pgettext_lazy("row of a list", "taken back")
        KEPT = "kept", pgettext_lazy("row of a list", "not taken back: changed since")

    of = models.ForeignKey(Import, models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField(_("line"))
    typed = models.CharField(_("e-mail address"), max_length=300, blank=True)
    email = models.CharField(max_length=254, blank=True)  # as it is stored; empty where it is none
    language = models.CharField(_("language"), max_length=2, choices=CHOICES)
    topics = ArrayField(models.IntegerField(), default=list)
    source = models.CharField(_("source of the consent"), max_length=200, blank=True)
    consented_at = models.DateTimeField(_("date of the consent"), null=True)
    fate = models.CharField(_("fate"), max_length=10, choices=Fate)
    # Why it was refused, and the word that it is about: see `newsletter.lists.meaning`.
    problem = models.CharField(max_length=20, blank=True)
    about = models.CharField(max_length=100, blank=True)
    done = models.BooleanField(db_default=False, default=False)
    subscriber = models.ForeignKey(Subscriber, models.SET_NULL, null=True, related_name="+")
    added = ArrayField(models.IntegerField(), default=list)  # topics that the person did not have before

    class Meta:
        default_permissions = []
        constraints = [models.UniqueConstraint(fields=["of", "number"], name="import_row_is_one_line")]
        indexes = [
            models.Index(fields=["of", "fate", "number"], name="import_row_fate"),
            models.Index(Lower("email"), name="import_row_address"),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.typed}"
