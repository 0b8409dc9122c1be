"""What an article said in each of its versions, read from the revision that its save left (see `news.drafting`)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import models
from reversion.models import Revision, Version

from news.models import Article, ArticleTopic, Attachment
from sccon.models import User
from sccon.translated import LANGUAGES


class UnknownVersion(Exception):
    """The article has no such version."""


@dataclass(frozen=True)
class AttachmentSnapshot:
    """A file beside the article as it was saved."""

    pk: int
    file: str  # its name in the storage
    title_de: str | None
    title_en: str | None
    size: int
    position: int

    def title(self, language: str) -> str:
        return (self.title_de if language == "de" else self.title_en) or ""


@dataclass(frozen=True)
class Snapshot:
    """All that an article said in one version, in both languages."""

    article_id: int
    version: int
    saved_at: datetime
    saved_by: User | None
    values: Mapping[str, Any]  # of every field that a form fills, by its column: "title_de", "image_id", "kind"
    topics: tuple[int, ...]  # in their order
    related: tuple[int, ...]  # by number: their order means nothing
    attachments: tuple[AttachmentSnapshot, ...]

    def text(self, field: str, language: str) -> str:
        """The translated `field` in `language`; '' where there is none."""
        return self.values[f"{field}_{language}"] or ""


@cache
def stored_fields() -> tuple[models.Field, ...]:
    """The article's own columns that somebody fills in; translated ones by language only."""
    fields = {field.name: field for field in Article._meta.concrete_fields}
    return tuple(
        field
        for name, field in fields.items()
        if field.editable and not field.primary_key and f"{name}_{LANGUAGES[0]}" not in fields
    )


def snapshot(article: Article, version: int) -> Snapshot:
    """What `article` said as it was saved as `version`. Raises `UnknownVersion`."""
    return snapshots(article, [version])[version]


def snapshots(article: Article, versions: Iterable[int]) -> dict[int, Snapshot]:
    """Several versions of one article at the price of one. Raises `UnknownVersion` if one of them is not there."""
    wanted = set(versions)
    revisions = dict(_revisions(article, wanted))
    if missing := wanted - revisions.keys():
        raise UnknownVersion(f"Article {article.pk} has no version {min(missing)}.")
    rows: dict[int, list[Version]] = {pk: [] for pk in revisions.values()}
    for row in Version.objects.filter(revision__in=rows).select_related("revision__user", "content_type"):
        rows[row.revision_id].append(row)
    return {number: _read(article, number, rows[pk]) for number, pk in revisions.items()}


def current(article: Article) -> Snapshot:
    """What `article` says now, as it is stored."""
    return Snapshot(
        article_id=article.pk,
        version=article.version,
        saved_at=article.saved_at,
        saved_by=article.saved_by,
        values={field.attname: getattr(article, field.attname) for field in stored_fields()},
        topics=tuple(part.topic_id for part in article.article_topics.all()),
        related=tuple(sorted(other.pk for other in article.related.all())),
        attachments=tuple(
            AttachmentSnapshot(file.pk, str(file.file), file.title_de, file.title_en, file.size, file.position)
            for file in article.attachments.all()
        ),
    )


def _revisions(article: Article, numbers: set[int]) -> Iterable[tuple[int, int]]:
    """The revisions that hold these versions of `article`."""
    # An unescaped quote before the name: no text can look like that, for inside of one each quote is escaped.
    pattern = rf'[^\\]"version": ({"|".join(map(str, sorted(numbers)))})[,}}]'
    found = Version.objects.get_for_object(article).filter(serialized_data__regex=pattern)
    for row in found:
        yield json.loads(row.serialized_data)[0]["fields"]["version"], row.revision_id


def _read(article: Article, number: int, rows: list[Version]) -> Snapshot:
    revision: Revision = rows[0].revision
    fields: dict[str, Any] = {}
    topics: list[tuple[int, int, int]] = []
    attachments: list[AttachmentSnapshot] = []
    for row in rows:
        (data,) = json.loads(row.serialized_data)
        match row.content_type.model_class():
            case model if model is Article and data["pk"] == article.pk:
                fields = data["fields"]
            case model if model is ArticleTopic:
                topics.append((data["fields"]["position"], data["pk"], data["fields"]["topic"]))
            case model if model is Attachment:
                attachments.append(_attachment(data["pk"], data["fields"]))
    return Snapshot(
        article_id=article.pk,
        version=number,
        saved_at=revision.date_created,
        saved_by=revision.user,
        values={field.attname: _value(field, fields) for field in stored_fields()},
        topics=tuple(topic for _position, _pk, topic in sorted(topics)),
        related=tuple(sorted(fields.get("related", ()))),
        attachments=tuple(sorted(attachments, key=lambda file: (file.position, file.pk))),
    )


def _value(field: models.Field, fields: Mapping[str, Any]) -> Any:
    """What was saved; of a field that is younger than the version, what it begins with."""
    if field.name not in fields:
        return field.get_default()
    return field.to_python(fields[field.name])


def _attachment(pk: int, fields: Mapping[str, Any]) -> AttachmentSnapshot:
    return AttachmentSnapshot(
        pk, fields["file"], fields["title_de"], fields["title_en"], fields["size"], fields["position"]
    )
