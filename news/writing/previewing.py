"""Previews: a draft rendered as its public page, with only a banner and `noindex` added."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import ForeignKey
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from news.models import Article, Attachment, Image, Publication, PublicationAttachment, Rendition, Topic
from news.pictures.figures import image_ids
from news.reading import queries
from news.reading.article_page import Parts, text_page
from news.reading.cards import RELATED, cards
from news.versions.snapshots import Snapshot
from news.versions.written import written
from news.writing.merging import in_order
from sccon.clock import page_instant
from sccon.html import sanitise


def drafted(article: Article, language: str, at: datetime, topics: Sequence[Topic]) -> Publication:
    """The unsaved `Publication` that `publish` would make of the draft."""
    earlier = article.publications.filter(language=language).order_by("visible") if article.pk else None
    first = earlier.first() if earlier is not None else None
    last = earlier.filter(visible__startswith__lte=at).last() if earlier is not None else None
    said = written(article, language)
    draft = Publication(
        article=article if article.pk else None,
        language=language,
        **said | {"path": said["path"] or "news/preview"},
        first_published_at=first.first_published_at if first else at,
        updated_at=last.updated_at if last else None,
    )
    draft.kicker = next((topic for topic in topics if topic.slug), None)
    return draft


def drafted_files(attachments: Sequence[Attachment], language: str) -> list[PublicationAttachment]:
    return [
        PublicationAttachment(file=attachment.file.name, title=title, size=attachment.size)
        for attachment in attachments
        if (title := getattr(attachment, f"title_{language}"))
    ]


@dataclass(frozen=True)
class Draft:
    """A draft, saved or as typed in the form, with topics, related articles and attachments."""

    article: Article
    topics: Sequence[Topic]
    related: Collection[int]
    files: Sequence[Attachment]


def stored_draft(article: Article) -> Draft:
    return Draft(
        article=article,
        topics=[part.topic for part in article.article_topics.select_related("topic")],
        related=[other.pk for other in article.related.all()],
        files=list(article.attachments.all()),
    )


def kept_draft(article: Article, kept: Snapshot) -> Draft:
    """The article as in one of its versions; what was deleted since is left out."""
    values = dict(kept.values)
    for field in Article._meta.concrete_fields:
        if not isinstance(field, ForeignKey) or values.get(field.attname) is None:
            continue
        if not field.related_model._default_manager.filter(pk=values[field.attname]).exists():
            values[field.attname] = None
    topics = Topic.objects.in_bulk(kept.topics)
    return Draft(
        article=Article(pk=article.pk, version=kept.version, **values),
        topics=[topics[pk] for pk in kept.topics if pk in topics],
        related=kept.related,
        files=[
            Attachment(file=file.file, title_de=file.title_de, title_en=file.title_en, size=file.size)
            for file in kept.attachments
        ],
    )


def files_of(draft: Draft, language: str) -> set[str]:
    """Storage names of the files that the page of `draft` shows."""
    article = draft.article
    shown = set(image_ids(sanitise(article.text("body", language))))
    if article.image_id:
        shown.add(article.image_id)
    names = set(Image.objects.filter(pk__in=shown).values_list("jpeg", flat=True))
    names |= set(Rendition.objects.filter(image__in=shown).values_list("file", flat=True))
    return names | {str(file.file) for file in draft.files if getattr(file, f"title_{language}")}


def render_draft(request: HttpRequest, draft: Draft, language: str, banner: dict[str, Any]) -> HttpResponse:
    """The page that publishing `draft` now would make, under a banner; `banner` is its context."""
    at = page_instant(request)
    article = draft.article
    with translation.override(language):
        publication = drafted(article, language, at, draft.topics)
        related = queries.related_stories(
            article.pk, draft.related, draft.topics[0] if draft.topics else None, language, at
        )
        parts = Parts(
            topics=[topic for topic in draft.topics if topic.slug],
            attachments=drafted_files(draft.files, language),
            related=cards(RELATED, [story.pk for story in related], language, at),
        )
        around = queries.surroundings(publication, at)
        if publication.role:
            others = Publication.objects.public(language, at).filter(role__isnull=False).exclude(role=publication.role)
            around = replace(around, legal=[*others, publication])
        around = replace(around, paths=around.paths | {language: publication.url})
        frame, context = text_page(request, publication, parts, around, at)
        page = render(request, "news/preview/draft.html", {**context, "frame": frame, "banner": banner})
    page["X-Robots-Tag"] = "noindex"
    page["Cache-Control"] = "no-store"
    return page


def unsaved_files(stored: Sequence[Attachment], rows: Sequence[dict[str, Any]]) -> list[Attachment]:
    """The attachments as the form shows them: with typed titles and places, without removed ones, with files just
    chosen."""
    by_number = {str(file.pk): file for file in stored}
    places = {file.pk: place for place, file in enumerate(stored, 1)}
    files = []
    for row in rows:
        file = by_number.pop(row["id"], None) or Attachment(size=0)
        if row["removed"]:
            continue
        file.title_de, file.title_en = row["title_de"] or None, row["title_en"] or None
        if row["file_name"]:
            file.file.name, file.size = row["file_name"], row["file_size"]
        if file.file.name:
            place = row["place"]
            typed = int(place) if place.isascii() and place.isdigit() and len(place) < 9 else None
            files.append((file, typed, places.get(file.pk)))
    return [*in_order(files), *by_number.values()]


def embargo(article: Article, language: str, at: Any) -> Any:
    """When the planned text of `article` becomes public; None if none is planned."""
    planned = Publication.objects.filter(article=article.pk, language=language, visible__startswith__gt=at)
    first = planned.order_by("visible").only("visible").first() if article.pk else None
    return first.visible.lower if first else None
