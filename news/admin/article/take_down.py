"""Pages of the legal take-down: a form, a summary of the consequences, then the take-down."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from news.admin.article.question import article_of, back, question_page
from news.models import Article, Publication
from news.publishing import take_down
from news.publishing.publications import NotWithdrawable
from news.publishing.take_down import TakenDown
from sccon.fields import LinesField


class TakeDownForm(forms.Form):
    """The texts of the record, whether the draft too, and the reason."""

    texts: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        Publication.objects.none(),
        label=gettext_lazy("Which texts?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one text.")},
    )
    drafts = forms.BooleanField(
        label=gettext_lazy("Also the draft and all its versions, in the languages of these texts"), required=False
    )
    reason = LinesField(
        label=gettext_lazy("Why?"),
        help_text=gettext_lazy(
            "The judgement or the request, with its date. It stays on record; do not repeat here what must go."
        ),
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": gettext_lazy("Give the reason: it stays on record.")},
    )

    def __init__(self, *args: Any, texts: Sequence[Publication], **options: Any):
        options["initial"] = {"texts": [row.pk for row in texts], "drafts": True}
        super().__init__(*args, **{"label_suffix": "", **options})
        self.fields["texts"].queryset = Publication.objects.filter(pk__in=[row.pk for row in texts])  # type: ignore[attr-defined]


def take_down_page(request: HttpRequest, pk: int) -> HttpResponse:
    article = article_of(request, pk, Article.PUBLISH)
    texts = take_down.readable(article)
    form = TakeDownForm(request.POST or None, texts=texts)
    context = {"form": form, "texts": texts, "taken_down": article.publications.exclude(redacted_at=None)}
    if form.is_valid():
        sure = "_confirmed" in request.POST
        try:
            gone = _take_down(request, article, form, for_ever=sure)
        except NotWithdrawable as refused:
            form.add_error(None, str(refused))
        else:
            if sure:
                messages.success(request, _("Taken down: %(what)s.") % {"what": ", ".join(in_words(gone))})
                return back(article)
            context |= {"gone": in_words(gone), "chosen": form.cleaned_data["texts"]}
            return question_page(
                request, "admin/news/article/take_down_sure.html", article, _("Take down for ever?"), context
            )
    chosen = [str(pk) for pk in form["texts"].value() or []]
    context["choices"] = [{"row": row, "checked": str(row.pk) in chosen} for row in texts]
    return question_page(request, "admin/news/article/take_down.html", article, _("Take down"), context)


def _take_down(request: HttpRequest, article: Article, form: TakeDownForm, *, for_ever: bool) -> TakenDown:
    """Takes down, or only tries it and rolls back, to count what would go."""
    given = form.cleaned_data
    with transaction.atomic():
        gone = take_down.take_down(
            article,
            list(given["texts"]),
            reason=given["reason"],
            by=request.user,  # type: ignore[arg-type]
            drafts=given["drafts"],
        )
        transaction.set_rollback(not for_ever)
    return gone


def in_words(gone: TakenDown) -> list[str]:
    """What is deleted, as phrases."""
    counted = [
        (gone.texts, ngettext("%(count)d text", "%(count)d texts", gone.texts)),
        (gone.images, ngettext("%(count)d picture", "%(count)d pictures", gone.images)),
        (gone.files, ngettext("%(count)d file", "%(count)d files", gone.files)),
        (gone.versions, ngettext("%(count)d version of the draft", "%(count)d versions of the draft", gone.versions)),
        (gone.reviews, ngettext("%(count)d review", "%(count)d reviews", gone.reviews)),
        (gone.mails, ngettext("%(count)d mail", "%(count)d mails", gone.mails)),
        (gone.log, ngettext("%(count)d line of the admin’s log", "%(count)d lines of the admin’s log", gone.log)),
        (gone.technical, ngettext("%(count)d technical copy", "%(count)d technical copies", gone.technical)),
    ]
    return [phrase % {"count": count} for count, phrase in counted if count]
