"""An article's page, put together from a publication – or from a draft that is shown as if it were one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from django.conf import settings
from django.db.models import QuerySet, prefetch_related_objects

from news import reading
from news.body import image_ids, render_body
from news.checks import path_of
from news.models import Article, Attachment, Image, Publication, PublicationAttachment, Topic
from sccon.html import sanitise


@dataclass(frozen=True)
class Parts:
    """What belongs to a text besides the text: topics in order, files, articles chosen as related (their ids)."""

    topics: Sequence[Topic]
    attachments: Sequence[PublicationAttachment]
    related_ids: Collection[int] | QuerySet


def parts_of(publication: Publication) -> Parts:
    prefetch_related_objects([publication], reading.TOPICS, "publication_attachments")
    return Parts(
        topics=[part.topic for part in publication.publication_topics.all()],
        attachments=list(publication.publication_attachments.all()),
        related_ids=publication.publication_related.values("article"),
    )


def drafted(article: Article, language: str, at: datetime, topics: Sequence[Topic]) -> Publication:
    """What `publish` would write of the draft, unsaved: for a preview through the public template."""
    first = article.publications.filter(language=language).order_by("visible").first() if article.pk else None
    draft = Publication(
        article=article if article.pk else None,
        language=language,
        kind=article.kind,
        role=article.role,
        path=path_of(article, language) or "news/preview",
        title=article.text("title", language),
        lead=article.text("lead", language),
        body=sanitise(article.text("body", language)),
        image=article.image,
        image_position=article.image_position,
        author=article.author,
        first_published_at=first.first_published_at if first else at,
    )
    draft.kicker = topics[0] if topics else None
    return draft


def drafted_files(attachments: Sequence[Attachment], language: str) -> list[PublicationAttachment]:
    return [
        PublicationAttachment(file=attachment.file.name, title=title, size=attachment.size)
        for attachment in attachments
        if (title := getattr(attachment, f"title_{language}"))
    ]


def article_context(publication: Publication, parts: Parts, at: datetime) -> dict:
    """What `news/article.html` and `news/page.html` show of `publication`."""
    ids = image_ids(publication.body)
    images = {image.pk: image for image in Image.objects.filter(pk__in=ids)} if ids else {}
    topic = parts.topics[0] if parts.topics else None
    related = reading.related_stories(publication.article_id, parts.related_ids, topic, publication.language, at)
    shown = [*images.values(), *(story.image for story in related if story.image)]
    if publication.image:
        shown.append(publication.image)
    reading.load_renditions(shown, crops=[reading.Crop.FULL, reading.Crop.CARD])
    address = settings.SITE_URL + publication.url
    return {
        "story": publication,
        "body": render_body(publication.body, images, publication.language),
        "topics": parts.topics,
        "attachments": parts.attachments,
        "related": related,
        "share_mail": f"mailto:?subject={quote(publication.title)}&body={quote(address)}",
    }
