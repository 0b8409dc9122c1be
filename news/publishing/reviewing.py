"""Asking for a review, returning a text, taking the request back; publishing settles it (see `news.publishing.publications`).

Each language is reviewed on its own, and at most one review of it is open: whoever comes second finds out.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _

from news.models import Article, Publication, Review
from sccon import mail, moments
from sccon.clock import database_now
from sccon.models import User
from sccon.translated import NAMES


class NotReviewable(Exception):
    """The review cannot be asked for or decided like this; the message says why."""


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
    """Returns the text with what is to be done, in each of `languages`. Raises `NotReviewable`, changing nothing."""
    if not answer.strip():
        raise NotReviewable(_("Say what is to be done."))
    reviews = [_decide(article, language, Review.Decision.RETURNED, by=by, answer=answer) for language in languages]
    _tell("review-returned", reviews, _concerned(article, reviews), by=by, note=answer)
    return reviews


@transaction.atomic
def take_back(article: Article, languages: Iterable[str], *, by: User | None) -> list[Review]:
    """Withdraws the request, in each of `languages`. Raises `NotReviewable`, changing nothing."""
    return [_decide(article, language, Review.Decision.TAKEN_BACK, by=by) for language in languages]


def settle(article: Article, publications: Sequence[Publication], *, by: User | None) -> list[Review]:
    """Closes what was asked of the texts that `publish` has just let out, in its transaction."""
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
    """The open review of `language`, decided. The row count says whether someone else was faster."""
    review = article.reviews.open().filter(language=language).first()
    decided = {"decision": decision, "decided_by": by, "decided_at": Now(), "answer": answer}
    if review is None or not Review.objects.open().filter(pk=review.pk).update(**decided):
        raise NotReviewable(_already(article, language))
    return review


def _already(article: Article, language: str) -> str:
    """What became of the review that is no longer open."""
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
    """Who asked, and who wrote."""
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
    """Mails each of `people` once, but for who did it and who does not want it."""
    if not reviews:
        return
    article = reviews[0].article
    for person in dict.fromkeys(filter(None, people)):
        if person == by or not (person.is_active and person.mail_on_review and person.email):
            continue
        language = person.language or settings.LANGUAGE_CODE
        context = {
            "title": article.text("title", reviews[0].language) or str(article),
            "languages": [NAMES[review.language] for review in reviews],
            "who": str(by or settings.SITE_SHORT_NAME),
            "note": note,
            "planned": _in_words(planned, language),
            "url": mail.address("admin:news_article_change", article.pk, language=language),
            "account": mail.address("admin:sccon_user_account", language=language),
        }
        mail.queue(template, to=person.email, language=language, occasion=str(reviews[0].pk), context=context)


def _in_words(moment: datetime | None, language: str) -> str:
    with translation.override(language):
        return moments.weekday(moment) if moment else ""
