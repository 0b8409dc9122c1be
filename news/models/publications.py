"""What the public reads: which text stood at which address, in which language, from when to when.

The rows are the record. `news.publishing.publications` alone writes them, and once a row's time has begun the database
itself refuses every change but two: that it ends, now or later, and that a take-down empties it and says so.
"""

import re
from datetime import datetime
from functools import lru_cache
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.fields.ranges import RangeEndsWith, RangeStartsWith
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import FETCH_RAISE, Func, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from sccon.models.pages import changes_pages
from sccon.translated import LANGUAGES

from .articles import Article
from .images import Image
from .record import ATTACHMENT_EMPTIED, IMAGE_DELETED, part_triggers, publication_triggers
from .topics import Author, Topic

# Addresses that are our own words. Under news: lists, feeds and years; at the top: the other parts of the site.
RESERVED_NEWS = "search|topics|authors|archive|preview|feed|feeds|[0-9]{4}"
RESERVED_TOP = (
    "news|newsletter|tickets|admin|media|static|webhooks|healthz|readyz|demo|check-in|search|feed|de|en|jsi18n"
)

TAG = re.compile("<[^>]*>")
WORDS_PER_MINUTE = 200  # reading time, German and English alike

# What search finds a text by: made of what else is in the row, and read by it alone.
VECTORS = ("search", "search_title")


@lru_cache(maxsize=4096)
def address_of(language: str, kind: str, path: str) -> str:
    """The address of a text, in its own language whatever language is active."""
    with translation.override(language):
        if kind == Article.Kind.PAGE:
            return reverse("news:page", args=[path])
        return reverse("news:article", args=[path.removeprefix("news/")])


class PublicationQuerySet(models.QuerySet["Publication"]):
    def public(self, language: str, at: datetime | None = None) -> Self:
        """Publications a visitor may read in `language` at the instant `at` (default: the database's now).

        Nothing is fetched behind the caller's back: what a page needs it names in `select_related` and
        `prefetch_related`.
        """
        return self.filter(language=language, visible__contains=at or Now()).fetch_mode(FETCH_RAISE)

    def news(self) -> Self:
        """News and press releases, not the pages at the foot."""
        return self.exclude(kind=Article.Kind.PAGE)

    def defer(self, *fields: str | None) -> Self:
        """As Django's, but None brings back only what is meant to be fetched."""
        if fields == (None,):
            return super().defer(None).defer(*VECTORS)
        return super().defer(*fields)  # type: ignore[arg-type]

    def with_topics(self) -> Self:
        """With each row's topics in their order, in one query for all."""
        return self.prefetch_related(
            models.Prefetch("publication_topics", PublicationTopic.objects.select_related("topic"))
        )

    def newest_first(self) -> Self:
        return self.order_by("-first_published_at", "-article_id")


class Vector(models.GeneratedField):
    """What search compares with. The database makes it and alone reads it: an INSERT does not send it back."""

    db_returning = False  # type: ignore[assignment]


class PublicationManager(models.Manager.from_queryset(PublicationQuerySet)):  # type: ignore[misc]
    """Leaves what only the database reads where it is: it is larger than the text."""

    def get_queryset(self) -> PublicationQuerySet:
        return super().get_queryset().defer(*VECTORS)


class Publication(models.Model):
    """One text at one address in one language for one stretch of time."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="publications", verbose_name=_("article"))
    version = models.PositiveIntegerField(null=True)  # of the article, as it was published; older rows do not know
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    kind = models.CharField(_("kind"), max_length=13, choices=Article.Kind)
    role = models.CharField(_("role"), max_length=13, choices=Article.Role, null=True)
    path = models.CharField(_("address"), max_length=126)  # what follows the language, without slashes around
    title = models.TextField(_("title"))
    lead = models.TextField(_("lead"), blank=True)
    body = models.TextField(_("text"))
    seo_title = models.CharField(max_length=120, blank=True)
    seo_description = models.TextField(blank=True)
    notice = models.TextField(_("notice"), blank=True)  # of a text that was withdrawn but stays readable
    image = models.ForeignKey(Image, models.PROTECT, null=True, related_name="+")
    image_position = models.CharField(max_length=5, choices=Article.ImagePosition)
    image_alt = models.TextField(null=True)  # what it says here, '' for nothing; NULL: what the library says of it
    boilerplate = models.TextField(blank=True, db_default="")  # HTML
    contact = models.ForeignKey(Author, models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey(Author, models.PROTECT, null=True, related_name="+")
    event_last_day = models.DateField(null=True)
    visible = DateTimeRangeField(_("public"))
    # When this language of the article first appeared; older than `visible` for imported texts.
    first_published_at = models.DateTimeField(_("first published"))
    # Of the last substantial change; shown to readers. A corrected typo is none.
    updated_at = models.DateTimeField(_("updated"), null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # The text before goes on: the plan that was to follow it has been given up. A row cannot get a longer end.
    continues = models.BooleanField(default=False, db_default=False)
    redacted_at = models.DateTimeField(_("taken down"), null=True)
    redacted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("taken down by")
    )
    redaction_reason = models.TextField(_("reason of the take-down"), blank=True, db_default="")
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    topics = models.ManyToManyField(Topic, through="PublicationTopic", related_name="publications")
    related = models.ManyToManyField(Article, through="PublicationRelated", related_name="+")

    # What search finds it by besides its text: names of its files, and marks of its topics and its author, whose
    # names may change (`news.search.finding`).
    search_files = models.TextField(blank=True, db_default="", editable=False)
    search_marks = models.TextField(blank=True, db_default="", editable=False)
    search = Vector(
        expression=Func(
            *("language", "title", "lead", "search_files", "body", "search_marks"), function="news_search_vector"
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    # Small enough to stand in the row itself: tells titles from texts without reading the large one.
    search_title = Vector(
        expression=Func("language", "title", "search_marks", function="news_title_vector"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = PublicationManager()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering = ["-visible"]
        constraints = [
            ExclusionConstraint(
                name="one_text_an_instant",
                expressions=[
                    ("article", RangeOperators.EQUAL),
                    ("language", RangeOperators.EQUAL),
                    ("visible", RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="address_is_one_articles",
                expressions=[
                    ("language", RangeOperators.EQUAL),
                    ("path", RangeOperators.EQUAL),
                    ("article", RangeOperators.NOT_EQUAL),
                ],
            ),
            models.CheckConstraint(
                condition=Q(path__regex=r"^(news/)?[a-z0-9]+(-[a-z0-9]+)*$"), name="publication_path_well_formed"
            ),
            models.CheckConstraint(
                condition=~Q(path__regex=rf"^(news/({RESERVED_NEWS})|{RESERVED_TOP})$"),
                name="publication_path_not_ours",
            ),
            models.CheckConstraint(
                condition=Q(kind="page", path__regex="^[^/]+$") | (~Q(kind="page") & Q(path__regex="^news/")),
                name="publication_path_fits_kind",
            ),
            models.CheckConstraint(condition=Q(role__isnull=True) | Q(kind="page"), name="publication_role_is_a_pages"),
            models.CheckConstraint(
                condition=Q(
                    visible__isempty=False, visible__lower_inf=False, visible__lower_inc=True, visible__upper_inc=False
                ),
                name="publication_begins",
            ),
            models.CheckConstraint(
                condition=(~Q(title="") & ~Q(body="") & Q(redacted_at=None, redacted_by=None, redaction_reason=""))
                | (
                    Q(title="", lead="", body="", seo_title="", seo_description="", notice="", boilerplate="")
                    & Q(image_alt=None)
                    & Q(redacted_at__isnull=False)
                    & ~Q(redaction_reason="")
                ),
                name="publication_says_something",  # or was taken down, and then says why
            ),
            models.CheckConstraint(condition=Q(language__in=["de", "en"]), name="publication_language_known"),
        ]
        indexes = [
            models.Index(fields=["language", "path"], name="publication_address"),
            models.Index(
                fields=["language", "-first_published_at", "-article"],
                condition=~Q(kind="page"),
                name="publication_newest_news",
            ),
            models.Index(fields=["image"], name="publication_image"),
            models.Index(RangeStartsWith("visible"), name="publication_begins_at"),
            models.Index(RangeEndsWith("visible"), name="publication_ends_at"),
            *(
                GinIndex(
                    fields=[vector],
                    condition=Q(language=language) & ~Q(kind="page"),
                    fastupdate=False,  # texts are published seldom and searched often
                    name=f"publication_{vector}_{language}",
                )
                for vector in ("search", "search_title")
                for language in LANGUAGES
            ),
            models.Index(fields=["language", "role"], condition=Q(role__isnull=False), name="publication_roles"),
        ]
        triggers = publication_triggers()

    def __str__(self) -> str:
        return self.title or str(_("(taken down)"))

    def get_absolute_url(self) -> str:
        """The page's address, in its own language whatever language is active."""
        return address_of(self.language, self.kind, self.path)

    @cached_property
    def url(self) -> str:
        return self.get_absolute_url()

    @property
    def reading_minutes(self) -> int:
        return max(1, round(len(TAG.sub(" ", self.body).split()) / WORDS_PER_MINUTE))

    def event_is_over(self, at: datetime) -> bool:
        """Whether the event that the text announces has passed at `at`, by the calendar in Berlin."""
        return self.event_last_day is not None and self.event_last_day < timezone.localdate(at)

    @cached_property
    def shown_topics(self) -> list[Topic]:
        """Its topics in order, those with a page in this language. `reading.load_topics` brings them for many rows."""
        return [part.topic for part in self.publication_topics.select_related("topic") if part.topic.slug]

    @cached_property
    def kicker(self) -> Topic | None:
        """The first of its topics that has a page in this language."""
        return next(iter(self.shown_topics), None)


class Part(models.Model):
    """Something that belongs to a publication and is frozen with it."""

    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["position"]
        triggers = part_triggers()


class PublicationTopic(Part):
    publication = models.ForeignKey(Publication, models.CASCADE, related_name="publication_topics")
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="publication_topics")

    class Meta(Part.Meta):
        constraints = [models.UniqueConstraint(fields=["publication", "topic"], name="publication_has_topic_once")]

    def __str__(self) -> str:
        return str(self.topic)


class PublicationRelated(Part):
    publication = models.ForeignKey(Publication, models.CASCADE, related_name="publication_related")
    article = models.ForeignKey(Article, models.PROTECT, related_name="+")

    class Meta(Part.Meta):
        constraints = [models.UniqueConstraint(fields=["publication", "article"], name="publication_relates_once")]

    def __str__(self) -> str:
        return str(self.article)


class PublicationImage(Part):
    """A picture inside the text: its files may be read by the public."""

    publication = models.ForeignKey(Publication, models.CASCADE, related_name="publication_images")
    image = models.ForeignKey(Image, models.PROTECT, related_name="publication_images")

    class Meta(Part.Meta):
        constraints = [models.UniqueConstraint(fields=["publication", "image"], name="publication_shows_image_once")]
        triggers = part_triggers(deleted=IMAGE_DELETED)

    def __str__(self) -> str:
        return str(self.image)


class PublicationAttachment(Part):
    publication = models.ForeignKey(Publication, models.CASCADE, related_name="publication_attachments")
    file = models.FileField(upload_to="", max_length=200, db_index=True)
    title = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()  # bytes

    class Meta(Part.Meta):
        triggers = part_triggers(changed=ATTACHMENT_EMPTIED)

    def __str__(self) -> str:
        return self.title

    @property
    def url(self) -> str:
        return self.file.url

    @property
    def extension(self) -> str:
        """The file's kind as a reader knows it, such as PDF."""
        return str(self.file).rpartition(".")[2].upper()


class Withdrawal(models.Model):
    """That a text was taken from the public, why, and what its address answers since."""

    class Outcome(models.TextChoices):
        GONE = "gone", _("It is gone: the address says so (410)")
        REPLACED = "replaced", _("Another article replaces it: the address leads there (301)")
        NOTICE = "notice", _("It stays readable, under a notice")

    article = models.ForeignKey(Article, models.PROTECT, related_name="withdrawals")
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    at = models.DateTimeField(_("time"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)
    reason = models.TextField(_("reason"))
    target = models.ForeignKey(
        Article, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("replaced by")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="replaced", target__isnull=False)
                | (~Q(outcome="replaced") & Q(target__isnull=True)),
                name="withdrawal_replaced_has_target",
            ),
            models.CheckConstraint(condition=~Q(target=models.F("article")), name="withdrawal_not_by_itself"),
            models.CheckConstraint(condition=~Q(reason=""), name="withdrawal_has_reason"),
        ]

    def __str__(self) -> str:
        return self.reason


class Pin(models.Model):
    """An article that publishers keep at the head of the home page."""

    article = models.OneToOneField(Article, models.CASCADE, related_name="pin", verbose_name=_("article"))
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("pin")
        verbose_name_plural = _("pins")
        ordering = ["position", "-pk"]
        triggers = [changes_pages()]

    def __str__(self) -> str:
        return str(self.article)
