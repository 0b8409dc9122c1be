"""Pictures of the library and the smaller versions of them that pages show."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from sccon.models.pages import changes_pages
from sccon.translated import never_empty
from sccon.typography import slug


def secret_path(name: str) -> str:
    """A media path that cannot be guessed: 128 random bits, then a readable name."""
    stem, suffix = Path(name).stem, Path(name).suffix.lower()
    return f"{secrets.token_urlsafe(16)}/{slug(stem)[:60].strip('-') or 'file'}{suffix}"


class Shown(NamedTuple):
    """The columns of a rendition that a page needs."""

    crop: str
    format: str
    width: int
    height: int
    file: str


class Image(models.Model):
    """A picture of the library.

    `file` is the upload, turned upright and freed of all metadata; `jpeg` a copy of at most 1600 pixels that
    pages show until the renditions are made. Neither is what a visitor usually loads: see `Rendition`.
    """

    VIEW, ADD = "news.view_image", "news.add_image"  # permissions to look through the library and to upload

    file = models.FileField(_("picture"), upload_to="", max_length=200)
    jpeg = models.FileField(upload_to="", max_length=200, editable=False)
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    alt = models.TextField(
        _("alternative text"),
        max_length=500,
        null=True,
        blank=True,
        help_text=_("What does someone learn who cannot see the picture?"),
    )
    caption = models.TextField(_("caption"), max_length=500, null=True, blank=True)
    credit = models.CharField(_("credit"), max_length=200, blank=True)
    decorative = models.BooleanField(
        _("decorative"), default=False, help_text=_("Says nothing of its own; screen readers pass over it.")
    )
    # The focal point as fractions of width and height, from the top left corner.
    focal_x = models.FloatField(
        _("focal point from the left"), default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    focal_y = models.FloatField(
        _("focal point from the top"), default=0.5, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    # Key of the set of renditions that pages show; empty until the first set is complete (`news.pictures.library`).
    ready_key = models.CharField(max_length=12, blank=True, editable=False)
    ready_at = models.DateTimeField(null=True, editable=False)
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    if TYPE_CHECKING:
        alt_de: str | None
        alt_en: str | None
        caption_de: str | None
        caption_en: str | None

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            *never_empty("alt", "caption"),
            models.CheckConstraint(
                condition=Q(focal_x__gte=0, focal_x__lte=1, focal_y__gte=0, focal_y__lte=1),
                name="image_focal_point_inside",
            ),
        ]
        # `news.media` looks a requested file up by its name.
        indexes = [models.Index(fields=["file"], name="image_file"), models.Index(fields=["jpeg"], name="image_jpeg")]
        triggers = [changes_pages()]

    def __str__(self) -> str:
        return Path(str(self.file)).stem

    @cached_property
    def shown(self) -> Sequence[Shown]:
        """The renditions that pages show. `queries.load_renditions` fetches them for many pictures at once."""
        return [
            Shown(rendition.crop, rendition.format, rendition.width, rendition.height, str(rendition.file))
            for rendition in self.renditions.all()
            if rendition.key == self.ready_key
        ]

    @property
    def alt_is_name(self) -> bool:
        """Whether an alternative text is only the name of the file, which describes nothing."""
        name = slug(str(self))
        texts = [text for text in (self.alt_de, self.alt_en) if text]
        return any(slug(Path(text).stem) == name for text in texts)


class Rendition(models.Model):
    """One file a page can show of a picture: a crop round the focal point, a width, a format."""

    class Crop(models.TextChoices):
        FULL = "full"  # the picture's own shape
        CARD = "card"  # 3:2
        TALL = "tall"  # 4:5

    class Format(models.TextChoices):
        AVIF = "avif"
        WEBP = "webp"
        JPEG = "jpeg"

    image = models.ForeignKey(Image, models.CASCADE, related_name="renditions")
    key = models.CharField(max_length=12)  # of source and focal point: a changed focal point is a new file
    crop = models.CharField(max_length=4, choices=Crop)
    format = models.CharField(max_length=4, choices=Format)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    file = models.FileField(upload_to="", max_length=200)

    class Meta:
        ordering = ["crop", "format", "width"]
        constraints = [
            models.UniqueConstraint(fields=["image", "key", "crop", "format", "width"], name="one_rendition_of_a_kind")
        ]
        indexes = [models.Index(fields=["file"], name="rendition_file")]
        triggers = [changes_pages()]

    def __str__(self) -> str:
        return f"{self.image_id} {self.crop} {self.width} {self.format}"
