"""Saves drafts: one function, for the admin's form and for everything else that writes articles.

Each save makes a version: one revision with the article, its topics and its attachments. A save that is based on an
older version than the stored one is refused, so nobody's text is overwritten unseen.
"""

from collections.abc import Iterable, Sequence

import reversion
from django.db import transaction
from django.db.models.functions import Now

from news.models import Article, ArticleTopic, ArticleVersion, Attachment, Confirmation, Topic
from news.versions import snapshots, translating
from news.versions.written import translated
from sccon.models import User
from sccon.translated import LANGUAGES
from sccon.typography import slug as words_of

SLUG_LENGTH = 120

reversion.register(ArticleTopic)
reversion.register(Attachment)
reversion.register(Article, follow=["article_topics", "attachments"])


class Conflict(Exception):
    """Somebody saved a newer version in the meantime: `stored`."""

    def __init__(self, stored: Article):
        self.stored = stored
        super().__init__(f"Article {stored.pk} is at version {stored.version}.")


@transaction.atomic
def save(
    article: Article,
    *,
    version: int,
    by: User | None,
    topics: Sequence[Topic] | None = None,
    related: Iterable[Article] | None = None,
    attachments: Iterable[Attachment] = (),
    removed: Iterable[Attachment] = (),
    english_matches: bool | None = None,
    spares_translations: bool = False,
    restored_from: int | None = None,
) -> Article:
    """Saves `article` as the version after `version` (0 for a new one), with what belongs to it.

    `topics`, in order, and `related` replace what is stored (None: unchanged); `attachments` are written, `removed` are
    deleted. `english_matches` says whether the English agrees with the German after this save (None: if it was
    changed), `spares_translations` that a change of the German does not affect it.
    Raises `Conflict`, and then changes nothing.
    """
    # Translated texts are absent or say something; a form may hand over ''.
    for name in translated():
        for language in LANGUAGES:
            setattr(article, f"{name}_{language}", article.text(name, language) or None)
    with reversion.create_revision():
        reversion.set_user(by)
        before = None
        if article.pk:
            # The row count tells whether the version is still the same; the row stays locked until the commit.
            if not Article.objects.filter(pk=article.pk, version=version).update(version=version + 1):
                raise Conflict(Article.objects.get(pk=article.pk))
            stored = Article.objects.get(pk=article.pk)
            stored.version = version
            before = snapshots.current(stored)
            _follow_titles(article, stored)
            article.en_matches = stored.en_matches  # a translator may have confirmed the English in the meantime
        else:
            article.created_by = by
        for language in LANGUAGES:
            if not article.text("slug", language):
                setattr(article, f"slug_{language}", slug_of(article.text("title", language)) or None)
        article.version, article.saved_by = version + 1, by
        article.save()
        if topics is not None:
            _store_topics(article, topics)
        if related is not None:
            article.related.set(related)
        for attachment in removed:
            attachment.delete()
        for attachment in attachments:
            attachment.article = article
            attachment.save()
        article._prefetched_objects_cache = {}  # type: ignore[attr-defined]  # what was read before is stale now
        now = snapshots.current(article)
        confirmed = _note_translation(article, before, now, english_matches, spares_translations)
        reversion.add_to_revision(article)  # again: now with its topics and attachments
        row = snapshots.record(before, now, spares_translations=spares_translations, restored_from=restored_from)
        reversion.add_meta(ArticleVersion, article=article, by=by, **row)
    if confirmed:
        Confirmation.objects.create(article=article, version=article.version, by=by)
    return article


def _note_translation(
    article: Article,
    before: snapshots.Snapshot | None,
    now: snapshots.Snapshot,
    english_matches: bool | None,
    spares_translations: bool,
) -> bool:
    """Moves `en_matches`; returns whether this save brought an outdated English up to date."""
    matched, confirmed = translating.matched_after(
        article, before, now, english_matches=english_matches, spares_translations=spares_translations
    )
    if matched != article.en_matches:
        Article.objects.filter(pk=article.pk).update(en_matches=matched)
        article.en_matches = matched
    return confirmed


def _store_topics(article: Article, topics: Sequence[Topic]) -> None:
    article._prefetched_objects_cache = {}  # type: ignore[attr-defined]  # what was read before is stale now
    article.article_topics.exclude(topic__in=topics).delete()
    for position, topic in enumerate(topics):
        article.article_topics.update_or_create(topic=topic, defaults={"position": position})


def _follow_titles(article: Article, stored: Article) -> None:
    """Makes the slug anew in each language whose title changed, unless it is fixed, or was touched by hand."""
    fixed: set[str] | None = None
    for language in LANGUAGES:
        slug = article.text("slug", language)
        if slug != stored.text("slug", language):
            continue
        new = followed(slug, was=stored.text("title", language), now=article.text("title", language))
        if new != slug:
            fixed = fixed_slugs(article) if fixed is None else fixed
            if language not in fixed:
                setattr(article, f"slug_{language}", new or None)


def followed(slug: str, *, was: str, now: str, longest: int = SLUG_LENGTH) -> str:
    """`slug`, made anew from `now` if it was made from `was`; one that somebody chose stays."""
    if slug and slug != slug_of(was, longest):
        return slug
    return slug_of(now, longest) or slug


def slug_of(title: str, longest: int = SLUG_LENGTH) -> str:
    """A slug from `title`, cut between words; '' if nothing is left."""
    slug = words_of(title)
    if len(slug) > longest:
        slug = slug[: longest + 1].rpartition("-")[0] or slug[:longest]
    return slug


def fixed_slugs(article: Article) -> set[str]:
    """The languages whose slug is fixed, because a text was public at that address."""
    if not article.pk:
        return set()
    begun = article.publications.filter(visible__startswith__lte=Now())
    return set(begun.values_list("language", flat=True))
