"""Publishes, withdraws, plans and redacts texts: the only code that writes `Publication`.

Scheduling needs no job: a planned text is a row whose `visible` begins later, and every page queries what is visible at
its instant.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q
from django.utils.translation import gettext as _

from news.models import (
    Article,
    Image,
    Pin,
    Publication,
    PublicationAttachment,
    PublicationImage,
    PublicationRelated,
    PublicationTopic,
    Withdrawal,
)
from news.pictures import share_pictures
from news.pictures.figures import image_ids
from news.publishing import reviewing
from news.publishing.checks import Finding, blocking
from news.search.indexing import indexed
from news.versions.written import TEXTS, written
from sccon.clock import database_now
from sccon.models import User


class NotPublishable(Exception):
    """Checks refuse the text; `findings` has the reasons by language."""

    def __init__(self, findings: dict[str, list[Finding]]):
        self.findings = findings
        super().__init__("; ".join(str(f.sentence) for found in findings.values() for f in found))


class NotWithdrawable(Exception):
    """The withdrawal is not possible as requested; the message says why."""


class NotPlanned(Exception):
    """The plan cannot be changed as requested; the message says why."""


@transaction.atomic
def publish(
    article: Article,
    languages: Iterable[str],
    *,
    by: User | None,
    at: datetime | None = None,
    until: datetime | None = None,
    substantial: bool = False,
    replace_planned: bool = False,
    first_published_at: datetime | None = None,
) -> list[Publication]:
    """Publishes the article's current draft, in all of `languages` from the same instant on.

    `at` in the past or None means now, by the database's clock; `until` None means without end. The text that is public
    at that instant ends then. A later plan stays, and the new text ends where it begins, unless `replace_planned`.
    `substantial` shows readers the date of the change; `first_published_at` is for imported texts, which keep their old
    date. An open review is settled. Raises `NotPublishable`, and then changes nothing.
    """
    article = Article.objects.locked(article)
    said = {language: written(article, language) for language in languages}
    blocked = {language: blocking(article, language, at, body=fields["body"]) for language, fields in said.items()}
    if refused := {language: found for language, found in blocked.items() if found}:
        raise NotPublishable(refused)
    now = database_now()  # after the lock: publications made while we waited are older
    begin = max(at, now) if at else now
    if until and until <= begin:
        raise NotPublishable(
            {language: [Finding(_("The end is not after the beginning."), "until")] for language in said}
        )
    moment = Moment(begin=begin, end=until, now=now)
    publications = [
        _publish_language(
            article,
            language,
            fields,
            moment,
            by=by,
            substantial=substantial,
            replace_planned=replace_planned,
            first_published_at=first_published_at,
        )
        for language, fields in said.items()
    ]
    reviewing.settle(article, publications, by=by)
    return publications


@dataclass(frozen=True)
class Moment:
    """The range in which a text will be public, and the instant of the decision."""

    begin: datetime
    end: datetime | None
    now: datetime


def _publish_language(
    article: Article,
    language: str,
    fields: dict[str, Any],
    moment: Moment,
    *,
    by: User | None,
    substantial: bool,
    replace_planned: bool,
    first_published_at: datetime | None,
) -> Publication:
    rows = article.publications.filter(language=language)
    planned = rows.filter(visible__startswith__gte=moment.begin, visible__startswith__gt=moment.now)
    if replace_planned:
        planned.delete()
    else:
        planned.filter(Q(visible__startswith=moment.begin) | Q(continues=True)).delete()
    _end(rows, moment.begin)
    following = rows.filter(visible__startswith__gt=moment.begin).order_by("visible").first()
    end = min(filter(None, (moment.end, following and following.visible.lower)), default=None)
    earlier = rows.order_by("visible").filter(visible__startswith__lt=moment.begin)
    first, last = earlier.first(), earlier.last()
    publication = Publication.objects.create(
        article=article,
        version=article.version,
        language=language,
        **fields,
        visible=DateTimeTZRange(moment.begin, end),
        first_published_at=first.first_published_at if first else first_published_at or moment.begin,
        updated_at=(moment.begin if substantial else last.updated_at) if last else None,
        published_by=by,
        **indexed(article, language),
    )
    _copy_parts(article, publication)
    share_pictures.prepare(publication)
    # The successor keeps the date of the first publication and of the last change.
    later = rows.filter(visible__startswith__gt=moment.begin)
    later.update(first_published_at=publication.first_published_at)
    if publication.updated_at:
        later.filter(Q(updated_at=None) | Q(updated_at__lt=publication.updated_at)).update(
            updated_at=publication.updated_at
        )
    return publication


def _copy_parts(article: Article, publication: Publication) -> None:
    """Copies topics, related articles, pictures and attachments of the draft into rows of the publication."""
    language = publication.language
    PublicationTopic.objects.bulk_create(
        PublicationTopic(publication=publication, topic_id=part.topic_id, position=position)
        for position, part in enumerate(article.article_topics.all())
    )
    PublicationRelated.objects.bulk_create(
        PublicationRelated(publication=publication, article=related, position=position)
        for position, related in enumerate(article.related.order_by("pk"))
    )
    shown = dict.fromkeys(image_ids(publication.body))
    known = set(Image.objects.filter(pk__in=shown).values_list("pk", flat=True))
    PublicationImage.objects.bulk_create(
        PublicationImage(publication=publication, image_id=pk, position=position)
        for position, pk in enumerate(shown)
        if pk in known
    )
    PublicationAttachment.objects.bulk_create(
        PublicationAttachment(
            publication=publication,
            file=attachment.file.name,
            title=title,
            size=attachment.size,
            position=position,
        )
        for position, attachment in enumerate(article.attachments.all())
        if (title := getattr(attachment, f"title_{language}"))  # a file without a title is not shown in this language
    )


def _end(rows, at: datetime) -> Publication | None:
    """Ends the one of `rows` that is public at `at`, at that instant; returns it as it was."""
    current = rows.filter(visible__contains=at, visible__startswith__lt=at).first()
    if current:
        rows.filter(pk=current.pk).update(visible=DateTimeTZRange(current.visible.lower, at))
    return current


@transaction.atomic
def withdraw(
    article: Article,
    languages: Iterable[str],
    *,
    by: User | None,
    reason: str,
    outcome: Withdrawal.Outcome = Withdrawal.Outcome.GONE,
    target: Article | None = None,
    notice: dict[str, str] | None = None,
) -> list[Withdrawal]:
    """Ends the public text now, in all of `languages`, and cancels its plans.

    `outcome` decides what its address answers from now on: gone (410), replaced (301 to `target`), or the same text
    under `notice` (a text per language). A page with a role cannot be withdrawn, only replaced by a new text. Raises
    `NotWithdrawable`, and then changes nothing.
    """
    article = Article.objects.locked(article)
    if article.role:
        raise NotWithdrawable(_("Every page's foot leads here: publish a new text instead of withdrawing it."))
    if outcome == Withdrawal.Outcome.REPLACED and (target is None or target == article):
        raise NotWithdrawable(_("Choose the article that replaces this one."))
    now = database_now()
    done = []
    for language in languages:
        rows = article.publications.filter(language=language)
        planned, _by_model = rows.filter(visible__startswith__gt=now).delete()
        current = _end(rows, now)
        if not current and not planned:
            raise NotWithdrawable(_("It is not public in this language, and not planned."))
        if current and outcome == Withdrawal.Outcome.NOTICE:
            if not (text := (notice or {}).get(language, "").strip()):
                raise NotWithdrawable(_("Write the notice that readers will see."))
            _stay_under_notice(current, now, text, by=by)
        if current:
            done.append(
                Withdrawal.objects.create(
                    article=article,
                    language=language,
                    at=now,
                    outcome=outcome,
                    reason=reason,
                    target=target if outcome == Withdrawal.Outcome.REPLACED else None,
                    by=by,
                )
            )
    if not article.publications.filter(visible__contains=now, notice="").exists():
        Pin.objects.filter(article=article).delete()
    return done


def _stay_under_notice(current: Publication, now: datetime, notice: str, *, by: User | None) -> None:
    """Publishes the same text again from `now` on, with the notice above it."""
    _again(current, DateTimeTZRange(now, current.visible.upper), notice=notice, published_by=by)


def _again(row: Publication, visible: DateTimeTZRange, **changes: Any) -> Publication:
    """Copies `row` with its parts, for another range of time."""
    parts: list[tuple[type[models.Model], list[Any]]] = [
        (PublicationTopic, list(row.publication_topics.all())),
        (PublicationRelated, list(row.publication_related.all())),
        (PublicationImage, list(row.publication_images.all())),
        (PublicationAttachment, list(row.publication_attachments.all())),
    ]
    copy = Publication.objects.get(pk=row.pk)
    copy.pk, copy.visible = None, visible
    for name, value in changes.items():
        setattr(copy, name, value)
    copy._state.adding = True
    copy.save()
    for model, rows in parts:
        for part in rows:
            part.pk, part.publication = None, copy
            part._state.adding = True
        model._default_manager.bulk_create(rows)
    share_pictures.prepare(copy)
    return copy


# --- Plans ------------------------------------------------------------------------------------


def own_end(row: Publication) -> datetime | None:
    """The end that somebody chose for `row`; None if it has none, or ends only because a later text begins."""
    end = row.visible.upper
    rows = Publication.objects.filter(article=row.article_id, language=row.language)
    return None if end is None or rows.filter(visible__startswith=end).exists() else end


@transaction.atomic
def move_plan(
    article: Article, languages: Iterable[str], begin: datetime, *, at: datetime, until: datetime | None
) -> list[Publication]:
    """Moves the text that is planned for `begin` to `at`, with its end at `until`, in all of `languages`.

    Raises `NotPlanned`, and then changes nothing.
    """
    article = Article.objects.locked(article)
    now = database_now()
    if at <= now:
        raise NotPlanned(_("That is past. Choose a later time, or give the plan up and publish at once."))
    if until and until <= at:
        raise NotPlanned(_("The end is not after the beginning."))
    return [_move(_planned(article, language, begin, now), at, until, now) for language in languages]


def _planned(article: Article, language: str, begin: datetime, now: datetime) -> Publication:
    row = article.publications.filter(language=language, visible__startswith=begin, continues=False).first()
    if row is None:
        raise NotPlanned(_("Nothing is planned for this time any more."))
    if begin <= now:
        raise NotPlanned(_("It has become public meanwhile."))
    return row


def _move(row: Publication, at: datetime, until: datetime | None, now: datetime) -> Publication:
    rows = Publication.objects.filter(article=row.article_id, language=row.language).exclude(pk=row.pk)
    begin, end = row.visible.lower, row.visible.upper
    between = (min(begin, at), max(begin, at))
    if rows.filter(visible__startswith__gt=now, visible__startswith__range=between, continues=False).exists():
        raise NotPlanned(_("Another version is planned in between. Give that one up, or choose a time before it."))
    following = rows.filter(visible__startswith__gte=end).order_by("visible").first() if end else None
    end = min(filter(None, (until, following and following.visible.lower)), default=None)
    rows.filter(continues=True, visible__startswith__range=(at, begin)).delete()
    before = _end(rows, at) or rows.filter(visible__endswith=begin).first()
    row.visible = DateTimeTZRange(at, end)
    row.first_published_at = at if row.first_published_at == begin else row.first_published_at
    row.updated_at = at if row.updated_at == begin else row.updated_at
    row.save(update_fields=["visible", "first_published_at", "updated_at"])
    if before and before.visible.upper == begin and at > begin:
        _go_on(before, DateTimeTZRange(begin, at), now)
    rows.filter(visible__startswith__gt=at).update(first_published_at=row.first_published_at)
    return row


@transaction.atomic
def cancel_plan(article: Article, languages: Iterable[str], begin: datetime) -> None:
    """Gives up the text that is planned for `begin`; what it was to replace goes on. Raises `NotPlanned`."""
    article = Article.objects.locked(article)
    now = database_now()
    for language in languages:
        row = _planned(article, language, begin, now)
        rows = article.publications.filter(language=language).exclude(pk=row.pk)
        before, later = rows.filter(visible__endswith=begin).first(), rows.filter(visible__startswith__gt=begin)
        row.delete()
        if before:
            _go_on(before, DateTimeTZRange(begin, row.visible.upper), now)
        if row.updated_at == begin:
            later.filter(updated_at=begin).update(updated_at=before and before.updated_at)
        if row.first_published_at == begin and (following := later.order_by("visible").first()):
            later.update(first_published_at=following.visible.lower)


def _go_on(row: Publication, stretch: DateTimeTZRange, now: datetime) -> None:
    """Continues `row` for `stretch`, which begins at its end; by a new row if it has begun."""
    if row.visible.lower > now:
        Publication.objects.filter(pk=row.pk).update(visible=DateTimeTZRange(row.visible.lower, stretch.upper))
    else:
        _again(row, stretch, continues=True)


# --- Take-down --------------------------------------------------------------------------------


@transaction.atomic
def redact(publication: Publication, *, reason: str, by: User | None, keep_image: bool = True) -> None:
    """Empties a text that is or was public; the row keeps where and when, and who emptied it, when and why.

    A text that is public now is withdrawn first. `news.publishing.take_down` deletes its pictures.
    Raises `NotWithdrawable`, and then changes nothing.
    """
    article = Article.objects.locked(publication.article)
    row = Publication.objects.get(pk=publication.pk)
    now = database_now()
    if row.visible.upper is None or row.visible.upper > now:
        withdraw(article, [row.language], by=by, reason=reason)
    emptied: dict[str, Any] = dict.fromkeys((*TEXTS, "boilerplate", "notice", "search_files"), "")
    emptied["image_alt"] = None
    if not keep_image:
        emptied["image"] = None
    rows = Publication.objects.filter(pk=row.pk, redacted_at=None)  # a planned one was cancelled by the withdrawal
    if rows.update(**emptied, redacted_at=now, redacted_by=by, redaction_reason=reason):
        row.publication_attachments.update(title="", file="")
