"""Tracks whether the English text is up to date with the German.

`Article.en_matches` is the version with whose German the English was last confirmed to agree. The English is outdated
while the German differs from that version's; a save alone does not make it so.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, DateTimeField, F, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from news.models import Article, ArticleVersion, Confirmation
from news.versions.snapshots import Snapshot, german_of
from news.versions.written import same, translated_texts
from sccon.models import User


def has_text(language: str) -> Q:
    """Articles with a text in `language`, finished or not."""
    condition = Q()
    for name in Article.ESSENTIAL:
        condition |= Q(**{f"{name}_{language}__isnull": False})
    return condition


def with_outdated_since(articles: QuerySet[Any]) -> QuerySet[Any]:
    """Annotates `outdated_since`: when the German changed since the last confirmation; None if it did not."""
    versions = ArticleVersion.objects.filter(article=OuterRef("pk"))
    matched = Coalesce(Subquery(versions.filter(number=OuterRef("en_matches")).values("german")), Value(""))
    now = Subquery(versions.filter(number=OuterRef("version")).values("german"))
    later = versions.filter(number__gt=Coalesce(OuterRef("en_matches"), 0)).exclude(german=OuterRef("german_matched"))
    return articles.annotate(german_matched=matched, german_now=now).annotate(
        outdated_since=Case(
            When(
                has_text("de") & has_text("en") & ~Q(german_now=F("german_matched")),
                then=Subquery(later.order_by("number").values("at")[:1]),
            ),
            output_field=DateTimeField(null=True),
        )
    )


def outdated(ids: Iterable[int] | None = None) -> dict[int, datetime]:
    """Ids of the articles (all, or those in `ids`) with outdated English, each with the time since when."""
    articles = Article.objects.all() if ids is None else Article.objects.filter(pk__in=ids)
    found = with_outdated_since(articles).filter(outdated_since__isnull=False)
    return dict(found.order_by().values_list("pk", "outdated_since"))


def needs_translation() -> Q:
    """Articles with a text in one language only. (For outdated ones: `with_outdated_since`.)"""
    return (has_text("de") & ~has_text("en")) | (has_text("en") & ~has_text("de"))


@transaction.atomic
def confirm(article: Article, *, version: int, by: User | None) -> bool:
    """Records that the English agrees with the German of `version`; False if that was on record already.

    A save in the meantime is no conflict: if it changed the German, the English is outdated again.
    """
    older = Q(en_matches__isnull=True) | Q(en_matches__lt=version)
    if not Article.objects.filter(older, has_text("en"), pk=article.pk, version__gte=version).update(
        en_matches=version
    ):
        return False
    Confirmation.objects.create(article=article, version=version, by=by)
    return True


def matched_after(
    article: Article,
    before: Snapshot | None,
    now: Snapshot,
    *,
    english_matches: bool | None,
    spares_translations: bool,
) -> tuple[int | None, bool]:
    """The value of `en_matches` after a save, and whether the save brought an outdated English up to date.

    `english_matches` is the author's answer; None means that the English agrees if it was changed. With
    `spares_translations`, a change of the German leaves a current English current.
    """
    if not now.has("en"):
        return None, False
    if now.version == 1:
        before = None  # what was there before the first version is not known
    had = before is not None and before.has("en")
    english_changed = before is None or any(
        not same(name, before.text(name, "en"), now.text(name, "en")) for name in translated_texts()
    )
    was_current = before is not None and had and _matches(article, before)
    if english_matches or (english_matches is None and english_changed):
        return article.version, had and not (was_current and before is not None and before.german == now.german)
    if was_current and spares_translations:
        return article.version, False
    return article.en_matches, False


def _matches(article: Article, before: Snapshot) -> bool:
    """Whether the English was up to date in `before`."""
    if article.en_matches is None:
        return False
    german = ArticleVersion.objects.filter(article=article, number=article.en_matches).values_list("german", flat=True)
    return german.first() in (None, before.german, german_of(before))


def matched_in(kept: Snapshot) -> bool:
    """Whether the English of an earlier version agreed with its German."""
    confirmed = Confirmation.objects.filter(article=kept.article_id, version=kept.version)
    if kept.en_matches is None:
        return confirmed.exists()
    german = {kept.german, german_of(kept)}
    versions = ArticleVersion.objects.filter(article=kept.article_id, number=kept.en_matches, german__in=german)
    return versions.exists() or confirmed.exists()


def last_confirmed(article: Article) -> ArticleVersion | Confirmation | None:
    """The last confirmation that the English agrees with the German: `by` and `at`."""
    if article.en_matches is None:
        return None
    confirmation = article.confirmations.filter(version=article.en_matches).select_related("by").first()
    return confirmation or article.versions.filter(number=article.en_matches).select_related("by").first()


def last_editors(articles: Iterable[Article]) -> dict[int, dict[str, ArticleVersion]]:
    """By article and language, the save that last changed the text. One query per language."""
    ids = [article.pk for article in articles]
    found: dict[int, dict[str, ArticleVersion]] = {pk: {} for pk in ids}
    for language in ("de", "en"):
        texts = [f"{name}_{language}" for name in translated_texts()]
        numbers = (
            ArticleVersion.objects.filter(article=OuterRef("article"), changed__overlap=texts)
            .order_by()
            .values("article")
            .annotate(last=Max("number"))
            .values("last")[:1]
        )
        for version in ArticleVersion.objects.filter(article__in=ids, number=Subquery(numbers)).select_related("by"):
            found[version.article_id][language] = version
    return found
