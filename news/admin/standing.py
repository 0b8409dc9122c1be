"""The standing of an article in words: marks and completeness, for list, form and desk."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from news.models import Article, Publication, Review
from news.publishing.states import State
from sccon.html import is_empty
from sccon.moments import full, short


@dataclass(frozen=True)
class Mark:
    """A state in words; `shape` is the CSS class for its shape and colour."""

    shape: str
    words: str
    detail: str = ""


@dataclass(frozen=True)
class Missing:
    """A missing detail, with a link to its field."""

    label: str
    url: str


@dataclass(frozen=True)
class Completeness:
    total: int
    missing: list[Missing]

    @property
    def done(self) -> int:
        return self.total - len(self.missing)

    @property
    def width(self) -> int:
        """The width of the bar, of 120."""
        return round(120 * self.done / self.total)


def marks(state: State, *, in_full: bool = False) -> list[Mark]:
    """The marks of an article in one language, most important first."""
    date = full if in_full else short
    found = []
    current, withdrawal = state.current, state.withdrawal
    if current:
        since = _("since %(date)s") % {"date": date(_since(current))}
        if current.notice:
            found.append(Mark("notice", _("public, under a notice"), since))
        elif current.visible.upper and not state.planned:
            found.append(Mark("live", _("public"), _("until %(date)s") % {"date": date(current.visible.upper)}))
        else:
            found.append(Mark("live", _("public"), since))
    elif state.word == "taken-down" and state.taken_down:
        found.append(Mark("gone", _("taken down for legal reasons"), date(state.taken_down)))
    elif state.word == "withdrawn" and withdrawal:
        found.append(Mark("gone", _("withdrawn"), date(withdrawal.at)))
    elif state.word == "ended" and state.ended:
        found.append(Mark("gone", _("ended"), date(state.ended)))
    for row in state.planned:
        found.append(Mark("plan", _("planned"), _("for %(date)s") % {"date": date(row.visible.lower)}))
    if state.changes:
        found.append(_changes(len(state.changes), in_full=in_full))
    if not found:
        found.append(Mark("draft", _("draft")) if state.started else Mark("none", _("missing")))
    if state.outdated_since:
        since = _("the German changed %(date)s") if in_full else _("since %(date)s")
        found.append(Mark("outdated", _("outdated"), since % {"date": short(state.outdated_since)}))
    if state.review:
        found.append(Mark("review", _("in review"), _("since %(date)s") % {"date": date(state.review.asked_at)}))
    elif state.returned and state.returned.decided_at:
        found.append(Mark("returned", pgettext("review", "returned"), date(state.returned.decided_at)))
    return found


def review_marks(review: Review) -> list[Mark]:
    """The marks of a review; its article must have been fetched."""
    if review.decided_at:
        shape = {"returned": "returned", "published": "done", "taken_back": "past"}[review.decision]
        detail = f"{short(review.decided_at)}, {review.decided_by or '?'}"
        return [Mark(shape, review.get_decision_display(), detail)]
    waits = [Mark("review", _("in review"))]
    if review.outdated:
        waits.append(Mark("changed", _("changed since it was asked for")))
    return waits


def _since(publication: Publication) -> datetime:
    """Since when it is public: an imported text was public before our record begins."""
    return min(publication.first_published_at, publication.visible.lower)


def _changes(count: int, *, in_full: bool) -> Mark:
    if in_full:
        words = ngettext("%(count)d unpublished change", "%(count)d unpublished changes", count)
    else:
        words = ngettext("%(count)d change open", "%(count)d changes open", count)
    return Mark("changed", words % {"count": count})


def completeness(article: Article, language: str, *, has_topic: bool | None = None) -> Completeness:
    """Which details a text of this kind needs, and which of them are missing; `has_topic` as `checks.findings` has it."""
    if has_topic is None:
        has_topic = bool(article.pk) and bool(article.article_topics.all())
    page = article.kind == Article.Kind.PAGE
    wanted = [
        (_("title"), f"#id_title_{language}", bool(article.text("title", language))),
        (_("address"), f"#id_slug_{language}", bool(article.text("slug", language))),
        (_("lead"), f"#id_lead_{language}", bool(article.text("lead", language)) or page),
        (_("text"), f"#id_body_{language}", not is_empty(article.text("body", language))),
        (_("topic"), "#id_topics", page or has_topic),
        (_("picture"), "#id_image", page or bool(article.image_id)),
        (_("alternative text"), _alt_url(article, language), page or _has_alt(article, language)),
    ]
    if page:
        wanted = [wanted[0], wanted[1], wanted[3]]
    return Completeness(len(wanted), [Missing(label, url) for label, url, there in wanted if not there])


def _has_alt(article: Article, language: str) -> bool:
    image = article.image
    said = article.alt_here(language) is not None
    return bool(image and (said or image.decorative or getattr(image, f"alt_{language}")))


def _alt_url(article: Article, language: str) -> str:
    return f"#id_image_alt_{language}" if article.image_id else "#id_image"
