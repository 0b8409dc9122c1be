"""Publications: which text was public at which address, in which language, from when to when.

The rows are the record. Only `news.publishing.publications` writes them. Once a row's time has begun, triggers refuse
every change but two: to set its end, now or later, and to empty it in a take-down.
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
from sccon.plain_text import first_sentences
from sccon.translated import CHOICES, LANGUAGES

from .articles import Article
from .images import Image
from .record import ATTACHMENT_EMPTIED, IMAGE_DELETED, part_triggers, publication_triggers
from .topics import Author, Topic

# Reserved slugs. Under /news/: lists, feeds and years; at the top level: the other parts of the site.
RESERVED_NEWS = "search|topics|authors|archive|preview|feed|feeds|[0-9]{4}"
RESERVED_TOP = (
    "news|newsletter|tickets|admin|media|static|webhooks|healthz|readyz|demo|check-in|search|feed|de|en|jsi18n"
)

TAG = re.compile("<[^>]*>")
WORDS_PER_MINUTE = 200  # reading time, German and English alike

# Search vectors: generated from the row's other columns, and read only by search.
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

        Related rows are not fetched lazily: callers name those they need in `select_related` and
        `prefetch_related`.
        """
        return self.filter(language=language, visible__contains=at or Now()).fetch_mode(FETCH_RAISE)

    def news(self) -> Self:
        """News and press releases, not the pages at the foot."""
        return self.exclude(kind=Article.Kind.PAGE)

    def defer(self, *fields: str | None) -> Self:
        """As Django's, but `defer(None)` still leaves the search vectors out."""
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
    """A tsvector that the database generates and reads: an INSERT does not return it."""

    db_returning = False  # type: ignore[assignment]


class PublicationManager(models.Manager.from_queryset(PublicationQuerySet)):  # type: ignore[misc]
    """Defers the search vectors: they are larger than the text."""

    def get_queryset(self) -> PublicationQuerySet:
        return super().get_queryset().defer(*VECTORS)


class Publication(models.Model):
    """One text at one address in one language for one range of time."""

    article = models.ForeignKey(Article, models.PROTECT, related_name="publications", verbose_name=_("article"))
    version = models.PositiveIntegerField(null=True)  # version of the article that was published; NULL in older rows
    language = models.CharField(_("language"), max_length=2, choices=CHOICES)
    kind = models.CharField(_("kind"), max_length=13, choices=Article.Kind)
    role = models.CharField(_("role"), max_length=13, choices=Article.Role, null=True)
    path = models.CharField(_("address"), max_length=126)  # path after the language, without leading or trailing slash
    title = models.TextField(_("title"))
    lead = models.TextField(_("lead"), blank=True)
    body = models.TextField(_("text"))
    seo_title = models.CharField(max_length=120, blank=True)
    seo_description = models.TextField(blank=True)
    notice = models.TextField(_("notice"), blank=True)  # shown above a withdrawn text that stays readable
    image = models.ForeignKey(Image, models.PROTECT, null=True, related_name="+", verbose_name=_("picture"))
    image_position = models.CharField(max_length=5, choices=Article.ImagePosition)
    image_alt = models.TextField(null=True)  # alternative text here; '' if decorative, NULL: the library's
    boilerplate = models.TextField(blank=True, db_default="")  # HTML
    contact = models.ForeignKey(Author, models.PROTECT, null=True, related_name="+")
    author = models.ForeignKey(Author, models.PROTECT, null=True, related_name="+", verbose_name=_("author"))
    event_last_day = models.DateField(null=True)
    visible = DateTimeRangeField(_("public"))
    # When this language of the article first appeared; older than `visible` for imported texts.
    first_published_at = models.DateTimeField(_("first published"))
    # When it last changed substantially; shown to readers. A corrected typo does not count.
    updated_at = models.DateTimeField(_("updated"), null=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("published by")
    )
    # Continues the text before it, whose planned successor was cancelled: a row's end cannot be moved to later.
    continues = models.BooleanField(default=False, db_default=False)
    redacted_at = models.DateTimeField(_("taken down"), null=True)
    redacted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("taken down by")
    )
    redaction_reason = models.TextField(_("reason of the take-down"), blank=True, db_default="")
    recorded_at = models.DateTimeField(_("written into the record"), db_default=Now(), editable=False)

    topics = models.ManyToManyField(Topic, through="PublicationTopic", related_name="publications")
    related = models.ManyToManyField(Article, through="PublicationRelated", related_name="+")

    # Search finds it also by the names of its files, and by ids of its topics and author, whose names may
    # change (`news.search.indexing`).
    search_files = models.TextField(blank=True, db_default="", editable=False)
    search_marks = models.TextField(blank=True, db_default="", editable=False)
    search = Vector(
        expression=Func(
            *("language", "title", "lead", "search_files", "body", "search_marks"), function="news_search_vector"
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    # Small enough to be stored inside the row: tells matches in titles without reading the large vector.
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

    @cached_property
    def summary(self) -> str:
        """What cards, descriptions and feeds say of it: its lead, else its first sentences."""
        return self.lead or first_sentences(self.__dict__.get("opening") or self.__dict__.get("body", ""))

    def event_is_over(self, at: datetime) -> bool:
        """Whether the announced event has passed at `at`, by the calendar in Berlin."""
        return self.event_last_day is not None and self.event_last_day < timezone.localdate(at)

    @cached_property
    def shown_topics(self) -> list[Topic]:
        """Its topics, in order, that have a page in its language. `queries.load_topics` fetches them for many rows."""
        return [part.topic for part in self.publication_topics.select_related("topic") if part.topic.slug]

    @cached_property
    def kicker(self) -> Topic | None:
        """The first of its topics that has a page in this language."""
        return next(iter(self.shown_topics), None)


class Part(models.Model):
    """Base of the rows that belong to a publication and are immutable like it."""

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
    """A picture in the body; this row makes its files public."""

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
        """The kind of file in readers' words, such as PDF."""
        return str(self.file).rpartition(".")[2].upper()


class Withdrawal(models.Model):
    """One withdrawal of a text: when, why, and what its address answers since."""

    class Outcome(models.TextChoices):
        GONE = "gone", _("It is gone: the address says so")
        REPLACED = "replaced", _("Another article replaces it: the address leads there")
        NOTICE = "notice", _("It stays readable, under a notice")

    article = models.ForeignKey(Article, models.PROTECT, related_name="withdrawals", verbose_name=_("article"))
    language = models.CharField(_("language"), max_length=2, choices=CHOICES)
    at = models.DateTimeField(_("time"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)
    reason = models.TextField(_("reason"))
    target = models.ForeignKey(
        Article, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("replaced by")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("withdrawn by")
    )

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
