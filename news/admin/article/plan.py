"""The page of a plan: moves it to another time, or cancels it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news.admin.article import outcomes
from news.admin.article.question import and_, article_of, back, question_page
from news.admin.moments import MomentsForm, day_field, fold_field, hour_field, typed
from news.models import Article, Publication
from news.publishing import checks, publications
from news.publishing.publications import NotPlanned, own_end
from sccon import moments
from sccon.clock import database_now
from sccon.translated import NAMES


class PlanForm(MomentsForm):
    """Languages, and the new begin and end."""

    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Which languages?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one language.")},
    )
    at_date, at_time, at_fold = (
        day_field(gettext_lazy("Day")),
        hour_field(gettext_lazy("Hour")),
        fold_field(),
    )
    until_date, until_time, until_fold = (
        day_field(gettext_lazy("Day")),
        hour_field(gettext_lazy("Hour")),
        fold_field(),
    )

    def __init__(self, *args: Any, there: Sequence[str], begin: datetime, end: datetime | None, **options: Any):
        options["initial"] = {"languages": list(there), **typed(begin, "at"), **typed(end, "until")}
        super().__init__(*args, **{"label_suffix": "", **options})
        self.fields["languages"].choices = [(code, NAMES[code]) for code in there]  # type: ignore[attr-defined]

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        if "_cancel" in self.data:
            return cleaned
        cleaned["at"] = self.clean_moment("at", cleaned, required=True)
        cleaned["until"] = self.clean_moment("until", cleaned, required=False)
        if cleaned["at"] and cleaned["at"] <= timezone.now():
            self.add_error("at_date", _("That is past. Choose a later time, or give the plan up and publish at once."))
            cleaned["at"] = None
        elif cleaned["at"] and cleaned["until"] and cleaned["until"] <= cleaned["at"]:
            self.add_error("until_date", _("The end is not after the beginning."))
        return cleaned


def plan_page(request: HttpRequest, pk: int, publication: int) -> HttpResponse:
    article = article_of(request, pk, Article.PUBLISH)
    row = get_object_or_404(Publication, pk=publication, article=article, continues=False)
    begin = row.visible.lower
    rows = list(article.publications.filter(visible__startswith=begin, continues=False).order_by("language"))
    there = [each.language for each in rows]
    open_still = begin > database_now()
    asks = "outcome_of" in request.GET  # JavaScript asks what the answers so far would do
    posted = request.GET if asks else request.POST or None
    form = PlanForm(posted, there=there, begin=begin, end=own_end(row))
    sound = form.is_valid()
    outcome = outcomes.of_moving(rows, form)
    if asks:
        return JsonResponse(outcome)
    if open_still and sound and "_look" not in request.POST and _act(request, article, row, form):
        return back(article)
    context = {
        "form": form,
        "rows": rows,
        "begin": begin,
        "open_still": open_still,
        "choices": [{"row": each, "checked": each.language in (form["languages"].value() or [])} for each in rows],
        "outcome": outcome,
        "failing": [(each, found) for each in rows if (found := checks.failing(each))] if open_still else [],
    }
    return question_page(request, "admin/news/article/plan.html", article, _("What is planned"), context)


def _act(request: HttpRequest, article: Article, row: Publication, form: PlanForm) -> bool:
    """Moves or cancels the plan and adds a message; False if the form now has the reason why not."""
    given, begin = form.cleaned_data, row.visible.lower
    names = {"languages": and_([NAMES[language] for language in given["languages"]])}
    try:
        with transaction.atomic():
            if "_cancel" in request.POST:
                publications.cancel_plan(article, given["languages"], begin)
                sentence = _("%(languages)s is planned no more.") % names
            else:
                publications.move_plan(article, given["languages"], begin, at=given["at"], until=given["until"])
                date = moments.full(given["at"])
                sentence = _("%(languages)s is planned for %(date)s Berlin time.") % {**names, "date": date}
    except NotPlanned as refused:
        form.add_error(None, str(refused))
        return False
    except IntegrityError:  # refused by the record: it began between our SELECT and UPDATE
        form.add_error(None, _("It has become public meanwhile."))
        return False
    messages.success(request, sentence)
    return True
