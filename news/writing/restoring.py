"""Restores parts of an earlier version into the draft. It is a save like any other; nothing becomes public."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import ForeignKey
from django.utils.translation import gettext as _

from news.models import Article, Attachment, Topic
from news.versions import translating
from news.versions.comparing import SHARED_PART, label, part_of
from news.versions.snapshots import AttachmentSnapshot, Snapshot, current
from news.versions.written import stored_fields
from news.writing import drafting
from sccon.models import User
from sccon.translated import LANGUAGES

PARTS = (*LANGUAGES, SHARED_PART)


@dataclass(frozen=True)
class Plan:
    """The draft as it will be after restoring, and what cannot be restored."""

    version: int
    now: Snapshot
    then: Snapshot
    losses: tuple[str, ...]
    english_matches: bool


def plan(article: Article, kept: Snapshot, parts: Collection[str]) -> Plan:
    """Plans the restoring of `parts` (languages, or what both share) of the version `kept`.

    A slug that was public stays. What was deleted since cannot be restored, and the current value stays.
    """
    now = current(article)
    values: dict[str, Any] = dict(now.values)
    fixed = {f"slug_{language}" for language in drafting.fixed_slugs(article)}
    for name, value in kept.values.items():
        if part_of(name) in parts and name not in fixed:
            values[name] = value
    then = replace(now, values=values)
    losses: list[str] = []
    if SHARED_PART in parts:
        then, losses = _with_shared(article, kept, then)
    together = set(LANGUAGES) <= set(parts)  # English restored alone: its German may be another now
    return Plan(kept.version, now, then, tuple(losses), together and translating.matched_in(kept))


def _with_shared(article: Article, kept: Snapshot, then: Snapshot) -> tuple[Snapshot, list[str]]:
    losses = []
    values = dict(then.values) | {"role": article.role}  # the role is not part of the text
    if article.role:
        values["kind"] = article.kind
    for field in stored_fields():
        named = kept.values[field.attname]
        if isinstance(field, ForeignKey) and named is not None and not _is_there(field, named):
            values[field.attname] = getattr(article, field.attname)
            losses.append(_("%(field)s: it has been deleted since; the present one stays.") % {"field": label(field)})
    there = set(Topic.objects.filter(pk__in=kept.topics).values_list("pk", flat=True))
    if set(kept.topics) - there:
        losses.append(_("A topic has been deleted since."))
    related = set(Article.objects.filter(pk__in=kept.related).values_list("pk", flat=True))
    if set(kept.related) - related:
        losses.append(_("A related article has been deleted since."))
    files, held = [], {file.file for file in then.attachments}
    for file in kept.attachments:
        if file.file in held or default_storage.exists(file.file):
            files.append(file)
        else:
            losses.append(_("The file “%(title)s” is no longer there.") % {"title": file.title_de or file.title_en})
    restored = replace(
        then,
        values=values,
        topics=tuple(pk for pk in kept.topics if pk in there),
        related=tuple(sorted(related)),
        attachments=tuple(files),
    )
    return restored, losses


def _is_there(field: ForeignKey, pk: int) -> bool:
    return field.related_model._default_manager.filter(pk=pk).exists()


def restore(plan: Plan, article: Article, *, version: int, by: User | None) -> Article:
    """Saves `plan` as the version after `version`. Raises `drafting.Conflict`, and then changes nothing."""
    then = plan.then
    for name, value in then.values.items():
        setattr(article, name, value)
    topics = Topic.objects.in_bulk(then.topics)
    written, removed = _attachments(article, then.attachments)
    return drafting.save(
        article,
        version=version,
        by=by,
        topics=[topics[pk] for pk in then.topics],
        related=list(Article.objects.filter(pk__in=then.related)),
        attachments=written,
        removed=removed,
        english_matches=plan.english_matches,
        restored_from=plan.version,
    )


def _attachments(article: Article, wanted: Collection[AttachmentSnapshot]) -> tuple[list[Attachment], list[Attachment]]:
    """The attachments to save so that they are as `wanted`, and those to delete."""
    there = {attachment.pk: attachment for attachment in article.attachments.all()}
    written = []
    for file in wanted:
        attachment = there.pop(file.pk, None) or Attachment(article=article)
        attachment.file.name, attachment.size, attachment.position = file.file, file.size, file.position
        attachment.title_de, attachment.title_en = file.title_de, file.title_en
        written.append(attachment)
    return written, list(there.values())
