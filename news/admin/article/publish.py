"""Pages to publish, withdraw and pin an article. Each says what will happen before it does it."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news.admin import standing
from news.admin.article import outcomes
from news.admin.article.question import and_, article_of, back, question_page, states_of
from news.admin.moments import MomentsForm, day_field, fold_field, hour_field, typed
from news.models import Article, Pin, Publication, Withdrawal
from news.publishing import checks, links
from news.publishing.publications import NotPublishable, NotWithdrawable, own_end, publish, withdraw
from news.publishing.states import State
from news.writing.widgets import ArticlePicker
from sccon import moments
from sccon.clock import database_now
from sccon.fields import LinesField
from sccon.moments import full
from sccon.translated import LANGUAGES, NAMES


class PublishForm(MomentsForm):
    """Languages, begin, end, and how much the change matters."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Which languages?"),
        choices=list(NAMES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one language.")},
    )
    when = forms.ChoiceField(
        label=gettext_lazy("When?"),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": gettext_lazy("This plan is not there any more. Please choose again.")},
    )
    at_date, at_time, at_fold = day_field(gettext_lazy("Day")), hour_field(gettext_lazy("Hour")), fold_field()
    until_date, until_time, until_fold = day_field(gettext_lazy("Day")), hour_field(gettext_lazy("Hour")), fold_field()
    weight = forms.ChoiceField(
        label=gettext_lazy("How much does the change matter?"),
        choices=[("small", gettext_lazy("Small correction")), ("substantial", gettext_lazy("New content"))],
        widget=forms.RadioSelect,
        required=False,
    )
    planned = forms.ChoiceField(
        label=gettext_lazy("What about the version that is planned?"),
        choices=[("keep", gettext_lazy("It stays planned")), ("replace", gettext_lazy("It is dropped"))],
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(self, *args: Any, article: Article, now: dict[str, State], **options: Any):
        super().__init__(*args, **{"label_suffix": "", **options})
        self.article = article
        # The plans stand first: who corrects a planned text must not publish it by pressing Enter.
        self.plans = {f"plan {begin.isoformat()}": begin for begin in plans(now)}
        into = [
            (value, _("Into the planned version (%(date)s)") % {"date": moments.day(begin)})
            for value, begin in self.plans.items()
        ]
        self.fields["when"].choices = [*into, ("now", _("At once")), ("at", _("On"))]  # type: ignore[attr-defined]

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        cleaned["at"] = self.plans.get(cleaned.get("when", ""))
        if cleaned.get("when") == "at":
            cleaned["at"] = self.clean_moment("at", cleaned, required=True)
            if cleaned["at"] and cleaned["at"] < timezone.now():
                self.add_error("at_date", _("That is past. Choose a later time, or “At once”."))
                cleaned["at"] = None
        cleaned["until"] = self.clean_moment("until", cleaned, required=False)
        begin = cleaned["at"] or timezone.now()
        if cleaned["until"] and cleaned["until"] <= begin:
            self.add_error("until_date", _("The end is not after the beginning."))
            cleaned["until"] = None
        return cleaned

    def refuse_if_outdated(self) -> bool:
        """Whether somebody saved since the page was opened; adds an error then, since that text was not seen."""
        if self.cleaned_data.get("version") == self.article.version:
            return False
        sentence = _("%(who)s saved version %(version)d at %(when)s. Look at it, then publish that one.")
        details = {
            "who": self.article.saved_by or "?",
            "version": self.article.version,
            "when": full(self.article.saved_at),
        }
        self.add_error(None, sentence % details)
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data["version"] = str(self.article.version)
        self.data = data
        return True


class WithdrawForm(forms.Form):
    """Languages, reason, and what the address answers afterwards."""

    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Which languages?"),
        choices=list(NAMES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one language.")},
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("What will readers find at the address?"),
        choices=Withdrawal.Outcome,
        widget=forms.RadioSelect,
    )
    target: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        Article.objects.filter(publications__isnull=False).distinct(),
        required=False,
        label=gettext_lazy("Replaced by"),
        widget=ArticlePicker(single=True),
    )
    notice_de = LinesField(
        label=gettext_lazy("Notice, German"), required=False, widget=forms.Textarea({"rows": 3, "lang": "de"})
    )
    notice_en = LinesField(
        label=gettext_lazy("Notice, English"), required=False, widget=forms.Textarea({"rows": 3, "lang": "en"})
    )
    reason = LinesField(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy("For the record; readers do not see it."),
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": gettext_lazy("Give the reason: it stays on record.")},
    )

    def __init__(self, *args: Any, article: Article, **options: Any):
        super().__init__(*args, **{"label_suffix": "", **options})
        self.article = article

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        targets = cleaned.get("target")
        cleaned["target"] = targets[0] if targets else None
        replaced = cleaned.get("outcome") == Withdrawal.Outcome.REPLACED and not self.has_error("target")
        if replaced and (not targets or len(targets) != 1 or targets[0] == self.article):
            self.add_error("target", _("Choose the one article that replaces this one."))
        if cleaned.get("outcome") == Withdrawal.Outcome.NOTICE:
            for language in cleaned.get("languages", []):
                if not (cleaned.get(f"notice_{language}") or "").strip():
                    self.add_error(f"notice_{language}", _("Write the notice that readers will see."))
        return cleaned

    def notices(self) -> dict[str, str]:
        return {language: self.cleaned_data[f"notice_{language}"].strip() for language in LANGUAGES}


class PinForm(MomentsForm):
    """Position among the pinned articles, and the end."""

    position = forms.IntegerField(
        label=gettext_lazy("Position"),
        min_value=1,
        max_value=99,
        help_text=gettext_lazy("The pinned article with the smallest number opens the home page."),
    )
    until_date, until_time, until_fold = day_field(gettext_lazy("Day")), hour_field(gettext_lazy("Hour")), fold_field()

    def __init__(self, *args: Any, pin: Pin | None = None, **options: Any):
        options["initial"] = {"position": 1}
        if pin:
            options["initial"]["position"] = pin.position
            options["initial"] |= typed(pin.until, "until")
        super().__init__(*args, **{"label_suffix": "", **options})

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        cleaned["until"] = self.clean_moment("until", cleaned, required=False)
        if cleaned["until"] and cleaned["until"] <= timezone.now():
            self.add_error("until_date", _("That is past. Leave it empty to pin without end."))
        return cleaned


# --- Publish ----------------------------------------------------------------------------------


def publish_page(request: HttpRequest, pk: int) -> HttpResponse:
    article = article_of(request, pk, Article.PUBLISH)
    now = states_of(article)
    blocked = {language: checks.blocking(article, language) for language in LANGUAGES}
    # Findings that may be gone at a later instant do not keep a language from being planned.
    for_good = {code: [finding for finding in found if not finding.passing] for code, found in blocked.items()}
    if request.method == "POST":
        form = PublishForm(request.POST, article=article, now=now)
        looks = "_look" in request.POST  # without JavaScript: only shows what the answers would do
        if form.is_valid() and not looks and not form.refuse_if_outdated() and _publish(request, form):
            return back(article)
    elif "outcome_of" in request.GET:  # JavaScript asks what the answers so far would do
        form = PublishForm(request.GET, article=article, now=now)
        form.is_valid()
        return JsonResponse(outcomes.of_publishing(article, now, form))
    else:
        form = PublishForm(initial=_proposal(article, now, for_good), article=article, now=now)
    given = outcomes.given_in(form)
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
                "public": bool(now[language].current),
                "planned": bool(now[language].planned),
            }
            for language in LANGUAGES
        ],
        "any_public": any(each.current for each in now.values()),
        "reviews": [each.review for each in now.values() if each.review],
        "outcome": outcomes.of_publishing(article, now, form),
        "anything": any(not for_good[language] for language in LANGUAGES),
    }
    return question_page(request, "admin/news/article/publish.html", article, _("Publish"), context)


def plans(now: dict[str, State]) -> list[datetime]:
    """When something is planned, in any language."""
    return sorted({row.visible.lower for each in now.values() for row in each.planned})


def _proposal(article: Article, now: dict[str, State], blocked: dict[str, list]) -> dict[str, Any]:
    """Initial answers: what has changes, and all that is known of it: when it is planned, and when it ends.

    A draft that follows on a plan is proposed for that plan: to publish it now would tell before its time what the
    plan keeps.
    """
    ready = [language for language in LANGUAGES if not blocked[language] and now[language].started]
    news = [
        language for language in ready if now[language].changes or not (now[language].current or _plan(now, language))
    ]
    chosen = news or ready
    at = max(filter(None, (_plan(now, language) for language in chosen)), default=None)
    if at:
        chosen = [language for language in chosen if _plan(now, language) == at]
    ends = {language: own_end(row) for language in chosen if (row := _replaced(now[language], at))}
    end = next(iter(ends.values()), None)
    if at:  # one answer is for all: what ends at another time is a second step
        chosen = [language for language in chosen if ends[language] == end]
    elif set(ends.values()) != {end}:
        end = None
    return {
        "version": article.version,
        "languages": chosen,
        "when": f"plan {at.isoformat()}" if at else "now",
        "at": at,
        "until": end,
        **typed(end, "until"),
        "weight": "small",
        "planned": "keep",
    }


def _plan(now: dict[str, State], language: str) -> datetime | None:
    """The last plan of `language`, on which its draft follows."""
    return now[language].planned[-1].visible.lower if now[language].planned else None


def _replaced(now: State, at: datetime | None) -> Publication | None:
    """What the draft takes the place of, in a plan for `at` or on the site."""
    return next((row for row in now.planned if row.visible.lower == at), None) if at else now.current


def _publish(request: HttpRequest, form: PublishForm) -> bool:
    """Publishes and adds a message; False if the form now has the reason why not."""
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
            "date": moments.full(given["at"]),
        }
    else:
        sentence = _("%(languages)s is public now.") % {"languages": names}
    messages.success(request, sentence)
    return True


# --- Withdraw ---------------------------------------------------------------------------------


def withdraw_page(request: HttpRequest, pk: int) -> HttpResponse:
    article = article_of(request, pk, Article.PUBLISH)
    now, at = states_of(article), database_now()
    there = [language for language in LANGUAGES if now[language].current or now[language].planned]
    if request.method == "POST":
        form = WithdrawForm(request.POST, article=article)
        if form.is_valid() and "_look" not in request.POST and _withdraw(request, form):
            return back(article)
    elif "outcome_of" in request.GET:
        form = WithdrawForm(request.GET, article=article)
        form.is_valid()
        return JsonResponse(outcomes.of_withdrawing(now, form))
    else:
        form = WithdrawForm(initial={"languages": there, "outcome": "gone"}, article=article)
    given = outcomes.given_in(form)
    context = {
        "form": form,
        "choices": [
            {
                "code": code,
                "name": NAMES[code],
                "marks": standing.marks(now[code]),
                "there": code in there,
                "checked": code in (given.get("languages") or []),
            }
            for code in LANGUAGES
        ],
        "there": there,
        "outcome": outcomes.of_withdrawing(now, form),
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
