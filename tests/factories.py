"""The smallest valid things: each function makes one and saves it."""

from collections.abc import Sequence
from io import BytesIO
from itertools import count
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image as Picture

from news.models import Article, ArticleTopic, Author, Image, Publication, Topic
from news.pictures.library import create_image
from news.publishing import publications
from news.writing.drafting import slug_of
from sccon.models import User

numbers = count(1)


def make_user(*groups: str, **fields: Any) -> User:
    """A member of staff in `groups`; the password is "secret"."""
    fields = {"username": f"user{next(numbers)}", "is_staff": True, **fields}
    user = User.objects.create_user(password="secret", **fields)
    user.groups.set(Group.objects.filter(name__in=groups))
    assert user.groups.count() == len(groups)
    return user


def make_topic(name: str = "Open Data", **fields: Any) -> Topic:
    slug = name.lower().replace(" ", "-")
    return Topic.objects.create(**{"name_de": name, "name_en": name, "slug_de": slug, "slug_en": slug, **fields})


def make_shown_topic(name: str = "Open Data", **fields: Any) -> Topic:
    """A topic that visitors know: a public text has it."""
    topic = make_topic(name, **fields)
    publish(make_article(topics=[topic]))
    return topic


def make_author(name: str = "Jana Wetterau", **fields: Any) -> Author:
    return Author.objects.create(**{"name": name, "slug": f"{slug_of(name)}-{next(numbers)}", **fields})


def picture_bytes(width: int = 60, height: int = 40, format: str = "PNG", color: str = "#3f26cd") -> bytes:
    buffer = BytesIO()
    Picture.new("RGB", (width, height), color).save(buffer, format)
    return buffer.getvalue()


def make_image(name: str = "picture.png", *, width: int = 60, height: int = 40, **fields: Any) -> Image:
    """A picture of the library, without renditions yet."""
    upload = SimpleUploadedFile(name, picture_bytes(width, height))
    return create_image(upload, by=None, **{"alt_de": "Ein Bild", "alt_en": "A picture", **fields})


def make_article(title: str = "Meldung", *, topics: Sequence[Topic] | None = None, **fields: Any) -> Article:
    """A draft that can be published in both languages."""
    number = next(numbers)
    values = {
        "title_de": title,
        "title_en": f"{title} (English)",
        "slug_de": f"meldung-{number}",
        "slug_en": f"story-{number}",
        "lead_de": "Der Vorspann.",
        "lead_en": "The lead.",
        "body_de": "<p>Der Text.</p>",
        "body_en": "<p>The text.</p>",
    }
    article = Article.objects.create(**(values | fields))
    if topics is None and article.kind != Article.Kind.PAGE:
        topics = [Topic.objects.order_by("pk").first() or make_topic()]
    for position, topic in enumerate(topics or []):
        ArticleTopic.objects.create(article=article, topic=topic, position=position)
    return article


def publish(article: Article, *languages: str, **options: Any) -> Publication:
    """Publishes in `languages` (German without any); returns the first publication."""
    return publications.publish(article, languages or ["de"], **{"by": None, **options})[0]


def signed_in(user: User) -> Client:
    """A browser in which `user` is signed in."""
    client = Client()
    client.force_login(user)
    return client
