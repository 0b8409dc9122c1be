"""Articles with their topics and attachments: the drafts that editors work on. The public reads `publications`."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sccon.translated import never_empty, slugs_only

from .images import Image
from .topics import Author, Topic
from .words import index_draft


class ArticleManager(models.Manager["Article"]):
    def locked(self, article: "Article") -> "Article":
        """`article` as it is stored now; until this transaction ends nobody else locks or changes it.

        The only way to lock one (`./dev check` refuses others). Rows that refer to it can still be written: whoever
        wrote one holds the page version when its foreign key is checked, and this transaction may need that version
        when it commits – see docs/decisions/page-cache.md, "Locks".
        """
        return self.select_for_update(no_key=True).get(pk=article.pk)


class Article(models.Model):
    """A draft in up to two languages. Saving it changes no public page; publishing copies it into a `Publication`."""

    PUBLISH = "news.publish_article"  # the permission, see `Meta`
    ESSENTIAL = ("title", "lead", "body")  # who has written one of these in a language has begun a text in it

    class Kind(models.TextChoices):
        NEWS = "news", pgettext_lazy("kind", "News")
        PRESS_RELEASE = "press_release", _("Press release")
        PAGE = "page", _("Page")

    class Role(models.TextChoices):
        IMPRINT = "imprint", _("Imprint")
        PRIVACY = "privacy", _("Privacy")
        ACCESSIBILITY = "accessibility", _("Accessibility")
        TERMS = "terms", _("Terms")

    class ImagePosition(models.TextChoices):
        TOP = "top", _("Above the text")
        AFTER = "after", _("After the text")

    kind = models.CharField(_("kind"), max_length=13, choices=Kind, default=Kind.NEWS)
    role = models.CharField(
        _("role"),
        max_length=13,
        choices=Role,
        null=True,
        blank=True,
        unique=True,
        help_text=_("Of a page that every page's foot leads to."),
    )

    title = models.TextField(_("title"), max_length=200, null=True, blank=True)
    slug = models.CharField(_("address of the page (URL)"), max_length=120, null=True, blank=True)
    lead = models.TextField(_("lead"), max_length=600, null=True, blank=True)
    body = models.TextField(_("text"), null=True, blank=True)
    seo_title = models.CharField(_("title for search engines"), max_length=120, null=True, blank=True)
    seo_description = models.TextField(_("description for search engines"), max_length=300, null=True, blank=True)

    image = models.ForeignKey(
        Image, models.PROTECT, null=True, blank=True, related_name="articles", verbose_name=_("picture")
    )
    image_position = models.CharField(
        _("place of the picture"), max_length=5, choices=ImagePosition, default=ImagePosition.TOP
    )
    # Alternative text of the picture in this article; empty: the library's.
    image_alt = models.TextField(_("alternative text here"), max_length=500, null=True, blank=True)
    image_decorative = models.BooleanField(
        _("decorative here"),
        default=False,
        db_default=False,
        help_text=_("Beside this text it says nothing of its own."),
    )
    author = models.ForeignKey(
        Author, models.PROTECT, null=True, blank=True, related_name="articles", verbose_name=_("author")
    )
    # For press releases: the closing paragraph and the press contact.
    boilerplate = models.ForeignKey(
        "news.Boilerplate", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("boilerplate")
    )
    contact = models.ForeignKey(
        Author, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("press contact")
    )
    # From the day after, the page says by itself that the event is over.
    event_last_day = models.DateField(
        _("last day of the event it announces"),
        null=True,
        blank=True,
        help_text=_("From the day after, a line above the text says that the event is over."),
    )
    topics = models.ManyToManyField(Topic, through="ArticleTopic", related_name="articles", verbose_name=_("topics"))
    related = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="+", verbose_name=_("related articles")
    )

    # Incremented by each save; a save based on an older number is refused (`news.writing.drafting`).
    version = models.PositiveIntegerField(default=0, editable=False)
    # The version with whose German the English was last confirmed to agree (`news.versions.translating`).
    en_matches = models.PositiveIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    saved_at = models.DateTimeField(_("last saved"), auto_now=True)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")

    if TYPE_CHECKING:
        title_de: str | None
        title_en: str | None
        slug_de: str | None
        slug_en: str | None
        lead_de: str | None
        lead_en: str | None
        body_de: str | None
        body_en: str | None
        seo_title_de: str | None
        seo_title_en: str | None
        seo_description_de: str | None
        seo_description_en: str | None
        image_alt_de: str | None
        image_alt_en: str | None

    objects: ClassVar[ArticleManager] = ArticleManager()  # named: modeltranslation puts its own in the place

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["-saved_at"]
        permissions = [("publish_article", _("Can publish and withdraw articles"))]
        constraints = [
            *never_empty("title", "lead", "body", "seo_title", "seo_description", "image_alt"),
            *slugs_only(),
            models.CheckConstraint(condition=Q(role__isnull=True) | Q(kind="page"), name="article_role_is_a_pages"),
        ]
        triggers = [index_draft()]

    def __str__(self) -> str:
        # Without a title, as after a take-down, it is called by its address.
        named = self.title or self.title_de or self.title_en or self.slug_de or self.slug_en
        return named or str(_("(untitled)"))

    def text(self, field: str, language: str) -> str:
        """The translated `field` in `language`; '' where there is none."""
        return getattr(self, f"{field}_{language}") or ""

    def has_text(self, language: str) -> bool:
        """Whether there is a text at all in `language`, finished or not."""
        return any(self.text(name, language) for name in self.ESSENTIAL)

    def path(self, language: str) -> str:
        """The path at which its text in `language` will be published, as in `Publication.path`; '' without a slug."""
        slug = self.text("slug", language)
        return slug if not slug or self.kind == self.Kind.PAGE else f"news/{slug}"

    def alt_here(self, language: str) -> str | None:
        """Alternative text of its picture in this article: '' if decorative, None to use the library's."""
        return "" if self.image_decorative else getattr(self, f"image_alt_{language}")


class ArticleTopic(models.Model):
    """A topic of an article, in order; the first is shown above the title."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="article_topics")
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="article_topics")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("topic of an article")
        verbose_name_plural = _("topics of articles")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["article", "topic"], name="article_has_topic_once")]

    def __str__(self) -> str:
        return str(self.topic)


class Attachment(models.Model):
    """A file to download beside an article, such as a PDF."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="attachments")
    file = models.FileField(_("file"), upload_to="", max_length=200)
    title = models.CharField(_("title"), max_length=200, null=True, blank=True)
    size = models.PositiveBigIntegerField(_("size"), editable=False)  # bytes
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    if TYPE_CHECKING:
        title_de: str | None
        title_en: str | None

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["position", "pk"]
        constraints = never_empty("title")

    def __str__(self) -> str:
        return self.title or self.title_de or self.title_en or self.name

    @property
    def name(self) -> str:
        """The file's own name, without the folder that nobody can guess."""
        return str(self.file.name).rpartition("/")[2]
