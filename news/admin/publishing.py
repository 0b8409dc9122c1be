"""The pages before a text goes out, is taken back or is pinned: each says what will happen, then does it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from news import checks, links, standing
from news.models import Article, Pin
from news.publishing import NotPublishable, NotWithdrawable, publish, withdraw
from news.publishing_forms import PinForm, PublishForm, WithdrawForm
from news.states import State, state
from sccon.admin.pages import own_page
from sccon.clock import database_now
from sccon.translated import LANGUAGES, NAMES


def article_of(request: HttpRequest, pk: int, permission: str) -> Article:
    if not request.user.has_perm(permission):
        raise PermissionDenied
    return get_object_or_404(Article.objects.select_related("saved_by", "image"), pk=pk)


def states_of(article: Article) -> dict[str, State]:
    at = database_now()
    return {language: state(article, language, at) for language in LANGUAGES}


def question_page(
    request: HttpRequest, template: str, article: Article, title: str, context: dict[str, Any]
) -> HttpResponse:
    return own_page(request, template, Article, title, {"article": article, **context})


def back(article: Article) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:news_article_change", args=[article.pk]))


def and_(names: list[str]) -> str:
    return _("%(first)s and %(last)s") % {"first": names[0], "last": names[1]} if len(names) == 2 else "".join(names)


# --- Publish ----------------------------------------------------------------------------------


def publish_page(request: HttpRequest, pk: int) -> HttpResponse:
    article = article_of(request, pk, "news.publish_article")
    now = states_of(article)
    blocked = {language: checks.blocking(article, language) for language in LANGUAGES}
    # What another article's time may cure does not keep one from choosing a time.
    for_good = {code: [finding for finding in found if not finding.passing] for code, found in blocked.items()}
    if request.method == "POST":
        form = PublishForm(request.POST, article=article)
        looks = "_look" in request.POST  # without the script: only what the answers would do
        if form.is_valid() and not looks and not form.refuse_if_outdated() and _publish(request, form):
            return back(article)
    elif "outcome" in request.GET:  # the script asks what the answers given so far would do
        form = PublishForm(request.GET, article=article)
        form.is_valid()
        return JsonResponse(outcome(article, now, form.cleaned_data))
    else:
        form = PublishForm(initial=_proposal(article, now, for_good), article=article)
    given = form.cleaned_data if form.is_bound else form.initial
    context = {
        "form": form,
        "choices": [
            {
                "code": language,
                "name": NAMES[language],
                "marks": standing.marks(now[language]),
                "blocking": blocked[language],
                "off": bool(for_good[language]) or not now[language].started,
                "empty": not now[language].started,
                "checked": language in (given.get("languages") or []),
            }
            for language in LANGUAGES
        ],
        "is_public": any(each.current for each in now.values()),
        "planned": [row for each in now.values() for row in each.planned],
        "reviews": [each.review for each in now.values() if each.review],
        "outcome": outcome(article, now, given),
        "anything": any(not for_good[language] for language in LANGUAGES),
    }
    return question_page(request, "admin/news/article/publish.html", article, _("Publish"), context)


def _proposal(article: Article, now: dict[str, State], blocked: dict[str, list]) -> dict[str, Any]:
    """What most likely is wanted: every language that can go out and has something new to say."""
    ready = [language for language in LANGUAGES if not blocked[language] and now[language].started]
    news = [language for language in ready if now[language].changes or not now[language].current]
    return {
        "version": article.version,
        "languages": news or ready,
        "when": "now",
        "weight": "small",
        "planned": "keep",
    }


def _publish(request: HttpRequest, form: PublishForm) -> bool:
    """Publishes as asked and says so; False when the form now says why not."""
    given = form.cleaned_data
    try:
        with transaction.atomic():
            rows = publish(
                form.article,
                given["languages"],
                by=request.user,  # type: ignore[arg-type]
                at=given["at"],
                until=given["until"],
                substantial=given["weight"] == "substantial",
                replace_planned=given["planned"] == "replace",
            )
    except NotPublishable as refused:
        for language, found in refused.findings.items():
            for finding in found:
                form.add_error(None, f"{NAMES[language]}: {finding.sentence}")
        return False
    except IntegrityError:
        form.add_error(
            None, _("Another article has just been given this address. Choose another address and try again.")
        )
        return False
    names = and_([NAMES[row.language] for row in rows])
    if given["at"] and given["at"] > timezone.now():
        sentence = _("%(languages)s is planned for %(date)s Berlin time.") % {
            "languages": names,
            "date": standing.full(given["at"]),
        }
    else:
        sentence = _("%(languages)s is public now.") % {"languages": names}
    messages.success(request, sentence)
    return True


def outcome(article: Article, now: dict[str, State], given: Mapping[str, Any]) -> dict[str, str]:
    """What publishing with these answers will do, as sentences, and what its button is called."""
    chosen = [language for language in LANGUAGES if language in (given.get("languages") or [])]
    if not chosen:
        return {"sentence": _("Nothing will happen: no language is chosen."), "button": _("Publish")}
    names = and_([NAMES[language] for language in chosen])
    at, until = given.get("at"), given.get("until")
    if given.get("when") == "at" and not at:
        return {"sentence": _("Choose day and hour."), "button": _("Plan")}
    if at:
        first = _(
            "On %(date)s Berlin time version %(version)d appears (%(languages)s): on its page, the home page, in the overview and its topics, everywhere in the same instant."
        )
        button = _("Plan for %(date)s") % {"date": standing.short(at)}
    else:
        first = _(
            "Version %(version)d becomes public at once (%(languages)s): on its page, the home page, in the overview and its topics, everywhere in the same instant."
        )
        button = _("Publish now")
    details = {"date": standing.weekday(at) if at else "", "version": article.version, "languages": names}
    sentences = [first % details]
    for language in chosen:
        sentences += _consequences(language, now[language], at, given)
    if until:
        sentences.append(
            _("It ends on %(date)s Berlin time; after that its address says that it is gone.")
            % {"date": standing.weekday(until)}
        )
    if rest := [NAMES[language] for language in LANGUAGES if language not in chosen]:
        sentences.append(_("%(language)s stays as it is.") % {"language": and_(rest)})
    return {"sentence": " ".join(sentences), "button": button}


def _consequences(language: str, now: State, at: datetime | None, given: Mapping[str, Any]) -> list[str]:
    """What happens to the text that is public in `language`, and to one that is planned."""
    sentences = []
    details = {"language": NAMES[language]}
    if now.current:
        details["date"] = standing.full(min(now.current.first_published_at, now.current.visible.lower))
        sentences.append(_("%(language)s: it replaces the text that has been public since %(date)s.") % details)
        if given.get("weight") == "substantial":
            sentences.append(_("Readers see the date of the change."))
    for row in now.planned:
        details["date"] = standing.full(row.visible.lower)
        if given.get("planned") == "replace" or (at and row.visible.lower == at):
            sentences.append(_("%(language)s: the version planned for %(date)s is dropped.") % details)
        elif not at or row.visible.lower > at:
            sentences.append(_("%(language)s: the version planned for %(date)s follows then.") % details)
    return sentences


# --- Withdraw ---------------------------------------------------------------------------------


def withdraw_page(request: HttpRequest, pk: int) -> HttpResponse:
    article = article_of(request, pk, "news.publish_article")
    now, at = states_of(article), database_now()
    there = [language for language in LANGUAGES if now[language].current or now[language].planned]
    if request.method == "POST":
        form = WithdrawForm(request.POST, article=article)
        if form.is_valid() and _withdraw(request, form):
            return back(article)
    else:
        form = WithdrawForm(initial={"languages": there, "outcome": "gone"}, article=article)
    given = (form.cleaned_data if form.is_bound else form.initial).get("languages") or []
    context = {
        "form": form,
        "choices": [
            {
                "code": code,
                "name": NAMES[code],
                "marks": standing.marks(now[code]),
                "there": code in there,
                "checked": code in given,
            }
            for code in LANGUAGES
        ],
        "there": there,
        "pointing": links.pointing_at(article, at) if there else None,
        "now": at,
    }
    return question_page(request, "admin/news/article/withdraw.html", article, _("Withdraw"), context)


def _withdraw(request: HttpRequest, form: WithdrawForm) -> bool:
    given = form.cleaned_data
    try:
        withdraw(
            form.article,
            given["languages"],
            by=request.user,  # type: ignore[arg-type]
            reason=given["reason"],
            outcome=given["outcome"],
            target=given["target"],
            notice=form.notices(),
        )
    except NotWithdrawable as refused:
        form.add_error(None, str(refused))
        return False
    names = and_([NAMES[language] for language in given["languages"]])
    messages.success(request, _("%(languages)s is withdrawn.") % {"languages": names})
    return True


# --- Pin --------------------------------------------------------------------------------------


def pin_page(request: HttpRequest, pk: int) -> HttpResponse:
    article = article_of(request, pk, "news.change_pin")
    pin = Pin.objects.filter(article=article).first()
    if request.method == "POST" and "_remove" in request.POST:
        Pin.objects.filter(article=article).delete()
        messages.success(request, _("The article is no longer pinned."))
        return back(article)
    form = PinForm(request.POST if request.method == "POST" else None, pin=pin)
    if form.is_valid():
        given = form.cleaned_data
        values = {"position": given["position"], "until": given["until"]}
        Pin.objects.update_or_create(article=article, defaults=values)
        messages.success(request, _("The article is pinned."))
        return back(article)
    others = Pin.objects.exclude(article=article).select_related("article")
    context = {"form": form, "pin": pin, "others": others}
    return question_page(request, "admin/news/article/pin.html", article, _("Pin"), context)
