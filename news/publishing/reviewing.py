"""Reviews: request one, return the text, take the request back. Publishing settles them.

Each language is reviewed separately, and has at most one open review: whoever acts second is told so.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _

from news.models import Article, ArticleVersion, Publication, Review
from news.versions.written import stored_fields
from sccon import mail, moments
from sccon.clock import database_now
from sccon.models import User
from sccon.translated import LANGUAGES, NAMES


class NotReviewable(Exception):
    """The review cannot be requested or decided as asked; the message says why."""


def with_outdated(reviews: QuerySet[Any]) -> QuerySet[Any]:
    """Annotates `outdated`: whether a save since the request changed what is reviewed.

    The other language is not, and neither is a save that only wrote the same words in another way.
    """
    saves = ArticleVersion.objects.filter(article=OuterRef("article"), number__gt=OuterRef("version"))
    changed = Q()
    for language in LANGUAGES:
        changed |= Q(Exists(saves.filter(changed__overlap=_reviewed(language))), language=language)
    return reviews.annotate(outdated=changed)


@cache
def _reviewed(language: str) -> list[str]:
    """The columns in which a text in `language` can change."""
    others = tuple(f"_{code}" for code in LANGUAGES if code != language)
    columns = [field.attname for field in stored_fields() if not field.attname.endswith(others)]
    return [*columns, "topics", "related", "attachments"]


@transaction.atomic
def ask(article: Article, languages: Iterable[str], *, by: User | None, note: str = "") -> list[Review]:
    """Asks the publishers to look at the text in each of `languages`. Raises `NotReviewable`, changing nothing."""
    article = Article.objects.locked(article)
    languages = list(languages)
    waiting = set(article.reviews.open().values_list("language", flat=True))
    for language in languages:
        if language in waiting:
            raise NotReviewable(_("%(language)s waits for a review already.") % {"language": NAMES[language]})
        if not article.has_text(language):
            raise NotReviewable(_("%(language)s has no text yet.") % {"language": NAMES[language]})
    reviews = [
        Review.objects.create(article=article, language=language, version=article.version, asked_by=by, note=note)
        for language in languages
    ]
    _tell("review-asked", reviews, publishers(), by=by, note=note)
    return reviews


@transaction.atomic
def give_back(article: Article, languages: Iterable[str], *, by: User | None, answer: str) -> list[Review]:
    """Returns the text with an answer, in all of `languages`. Raises `NotReviewable`, and then changes nothing."""
    if not answer.strip():
        raise NotReviewable(_("Say what is to be done."))
    reviews = [_decide(article, language, Review.Decision.RETURNED, by=by, answer=answer) for language in languages]
    _tell("review-returned", reviews, _concerned(article, reviews), by=by, note=answer)
    return reviews


@transaction.atomic
def take_back(article: Article, languages: Iterable[str], *, by: User | None) -> list[Review]:
    """Takes the request back, in all of `languages`. Raises `NotReviewable`, and then changes nothing."""
    return [_decide(article, language, Review.Decision.TAKEN_BACK, by=by) for language in languages]


def end(article: Article, languages: Iterable[str], *, by: User | None) -> list[Review]:
    """Closes what is open in `languages`, in the transaction that takes the texts away. Nobody is asked any more."""
    waiting = article.reviews.open().filter(language__in=list(languages)).values_list("language", flat=True)
    return [_decide(article, language, Review.Decision.TAKEN_BACK, by=by) for language in waiting]


def settle(article: Article, publications: Sequence[Publication], *, by: User | None) -> list[Review]:
    """Closes the open reviews of texts that `publish` has just published, in its transaction."""
    waiting = article.reviews.open().filter(language__in=[row.language for row in publications])
    reviews = [
        _decide(article, language, Review.Decision.PUBLISHED, by=by)
        for language in waiting.order_by("language").values_list("language", flat=True)
    ]
    if reviews:
        begin = publications[0].visible.lower
        planned = begin if begin > database_now() else None
        _tell("review-published", reviews, _concerned(article, reviews), by=by, planned=planned)
    return reviews


def _decide(article: Article, language: str, decision: Review.Decision, *, by: User | None, answer: str = "") -> Review:
    """Decides the open review of `language`. The row count tells whether somebody else was faster."""
    review = article.reviews.open().filter(language=language).first()
    decided = {"decision": decision, "decided_by": by, "decided_at": Now(), "answer": answer}
    if review is None or not Review.objects.open().filter(pk=review.pk).update(**decided):
        raise NotReviewable(_already(article, language))
    return review


def _already(article: Article, language: str) -> str:
    """A sentence on how the review, no longer open, was decided."""
    last = article.reviews.filter(language=language).select_related("decided_by").first()
    if last is None or last.decided_at is None:
        return _("Nobody asks for a review of %(language)s.") % {"language": NAMES[language]}
    sentence = _("The review of %(language)s is decided already: %(decision)s by %(who)s.")
    return sentence % {
        "language": NAMES[language],
        "decision": last.get_decision_display(),
        "who": last.decided_by or "?",
    }


# --- Mails ------------------------------------------------------------------------------------


def publishers() -> list[User]:
    """Those who may publish."""
    return list(
        User.objects.with_perm(Article.PUBLISH, backend="django.contrib.auth.backends.ModelBackend").order_by("pk")
    )


def _concerned(article: Article, reviews: Sequence[Review]) -> list[User | None]:
    """Those who requested the reviews, and the authors."""
    return [*(review.asked_by for review in reviews), article.created_by, article.saved_by]


def _tell(
    template: str,
    reviews: Sequence[Review],
    people: Iterable[User | None],
    *,
    by: User | None,
    note: str = "",
    planned: datetime | None = None,
) -> None:
    """Mails each of `people` once, except `by` and those who unsubscribed from these mails."""
    if not reviews:
        return
    article = reviews[0].article
    for person in dict.fromkeys(filter(None, people)):
        if person == by or not (person.is_active and person.mail_on_review and person.email):
            continue
        language = person.language or settings.LANGUAGE_CODE
        context = {
            "title": article.text("title", _shown(reviews, language)) or str(article),
            "languages": _names(reviews, language),
            "who": str(by or settings.SITE_SHORT_NAME),
            "note": note,
            "planned": _in_words(planned, language),
            "url": mail.address("admin:news_article_change", article.pk, language=language),
            "account": mail.address("admin:sccon_user_account", language=language),
        }
        mail.queue(template, to=person.email, language=language, occasion=str(reviews[0].pk), context=context)


def _shown(reviews: Sequence[Review], language: str) -> str:
    """The language whose title the mail has: its own where it is among them."""
    there = [review.language for review in reviews]
    return language if language in there else there[0]


def _names(reviews: Sequence[Review], language: str) -> list[str]:
    with translation.override(language):
        return [str(NAMES[review.language]) for review in reviews]


def _in_words(moment: datetime | None, language: str) -> str:
    with translation.override(language):
        return moments.weekday(moment) if moment else ""
