"""Things that articles share (topics, authors, pictures): where they show, now or later, and who may change them."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet

from news.models import Article, Author, Image, Publication, PublicationImage, Topic

if TYPE_CHECKING:
    from sccon.models import User

Shared = Image | Topic | Author


def pages_with(thing: Shared, at: datetime) -> QuerySet[Publication]:
    """The texts, in all languages, that show `thing` to the public at `at` or later."""
    return Publication.objects.filter(_shows(thing), Q(visible__upper_inf=True) | Q(visible__endswith__gt=at))


def _shows(thing: Shared) -> Q:
    if isinstance(thing, Topic):
        return Q(publication_topics__topic=thing)
    if isinstance(thing, Author):
        return Q(author=thing)
    inside = PublicationImage.objects.filter(publication=OuterRef("pk"), image=thing)
    return Q(image=thing) | Q(author__portrait=thing) | Q(Exists(inside))


def may_change(user: "User", thing: Shared, at: datetime) -> bool:
    """Whether `user` may: anyone who writes until a text that shows it is published, if only for later.

    A publisher approved the planned text as it is: nobody else exchanges its picture afterwards.
    """
    return user.has_perm(Article.PUBLISH) or not pages_with(thing, at).exists()


def drafts_with(image: Image) -> QuerySet[Article]:
    """The articles whose draft shows the picture, as its picture or in the body."""
    inside = f'data-image="{image.pk}"'
    return Article.objects.filter(Q(image=image) | Q(body_de__contains=inside) | Q(body_en__contains=inside))


def is_used(image: Image) -> bool:
    """Whether anything refers to the picture: a draft, an author, or a text of the record."""
    return (
        drafts_with(image).exists()
        or Author.objects.filter(portrait=image).exists()
        or Publication.objects.filter(image=image).exists()
        or PublicationImage.objects.filter(image=image).exists()
    )
