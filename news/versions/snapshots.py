"""Snapshots: the content of an article in one of its versions, or of a publication.

Each save (`news.writing.drafting`) stores a revision with the whole text, and a row of `ArticleVersion` that says who
saved, when, and which fields changed.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import md5
from typing import Any

from django.db import models
from reversion.models import Version

from news.models import Article, ArticleTopic, ArticleVersion, Attachment, Publication
from news.versions.written import meaning, read_back, same, stored_fields, translated_texts
from sccon.models import User
from sccon.translated import LANGUAGES


class UnknownVersion(Exception):
    """The article has no such version."""


@dataclass(frozen=True)
class AttachmentSnapshot:
    """An attachment as it was saved."""

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
    """The content of an article in one version, or of a publication."""

    article_id: int
    version: int
    saved_at: datetime
    saved_by: User | None
    values: Mapping[str, Any]  # of every field that a form fills, by its column: "title_de", "image_id", "kind"
    topics: tuple[int, ...] = ()  # in their order
    related: tuple[int, ...] = ()  # sorted: their order has no meaning
    attachments: tuple[AttachmentSnapshot, ...] = ()
    languages: tuple[str, ...] = field(default=LANGUAGES)  # one of them in a publication
    en_matches: int | None = None  # as `Article.en_matches` was after the save

    def text(self, field: str, language: str) -> str:
        """The translated `field` in `language`; '' where there is none."""
        return self.values.get(f"{field}_{language}") or ""

    def has(self, language: str) -> bool:
        """Whether there is a text at all in `language`."""
        return any(self.text(name, language) for name in Article.ESSENTIAL)

    @cached_property
    def german(self) -> str:
        """A hash of what all German text says that is translated."""
        texts = {name: text for name in translated_texts() if (text := meaning(name, self.text(name, "de")))}
        said = [sorted(texts.items()), [meaning("title", file.title_de) for file in self.attachments]]
        return md5(json.dumps(said).encode()).hexdigest()  # noqa: S324 – tells texts apart, protects nothing


# --- Reading ------------------------------------------------------------------------------------


def snapshot(article: Article, version: int) -> Snapshot:
    """What `article` said as it was saved as `version`. Raises `UnknownVersion`."""
    return snapshots(article, [version])[version]


def snapshots(article: Article, numbers: Iterable[int]) -> dict[int, Snapshot]:
    """Several versions of one article at the price of one. Raises `UnknownVersion` if one of them is not there."""
    wanted = set(numbers)
    found = {
        version.revision_id: version
        for version in ArticleVersion.objects.filter(article=article, number__in=wanted).select_related("by")
    }
    if missing := wanted - {version.number for version in found.values()}:
        raise UnknownVersion(f"Article {article.pk} has no version {min(missing)}.")
    rows: dict[int, list[Version]] = {pk: [] for pk in found}
    for row in Version.objects.filter(revision__in=found).select_related("content_type"):
        rows[row.revision_id].append(row)
    return {version.number: _read(version, rows[pk]) for pk, version in found.items()}


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
        en_matches=article.en_matches,
    )


def published(publication: Publication) -> Snapshot:
    """What readers read: one language, and what stood beside it."""
    language = publication.language
    return Snapshot(
        article_id=publication.article_id,
        version=publication.version or 0,
        saved_at=publication.visible.lower,
        saved_by=publication.published_by,
        values=read_back(publication),
        topics=tuple(part.topic_id for part in publication.publication_topics.all()),
        related=tuple(sorted(part.article_id for part in publication.publication_related.all())),
        attachments=tuple(
            AttachmentSnapshot(
                pk=0,
                file=str(part.file),
                title_de=part.title if language == "de" else None,
                title_en=part.title if language == "en" else None,
                size=part.size,
                position=part.position,
            )
            for part in publication.publication_attachments.all()
        ),
        languages=(language,),
    )


def _read(version: ArticleVersion, rows: list[Version]) -> Snapshot:
    fields: dict[str, Any] = {}
    topics: list[tuple[int, int, int]] = []
    attachments: list[AttachmentSnapshot] = []
    for row in rows:
        (data,) = json.loads(row.serialized_data)
        model = row.content_type.model_class()
        if model is Article and data["pk"] == version.article_id:
            fields = data["fields"]
        elif model is ArticleTopic:
            topics.append((data["fields"]["position"], data["pk"], data["fields"]["topic"]))
        elif model is Attachment:
            attachments.append(_attachment(data["pk"], data["fields"]))
    return Snapshot(
        article_id=version.article_id,
        version=version.number,
        saved_at=version.at,
        saved_by=version.by,
        values={field.attname: _value(field, fields) for field in stored_fields()},
        topics=tuple(topic for _position, _pk, topic in sorted(topics)),
        related=tuple(sorted(fields.get("related", ()))),
        attachments=tuple(sorted(attachments, key=lambda file: (file.position, file.pk))),
        en_matches=fields.get("en_matches"),
    )


def _value(field: models.Field, fields: Mapping[str, Any]) -> Any:
    """The saved value; the default of a field that was added after this version."""
    if field.name not in fields:
        return field.get_default()
    return field.to_python(fields[field.name])


def _attachment(pk: int, fields: Mapping[str, Any]) -> AttachmentSnapshot:
    return AttachmentSnapshot(
        pk, fields["file"], fields["title_de"], fields["title_en"], fields["size"], fields["position"]
    )


# --- Comparing and recording --------------------------------------------------------------------


def changed_fields(old: Snapshot, new: Snapshot) -> list[str]:
    """The columns in which two snapshots differ, of the languages that both contain."""
    names = list(dict.fromkeys([*old.values, *new.values]))
    if old.languages != LANGUAGES or new.languages != LANGUAGES:  # a publication has only part of the fields
        names = [name for name in names if name in old.values and name in new.values]
    names = [name for name in names if not same(name, old.values.get(name), new.values.get(name))]
    names += [name for name in ("topics", "related") if getattr(old, name) != getattr(new, name)]
    if files(old, new.languages) != files(new, old.languages):
        names.append("attachments")
    return names


def files(snapshot: Snapshot, languages: Iterable[str] = LANGUAGES) -> list[tuple[str, ...]]:
    """File and titles of the attachments that readers of `languages` see, in order."""
    shared = [language for language in languages if language in snapshot.languages]
    rows = [
        (file.file, *(meaning("title", file.title(language)) or "" for language in shared))
        for file in snapshot.attachments
    ]
    return [row for row in rows if any(row[1:])]


def german_of(snapshot: Snapshot) -> str:
    """The hash on record of a version's German; its own for one that is not recorded yet.

    Older rows have a hash of the letters as they were written. It goes on as long as the German says the same.
    """
    rows = ArticleVersion.objects.filter(article=snapshot.article_id, number=snapshot.version)
    return rows.values_list("german", flat=True).first() or snapshot.german


def record(
    before: Snapshot | None,
    now: Snapshot,
    *,
    spares_translations: bool = False,
    restored_from: int | None = None,
) -> dict[str, Any]:
    """The fields of `ArticleVersion` for a save that turned `before` into `now`."""
    nothing = Snapshot(now.article_id, 0, now.saved_at, None, {})
    return {
        "number": now.version,
        "changed": changed_fields(before or nothing, now),
        "german": german_of(now) if before is None or before.german != now.german else german_of(before),
        "spares_translations": spares_translations and before is not None and before.german != now.german,
        "restored_from": restored_from,
    }
