"""The page of a text that is planned: another time for it, or none."""

from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from news.admin import standing
from news.admin.article.publish import and_, article_of, back, question_page
from news.models import Article, Publication
from news.publishing import checks, publications
from news.publishing.publications import NotPlanned
from news.record_forms import PlanForm
from sccon.clock import database_now
from sccon.translated import NAMES


def plan_page(request: HttpRequest, pk: int, publication: int) -> HttpResponse:
    article = article_of(request, pk, "news.publish_article")
    row = get_object_or_404(Publication, pk=publication, article=article, continues=False)
    begin = row.visible.lower
    rows = list(article.publications.filter(visible__startswith=begin, continues=False).order_by("language"))
    there = [each.language for each in rows]
    open_still = begin > database_now()
    form = PlanForm(request.POST or None, there=there, begin=begin, end=_own_end(row))
    if open_still and form.is_valid() and _act(request, article, row, form):
        return back(article)
    context = {
        "form": form,
        "rows": rows,
        "begin": begin,
        "open_still": open_still,
        "choices": [{"row": each, "checked": each.language in (form["languages"].value() or [])} for each in rows],
        "instead": [_instead(each) for each in rows],
        "failing": [(each, found) for each in rows if (found := checks.failing(each))] if open_still else [],
    }
    return question_page(request, "admin/news/article/plan.html", article, _("What is planned"), context)


def _own_end(row: Publication) -> Any:
    """When it ends by itself; None when it goes on, or only until the next version."""
    end = row.visible.upper
    rows = Publication.objects.filter(article=row.article_id, language=row.language)
    return None if end is None or rows.filter(visible__startswith=end).exists() else end


def _instead(row: Publication) -> str:
    """What readers find in place of a plan that is given up."""
    rows = Publication.objects.filter(article=row.article_id, language=row.language)
    before = rows.filter(visible__endswith=row.visible.lower).first()
    details = {"language": NAMES[row.language], "title": before}
    if before is None:
        return _("%(language)s: nothing appears; the text stays a draft.") % details
    if row.visible.upper is None:
        return _("%(language)s: “%(title)s” stays in its place.") % details
    details["date"] = standing.weekday(row.visible.upper)
    return _("%(language)s: “%(title)s” stays in its place until %(date)s Berlin time.") % details


def _act(request: HttpRequest, article: Article, row: Publication, form: PlanForm) -> bool:
    """Moves the plan or gives it up, and says so; False when the form now says why not."""
    given, begin = form.cleaned_data, row.visible.lower
    names = {"languages": and_([NAMES[language] for language in given["languages"]])}
    try:
        with transaction.atomic():
            if "_cancel" in request.POST:
                publications.cancel_plan(article, given["languages"], begin)
                sentence = _("%(languages)s is planned no more.") % names
            else:
                publications.move_plan(article, given["languages"], begin, at=given["at"], until=given["until"])
                date = standing.full(given["at"])
                sentence = _("%(languages)s is planned for %(date)s Berlin time.") % {**names, "date": date}
    except NotPlanned as refused:
        form.add_error(None, str(refused))
        return False
    except IntegrityError:  # the record refuses: its time came between our look and our write
        form.add_error(None, _("It has become public meanwhile."))
        return False
    messages.success(request, sentence)
    return True
