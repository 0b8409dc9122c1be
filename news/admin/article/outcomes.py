"""The sentence above the button of a page that asks: what publishing, withdrawing or moving a plan would do.

It follows every answer: the script asks for it after each, and without JavaScript a second button shows it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.forms import Form
from django.utils.translation import gettext as _

from news.admin.article.question import and_
from news.models import Article, Publication, Withdrawal
from news.publishing.publications import own_end
from news.publishing.states import State
from sccon import moments
from sccon.translated import LANGUAGES, NAMES

MOMENTS = ("when", "at_date", "at_time", "at_fold", "until_date", "until_time", "until_fold")
FORGOTTEN = ("at_date", "at_time")


def _told(sentence: str, button: str, **more: Any) -> dict[str, Any]:
    return {"sentence": sentence, "button": button, **more}


def given_in(form: Form) -> Mapping[str, Any]:
    """The answers so far, those of a form that was only opened too."""
    return form.cleaned_data if form.is_bound else form.initial


def _refused(form: Form) -> str:
    """Why nothing can happen at the moment that was typed; '' if it can."""
    forgotten = not (form["at_date"].value() and form["at_time"].value())
    if forgotten and not form.errors.keys().isdisjoint(FORGOTTEN):
        return _("Choose day and hour.")
    return next((str(form.errors[name][0]) for name in MOMENTS if name in form.errors), "")


# --- Publish ----------------------------------------------------------------------------------


def of_publishing(article: Article, now: dict[str, State], form: Form) -> dict[str, Any]:
    """What publishing with these answers will do, the label of the button, and which questions do not matter."""
    given = given_in(form)
    chosen = [language for language in LANGUAGES if language in (given.get("languages") or [])]
    at, until = given.get("at"), given.get("until")
    plan = str(given.get("when", "")).startswith("plan ")
    hidden = [] if any(_undecided(row, at) for code in chosen for row in now[code].planned) else ["planned"]
    if not chosen:
        return _told(_("Nothing will happen: no language is chosen."), _("Publish"), hidden=hidden)
    if refused := _refused(form):
        button = _("Plan") if given.get("when") == "at" else _("Publish")
        return _told(refused, button, hidden=hidden)
    if at:
        first = _(
            "On %(date)s Berlin time version %(version)d appears (%(languages)s): on its page, the home page, in the overview and its topics, everywhere in the same instant."
        )
        button = _("Take it over, for %(date)s") if plan else _("Plan for %(date)s")
        button %= {"date": moments.short(at)}
    else:
        first = _(
            "Version %(version)d becomes public at once (%(languages)s): on its page, the home page, in the overview and its topics, everywhere in the same instant."
        )
        button = _("Publish now")
    names = and_([NAMES[language] for language in chosen])
    details = {"date": moments.weekday(at) if at else "", "version": article.version, "languages": names}
    sentences = [first % details]
    for language in chosen:
        sentences += _consequences(language, now[language], at, given)
    if until:
        sentences.append(
            _("It ends on %(date)s Berlin time; after that its address says that it is gone.")
            % {"date": moments.weekday(until)}
        )
    if rest := [NAMES[language] for language in LANGUAGES if language not in chosen]:
        sentences.append(_("%(language)s stays as it is.") % {"language": and_(rest)})
    return _told(" ".join(sentences), button, hidden=hidden)


def _undecided(row: Publication, at: datetime | None) -> bool:
    """Whether this plan may stay or be dropped: one of the same instant has no choice, an earlier one stays."""
    return at is None or row.visible.lower > at


def _consequences(language: str, now: State, at: datetime | None, given: Mapping[str, Any]) -> list[str]:
    """Sentences on what happens to the public text in `language`, and to plans."""
    sentences = []
    details = {"language": NAMES[language]}
    if now.current:
        details["date"] = moments.full(public_since(now.current))
        sentences.append(_("%(language)s: it replaces the text that has been public since %(date)s.") % details)
        if given.get("weight") == "substantial":
            sentences.append(_("Readers see the date of the change."))
        if (end := own_end(now.current)) and not given.get("until") and (at is None or end > at):
            details["date"] = moments.full(end)
            sentences.append(_("%(language)s: its end on %(date)s is dropped.") % details)
    for row in now.planned:
        begin = row.visible.lower
        details["date"] = moments.full(begin)
        if at and begin == at:
            sentences.append(_("%(language)s: it takes the place of the version planned for %(date)s.") % details)
        elif at and begin < at:
            sentences.append(_("%(language)s: the version planned for %(date)s appears before, until then.") % details)
        elif given.get("planned") == "replace":
            sentences.append(_("%(language)s: the version planned for %(date)s is dropped.") % details)
        else:
            sentences.append(_("%(language)s: the version planned for %(date)s follows then.") % details)
    return sentences


def public_since(current: Publication) -> datetime:
    """Since when the text has been public without a gap; of an imported one, since its old date."""
    rows = Publication.objects.filter(article=current.article_id, language=current.language)
    begin = current.visible.lower
    for lower, upper in _ranges(rows.filter(visible__endswith__lte=begin).order_by("-visible")):
        if upper != begin:
            return begin
        begin = lower
    return min(current.first_published_at, begin)


def _ranges(rows: Any) -> list[tuple[datetime, datetime | None]]:
    return [(visible.lower, visible.upper) for visible in rows.values_list("visible", flat=True)]


# --- Withdraw ---------------------------------------------------------------------------------


def of_withdrawing(now: dict[str, State], form: Form) -> dict[str, Any]:
    """What withdrawing with these answers will do, and the label of the button."""
    given = given_in(form)
    chosen = [language for language in LANGUAGES if language in (given.get("languages") or [])]
    if not chosen:
        return _told(_("Nothing will happen: no language is chosen."), _("Withdraw"))
    public = [NAMES[language] for language in chosen if now[language].current]
    sentences = []
    button = _("Withdraw now")
    if public:
        match given.get("outcome"):
            case Withdrawal.Outcome.NOTICE:
                button = _("Put it under the notice now")
                stays = _(
                    "The text (%(languages)s) stays readable at its address, under your notice. It no longer stands at the head of the home page, and what is planned for it is given up."
                )
            case Withdrawal.Outcome.REPLACED:
                stays = _(
                    "The text (%(languages)s) leaves the site at once: its page, the home page, the overview and its topics. Its address leads to the article you choose. What is planned for it is given up, and it is no longer pinned."
                )
            case _:
                stays = _(
                    "The text (%(languages)s) leaves the site at once: its page, the home page, the overview and its topics. Its address says that it is gone. What is planned for it is given up, and it is no longer pinned."
                )
        sentences.append(stays % {"languages": and_(public)})
    if planned := [NAMES[language] for language in chosen if not now[language].current]:
        sentences.append(
            _("%(languages)s was only planned: it does not appear, and readers notice nothing.")
            % {"languages": and_(planned)}
        )
    if rest := [NAMES[language] for language in LANGUAGES if language not in chosen and now[language].current]:
        sentences.append(_("%(language)s stays as it is.") % {"language": and_(rest)})
    sentences.append(_("The draft stays as it is."))
    return _told(" ".join(sentences), button)


# --- Plan -------------------------------------------------------------------------------------


def of_moving(rows: Sequence[Publication], form: Form) -> dict[str, Any]:
    """What moving the plan to the time typed will do, and what giving it up would."""
    given = given_in(form)
    chosen = [row for row in rows if row.language in (given.get("languages") or [])]
    told = {"instead": [_instead(row) for row in chosen]}
    if not chosen:
        return _told(_("Nothing will happen: no language is chosen."), _("Change the time"), **told)
    if refused := _refused(form):
        return _told(refused, _("Change the time"), **told)
    begin, at, until = rows[0].visible.lower, given.get("at"), given.get("until")
    details = {
        "languages": and_([NAMES[row.language] for row in chosen]),
        "old": moments.weekday(begin),
        "date": moments.weekday(at or begin),
    }
    if at in (None, begin):
        sentences = [_("On %(date)s Berlin time it becomes public by itself (%(languages)s), as planned.") % details]
    else:
        sentences = [_("Instead of on %(old)s it becomes public on %(date)s Berlin time (%(languages)s).") % details]
    if until:
        sentences.append(
            _("It ends on %(date)s Berlin time; after that its address says that it is gone.")
            % {"date": moments.weekday(until)}
        )
    return _told(" ".join(sentences), _("Change the time"), **told)


def _instead(row: Publication) -> str:
    """What readers will find if the plan is cancelled."""
    rows = Publication.objects.filter(article=row.article_id, language=row.language)
    before = rows.filter(visible__endswith=row.visible.lower).first()
    details = {"language": NAMES[row.language], "title": before}
    if before is None:
        return _("%(language)s: nothing appears; the text stays a draft.") % details
    if row.visible.upper is None:
        return _("%(language)s: “%(title)s” stays in its place.") % details
    details["date"] = moments.weekday(row.visible.upper)
    return _("%(language)s: “%(title)s” stays in its place until %(date)s Berlin time.") % details
