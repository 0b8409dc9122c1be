"""Share pictures of publications: when they are drawn, reused and removed.

`publish` queues a job that draws one; until then pages name the article's own picture, as they do where our typeface
cannot set the title. A correction that does not change the picture keeps its file, so copies of the page elsewhere
stay valid.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import PIL.Image
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, prefetch_related_objects
from django.db.models.functions import Now
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from news.models import Article, Image, Publication, SharePicture
from news.models.images import secret_path
from news.models.publications import PublicationQuerySet
from news.pictures.html import address, article_alt, jpeg_size
from news.pictures.lettering import settable
from news.pictures.library import remove_files
from news.pictures.share_drawing import HEIGHT, WIDTH, Card, draw
from sccon.jobs import RETRY, app

if TYPE_CHECKING:
    from news.models import Topic

DESIGN = 2  # increment it when the drawing changes: all pictures are then drawn again within the hour
AT_ONCE = 500  # pictures that one run of the hourly job queues


@dataclass(frozen=True)
class Shown:
    """Share picture for a page's metadata."""

    url: str
    alt: str
    width: int = WIDTH
    height: int = HEIGHT


def shown_by(publication: Publication) -> Shown | None:
    """The share picture of `publication` (select_related); None until it is drawn."""
    try:
        picture = publication.share_picture
    except SharePicture.DoesNotExist:
        return None
    alt = article_alt(publication)
    return Shown(
        url=settings.SITE_URL + address(picture.file),
        alt=f"{publication.title} – {alt}" if alt else publication.title,
    )


# --- When ---------------------------------------------------------------------------------------


def prepare(publication: Publication) -> None:
    """Reuses the picture of an earlier text of the article if it would look the same; else queues a job to draw one."""
    if publication.kind == Article.Kind.PAGE:
        return
    prefetch_related_objects([publication], "publication_topics__topic")
    key = _key(publication)
    if not key:
        return
    kin = Q(publication__article=publication.article_id, publication__language=publication.language)
    if same := SharePicture.objects.filter(kin, key=key).first():
        SharePicture.objects.create(publication=publication, file=same.file.name, key=key)
    else:
        _order(publication.pk)


def _order(publication_id: int) -> None:
    draw_share_picture.configure(lock=f"news.share_picture.{publication_id}").defer(publication_id=publication_id)


@app.periodic(cron="13 * * * *")
@app.task(name="news.order_share_pictures", queue="slow", queueing_lock="news.order_share_pictures", pass_context=False)
def order_share_pictures(timestamp: int) -> None:
    """Queues pictures that are missing or outdated, e.g. after an upgrade or a renamed topic. Every hour."""
    _order_outdated(Publication.objects.all())


@app.task(name="news.order_share_pictures_of", queue="slow", pass_context=False)
def order_share_pictures_of(image_id: int) -> None:
    """Queues the share pictures that show a picture whose file or focal point changed."""
    _order_outdated(Publication.objects.filter(image=image_id))


@receiver(post_save, sender=Image)
def order_with_image(
    instance: Image, created: bool, update_fields: frozenset[str] | None = None, **kwargs: object
) -> None:
    if not created and (update_fields is None or update_fields & {"file", "focal_x", "focal_y"}):
        order_share_pictures_of.defer(image_id=instance.pk)


def _order_outdated(publications: PublicationQuerySet) -> None:
    """Queues those of `publications` that are or will be public, newest first."""
    still = publications.filter(Q(visible__upper_inf=True) | Q(visible__endswith__gt=Now()))
    news = still.exclude(kind=Article.Kind.PAGE).order_by("-first_published_at")
    rows = news.select_related("image", "share_picture").with_topics().defer("lead", "body")
    outdated = (row.pk for row in rows.iterator(chunk_size=500) if _stored_key(row) != _key(row))
    for publication_id in islice(outdated, AT_ONCE):
        _order(publication_id)


# --- What ---------------------------------------------------------------------------------------


def _topic(publication: Publication) -> "Topic | None":
    """The first of its topics with a page in its language. (`kicker` uses the active language.)"""
    topics = (part.topic for part in publication.publication_topics.all())
    return next((topic for topic in topics if getattr(topic, f"slug_{publication.language}")), None)


def _name(topic: "Topic | None", language: str) -> str:
    return getattr(topic, f"name_{language}") or "" if topic else ""


def _key(publication: Publication) -> str:
    """Hash of everything the picture shows; topics must have been fetched.

    Empty where our typeface lacks the letters of the title: there is no picture then, and pages name the article's own
    or the house's.
    """
    if not settable(publication.title):
        return ""
    topic, image = _topic(publication), publication.image
    seen: list[object] = [DESIGN, publication.title, _name(topic, publication.language)]
    seen += [image.file.name, image.focal_x, image.focal_y] if image else [topic and topic.accent]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:12]


def _stored_key(publication: Publication) -> str:
    try:
        return publication.share_picture.key
    except SharePicture.DoesNotExist:
        return ""


@app.task(name="news.draw_share_picture", queue="slow", priority=-10, retry=RETRY, pass_context=False)
def draw_share_picture(publication_id: int) -> None:
    """Draws and stores the share picture of the publication, unless it exists."""
    found = Publication.objects.filter(pk=publication_id, redacted_at=None).select_related("image", "share_picture")
    publication = found.with_topics().first()
    if publication is None or _stored_key(publication) == _key(publication):
        return
    if not _key(publication):
        SharePicture.objects.filter(publication=publication_id).delete()
        return
    name = default_storage.save(secret_path("share.jpg"), ContentFile(draw(_card(publication))))
    try:
        with transaction.atomic():
            # Locked: if the plan were cancelled now, the file would belong to no row; if the text were taken down,
            # the file would still show its title.
            Publication.objects.select_for_update(no_key=True).get(pk=publication_id, redacted_at=None)
            old = list(SharePicture.objects.filter(publication=publication_id).values_list("file", flat=True))
            values = {"file": name, "key": _key(publication)}
            SharePicture.objects.update_or_create(publication_id=publication_id, defaults=values)
    except Publication.DoesNotExist:
        remove_files([name])
        return
    _remove_unused(old)


def _card(publication: Publication) -> Card:
    topic, image = _topic(publication), publication.image
    card = Card(
        title=publication.title,
        kicker=_name(topic, publication.language),
        accent=topic.accent if topic else "",
        language=publication.language,
    )
    if image is None:
        return card
    # The smaller JPEG decodes ten times as fast, and is large enough unless the picture is very wide.
    with (image.jpeg if jpeg_size(image)[1] >= HEIGHT else image.file).open() as file:
        picture = PIL.Image.open(file)
        picture.load()
    return replace(card, picture=picture, focal_x=image.focal_x, focal_y=image.focal_y)


# --- Removal ------------------------------------------------------------------------------------


@receiver(post_delete, sender=SharePicture)
def remove_file_with_row(instance: SharePicture, **kwargs: object) -> None:
    """Removes the file with its row, e.g. when a plan is cancelled or a text taken down."""
    transaction.on_commit(partial(_remove_unused, [str(instance.file)]), robust=True)


def _remove_unused(names: Iterable[str]) -> None:
    used = set(SharePicture.objects.filter(file__in=list(names)).values_list("file", flat=True))
    remove_files(name for name in names if name not in used)
