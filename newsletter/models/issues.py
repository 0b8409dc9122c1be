"""Issues: what editors work on until a run starts. What then leaves is copied into `editions` and read from there."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from news.models import Article, Image, Topic
from sccon.clock import Clock
from sccon.translated import CHOICES, LANGUAGES, never_empty


class IssueQuerySet(models.QuerySet["Issue"]):
    def under_way(self) -> Self:
        """Issues whose run has begun and not ended."""
        return self.filter(status__in=[Issue.Status.SENDING, Issue.Status.PAUSED])

    def due(self) -> Self:
        """Issues that were ordered and whose time has come."""
        return self.filter(status=Issue.Status.SCHEDULED, begin_at__lte=Clock())


class Issue(models.Model):
    """One number of the newsletter. `newsletter.issues` writes its content, `newsletter.delivery.running` its run."""

    SEND = "newsletter.send_issue"  # the permission to send, pause, resume and cancel; see `Meta`

    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("issue", "draft")
        SCHEDULED = "scheduled", pgettext_lazy("issue", "scheduled")  # also "at once", while it can be taken back
        SENDING = "sending", pgettext_lazy("issue", "being sent")
        PAUSED = "paused", pgettext_lazy("issue", "paused")
        SENT = "sent", pgettext_lazy("issue", "sent")
        CANCELLED = "cancelled", pgettext_lazy("issue", "cancelled")

    class Pause(models.TextChoices):
        """Why a run rests."""

        STAFF = "staff", _("someone paused it")
        RELAY = "relay", _("the relay does not take our mails")
        ALIKE = "alike", _("the relay refused one recipient after another in the same words")
        BUILD = "build", _("the mails cannot be built")
        CHANGED = "changed", _("the number of recipients changed")
        CHECKS = "checks", _("a check blocks it")
        INTERRUPTED = "interrupted", _("it was interrupted for a long time")

    # --- What it says ---
    subject = models.CharField(_("subject"), max_length=200, null=True, blank=True)
    preheader = models.CharField(
        _("preheader"), max_length=200, null=True, blank=True, help_text=_("What mailboxes show beside the subject.")
    )
    intro = models.TextField(_("introduction"), null=True, blank=True)  # HTML of the editor
    # An issue in one language goes to its readers alone; the others get nothing, and never the other language.
    only = models.CharField(_("only in"), max_length=2, choices=CHOICES, blank=True)
    commercial = models.BooleanField(
        _("advertising"),
        default=False,
        help_text=_("It advertises something: the mail then says so at its head, as § 6 DDG wants it."),
    )
    in_archive = models.BooleanField(
        _("in the archive"), default=True, help_text=_("Everybody can read it on the website once it is sent.")
    )

    # --- For whom: everybody, or who chose one of the topics (and who chose none, for they get every issue) ---
    to_all = models.BooleanField(_("to everybody"), default=True)
    topics = models.ManyToManyField(Topic, blank=True, related_name="+", verbose_name=_("topics"))

    # --- When ---
    send_at = models.DateTimeField(_("send at"), null=True, blank=True)  # NULL: at once
    # Times of the day (in the site's time zone) between which it is sent; both or neither.
    window_from = models.TimeField(_("not before"), null=True, blank=True)
    window_until = models.TimeField(_("not after"), null=True, blank=True)

    # --- Its run ---
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.DRAFT, editable=False)
    # The click on "send": by whom, when, to how many in each language, with which warnings confirmed.
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    ordered_at = models.DateTimeField(null=True, editable=False)
    expected = models.JSONField(default=dict, editable=False)
    confirmed = models.JSONField(default=list, editable=False)
    begin_at = models.DateTimeField(_("begins at"), null=True, editable=False)
    started_at = models.DateTimeField(_("begun"), null=True, editable=False)  # when it was planned and copied
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    pause = models.CharField(max_length=11, choices=Pause, blank=True, editable=False)
    pause_words = models.TextField(blank=True, editable=False)  # what the relay said
    # Of such words, those that staff have said are about the recipients: they stop this run no more. Without names.
    about_them = models.JSONField(default=list, editable=False)
    paused_at = models.DateTimeField(null=True, editable=False)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    # When a sender last worked on it: a run that was interrupted for long asks before it goes on.
    beat_at = models.DateTimeField(null=True, editable=False)

    # Incremented by each save; a save based on an older number is refused (`newsletter.issues.composing`).
    version = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    saved_at = models.DateTimeField(_("last saved"), auto_now=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")

    objects = IssueQuerySet.as_manager()

    if TYPE_CHECKING:
        subject_de: str | None
        subject_en: str | None
        preheader_de: str | None
        preheader_en: str | None
        intro_de: str | None
        intro_en: str | None

    class Meta:
        verbose_name = _("issue")
        verbose_name_plural = _("issues")
        ordering = ["-created_at", "-pk"]
        permissions = [("send_issue", _("Can send, pause, resume and cancel issues"))]
        constraints = [
            *never_empty("subject", "preheader", "intro"),
            models.CheckConstraint(
                condition=Q(window_from__isnull=True, window_until__isnull=True)
                | Q(window_from__isnull=False, window_until__isnull=False, window_from__lt=models.F("window_until")),
                name="issue_window_is_a_span",
            ),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(begin_at__isnull=False, ordered_at__isnull=False),
                name="issue_under_way_was_ordered",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["sending", "sent"]) | Q(started_at__isnull=False),
                name="issue_sending_has_begun",
            ),
            models.CheckConstraint(
                condition=Q(status="paused", paused_at__isnull=False) | (~Q(status="paused") & Q(pause="")),
                name="issue_paused_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["sent", "cancelled"]) | Q(ended_at__isnull=False), name="issue_ended_says_when"
            ),
        ]
        indexes = [
            models.Index(
                fields=["status"],
                condition=Q(status__in=["scheduled", "sending", "paused"]),
                name="issue_under_way",
            )
        ]

    def __str__(self) -> str:
        return self.subject_de or self.subject_en or str(_("Issue %d") % (self.pk or 0))

    @property
    def languages(self) -> list[str]:
        """The languages in which it is written and sent."""
        return [self.only] if self.only else [*LANGUAGES]


class IssueItem(models.Model):
    """An article, each of whose words can be replaced for this issue, or a block of its own."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(_("position"))
    article = models.ForeignKey(
        Article, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("article")
    )
    heading = models.CharField(_("heading"), max_length=200, null=True, blank=True)
    text = models.TextField(_("text"), null=True, blank=True)  # HTML of the editor; of an article in place of its lead
    # Of an article in place of its own; without `with_picture` there is none.
    image = models.ForeignKey(Image, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("picture"))
    alt = models.CharField(_("alternative text here"), max_length=500, null=True, blank=True)
    with_picture = models.BooleanField(_("with picture"), default=True)
    button_label = models.CharField(_("button"), max_length=80, null=True, blank=True)
    button_url = models.CharField(_("the button leads to"), max_length=500, null=True, blank=True)

    if TYPE_CHECKING:
        heading_de: str | None
        heading_en: str | None

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering = ["position", "pk"]
        default_permissions = []
        constraints = [*never_empty("heading", "text", "alt", "button_label", "button_url")]

    def __str__(self) -> str:
        return str(self.article or self.heading_de or self.heading_en or _("Block"))
