"""Topics, authors and boilerplates, which articles share. A change shows on public pages at once."""

from functools import lru_cache
from typing import TYPE_CHECKING, Self

import pgtrigger
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from sccon.clock import Clock
from sccon.models.pages import changes_pages
from sccon.translated import CHOICES, never_empty, slugs_only

# Keeps each slug a topic ever had: an old one redirects to the current one, and no other topic can take it.
REMEMBER_ADDRESSES = """
    INSERT INTO news_topicaddress (topic_id, language, slug)
    SELECT NEW.id, pair.language, pair.slug
    FROM (VALUES ('de', NEW.slug_de), ('en', NEW.slug_en)) AS pair(language, slug)
    WHERE pair.slug IS NOT NULL AND NOT EXISTS (
        SELECT FROM news_topicaddress known
        WHERE known.topic_id = NEW.id AND known.language = pair.language AND known.slug = pair.slug
    );
    RETURN NULL;
"""


# The same for authors, who have one slug for all languages.
REMEMBER_AUTHOR = """
    INSERT INTO news_authoraddress (author_id, slug)
    SELECT NEW.id, NEW.slug
    WHERE NEW.slug IS NOT NULL AND NOT EXISTS (
        SELECT FROM news_authoraddress known WHERE known.author_id = NEW.id AND known.slug = NEW.slug
    );
    RETURN NULL;
"""


@lru_cache(maxsize=1024)
def _address(_language: str, slug: str | None) -> str:
    return reverse("news:topic", args=[slug])


class TopicQuerySet(models.QuerySet["Topic"]):
    def shown(self) -> Self:
        """Those that a public text has or had: a name of which only drafts and plans know betrays them."""
        from news.models.publications import PublicationTopic  # which knows topics

        filed = PublicationTopic.objects.filter(topic=OuterRef("pk"), publication__visible__startswith__lte=Clock())
        return self.filter(Exists(filed))


class Topic(models.Model):
    """What an article is about. The first of an article's topics is shown above its title."""

    class Accent(models.TextChoices):
        VIOLET = "violet", _("Violet")
        INDIGO = "indigo", _("Indigo")
        BLUE = "blue", _("Blue")
        TEAL = "teal", _("Teal")
        APRICOT = "apricot", _("Apricot")
        CORAL = "coral", _("Coral")

    name = models.CharField(_("name"), max_length=80, null=True)
    slug = models.CharField(
        _("address of the page (URL)"), max_length=80, null=True, blank=True, help_text=_("Empty: made from the name.")
    )
    description = models.TextField(_("description"), null=True, blank=True)
    accent = models.CharField(
        _("colour"),
        max_length=10,
        choices=Accent,
        default=Accent.VIOLET,
        help_text=_("Of the tile that stands for a missing picture."),
    )

    objects = TopicQuerySet.as_manager()

    if TYPE_CHECKING:
        name_de: str | None
        name_en: str | None
        slug_de: str | None
        slug_en: str | None
        description_de: str | None
        description_en: str | None

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["name_de"]
        constraints = [*never_empty("name", "description"), *slugs_only()]
        triggers = [
            pgtrigger.Trigger(
                name="remember_addresses",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("slug_de", "slug_en"),
                when=pgtrigger.After,
                func=REMEMBER_ADDRESSES,
            ),
            changes_pages(),
        ]

    def __str__(self) -> str:
        return self.name or self.name_de or self.name_en or str(self.pk)

    def get_absolute_url(self) -> str:
        """The topic's page in the language now active; it must have a slug in it."""
        return _address(get_language(), self.slug)

    @property
    def url(self) -> str:
        return self.get_absolute_url() if self.slug else ""


class TopicAddress(models.Model):
    """Every slug a topic ever had, written by a trigger: old ones answer 301."""

    topic = models.ForeignKey(Topic, models.CASCADE, related_name="addresses")
    language = models.CharField(max_length=2, choices=CHOICES)
    slug = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["language", "slug"],
                name="topic_address_is_one_topics",
                violation_error_message=_("Another topic has, or had, this address."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.language}/{self.slug}"


class Author(models.Model):
    """Who wrote an article, as visitors see it."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.CharField(
        _("address of the page (URL)"), max_length=120, null=True, blank=True, help_text=_("Empty: made from the name.")
    )
    role = models.CharField(_("role"), max_length=120, null=True, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(
        _("telephone"), max_length=40, blank=True, help_text=_("Shown where this person is a press release's contact.")
    )
    portrait = models.ForeignKey(
        "news.Image", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("portrait")
    )

    if TYPE_CHECKING:
        role_de: str | None
        role_en: str | None

    class Meta:
        verbose_name = _("author")
        verbose_name_plural = _("authors")
        ordering = ["name"]
        constraints = [
            *never_empty("role"),
            models.CheckConstraint(
                condition=Q(slug__isnull=True) | Q(slug__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$"),
                name="author_slug_well_formed",
            ),
        ]
        triggers = [
            changes_pages(),
            pgtrigger.Trigger(
                name="remember_addresses",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("slug"),
                when=pgtrigger.After,
                func=REMEMBER_AUTHOR,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The author's page in the language now active; they must have a slug."""
        return reverse("news:author", args=[self.slug])

    @property
    def url(self) -> str:
        return self.get_absolute_url() if self.slug else ""


class AuthorAddress(models.Model):
    """Every slug an author ever had, written by a trigger: old ones answer 301."""

    author = models.ForeignKey(Author, models.CASCADE, related_name="addresses")
    slug = models.CharField(max_length=120, unique=True)

    def __str__(self) -> str:
        return self.slug


class Boilerplate(models.Model):
    """The paragraph about the publisher that closes a press release. A published release keeps the words of its day."""

    title = models.CharField(_("title"), max_length=120, null=True)
    text = models.TextField(_("text"), null=True, blank=True)

    if TYPE_CHECKING:
        title_de: str | None
        title_en: str | None
        text_de: str | None
        text_en: str | None

    class Meta:
        verbose_name = _("boilerplate")
        verbose_name_plural = _("boilerplates")
        ordering = ["title_de"]
        constraints = never_empty("title", "text")

    def __str__(self) -> str:
        return self.title or self.title_de or self.title_en or str(self.pk)

    def html(self, language: str) -> str:
        """Title and text as HTML in `language`; '' where there is no text in it."""
        title, text = getattr(self, f"title_{language}"), getattr(self, f"text_{language}")
        return f"<h2>{escape(title)}</h2>{text}" if title and text else ""
