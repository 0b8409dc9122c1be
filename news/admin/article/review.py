"""Pages to request a review, return a text and take a request back; the admin's list of reviews."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news.admin import standing
from news.admin.article.question import and_, back, question_page, states_of
from news.admin.records import RecordAdmin
from news.models import Article, Review
from news.publishing import reviewing
from news.publishing.reviewing import NotReviewable
from sccon import moments
from sccon.admin_lists import ChoiceFilter
from sccon.fields import LinesField
from sccon.translated import LANGUAGES, NAMES


class _LanguagesForm(forms.Form):
    """Choice among the languages for which the action is possible."""

    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Which languages?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one language.")},
    )

    def __init__(self, *args: Any, there: Sequence[str], **options: Any):
        super().__init__(*args, **{"label_suffix": "", **options})
        self.fields["languages"].choices = [(code, NAMES[code]) for code in there]  # type: ignore[attr-defined]


class AskForm(_LanguagesForm):
    note = LinesField(
        label=gettext_lazy("What should they know?"),
        help_text=gettext_lazy("Until when it is wanted, what is checked already. May stay empty."),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
    )


class ReturnForm(_LanguagesForm):
    answer = LinesField(
        label=gettext_lazy("What is to be done?"),
        help_text=gettext_lazy("Who asked reads it at the article and by mail."),
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        error_messages={"required": gettext_lazy("Say what is to be done.")},
    )


class TakeBackForm(_LanguagesForm):
    pass


def ask_page(model_admin: Any) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        article = _article(request, model_admin, pk)
        now = states_of(article)
        there = [code for code in LANGUAGES if now[code].started and not now[code].review]
        wanted = [code for code in there if now[code].changes or not now[code].current]
        form = AskForm(request.POST or None, there=there, initial={"languages": wanted or there})
        if form.is_valid():
            given = form.cleaned_data
            by: Any = request.user
            sentence = _("%(languages)s waits for a review now.")
            if _done(
                request, form, sentence, lambda: reviewing.ask(article, given["languages"], by=by, note=given["note"])
            ):
                return back(article)
        return _page(request, "ask", article, _("Ask for a review"), form, there=there)

    return view


def return_page(model_admin: Any) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm(Article.PUBLISH):
            raise PermissionDenied
        article = _article(request, model_admin, pk)
        there = _waiting(article)
        form = ReturnForm(request.POST or None, there=there, initial={"languages": there})
        if form.is_valid():
            given = form.cleaned_data
            by: Any = request.user
            sentence = _("%(languages)s is returned.")
            if _done(
                request,
                form,
                sentence,
                lambda: reviewing.give_back(article, given["languages"], by=by, answer=given["answer"]),
            ):
                return back(article)
        return _page(request, "return", article, _("Return with a note"), form, there=there)

    return view


def take_back_page(model_admin: Any) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        article = _article(request, model_admin, pk)
        there = _waiting(article)
        form = TakeBackForm(request.POST or None, there=there, initial={"languages": there})
        if form.is_valid():
            given = form.cleaned_data
            by: Any = request.user
            sentence = _("%(languages)s no longer waits for a review.")
            if _done(request, form, sentence, lambda: reviewing.take_back(article, given["languages"], by=by)):
                return back(article)
        return _page(request, "take_back", article, _("Take the request back"), form, there=there)

    return view


def _article(request: HttpRequest, model_admin: Any, pk: int) -> Article:
    article = get_object_or_404(Article.objects.select_related("saved_by", "image"), pk=pk)
    if not model_admin.has_change_permission(request, article):
        raise PermissionDenied
    return article


def _waiting(article: Article) -> list[str]:
    found = set(article.reviews.open().values_list("language", flat=True))
    return [code for code in LANGUAGES if code in found]


def _done(request: HttpRequest, form: _LanguagesForm, sentence: str, act: Callable[[], list[Review]]) -> bool:
    """Runs `act` and adds a message; False if the form now has the reason why not."""
    try:
        act()
    except NotReviewable as refused:
        form.add_error(None, str(refused))
        return False
    names = and_([NAMES[language] for language in form.cleaned_data["languages"]])
    messages.success(request, sentence % {"languages": names})
    return True


def _page(
    request: HttpRequest, name: str, article: Article, title: str, form: _LanguagesForm, *, there: list[str]
) -> HttpResponse:
    now = states_of(article)
    chosen = form["languages"].value() or []
    context = {
        "form": form,
        "there": there,
        "choices": [
            {
                "code": code,
                "name": NAMES[code],
                "marks": standing.marks(now[code]),
                "there": code in there,
                "checked": code in chosen,
            }
            for code in LANGUAGES
        ],
        "reviews": [review for code in LANGUAGES if (review := now[code].review)],
        "publishers": [person for person in reviewing.publishers() if person != request.user] if name == "ask" else [],
    }
    return question_page(request, f"admin/news/article/{name}.html", article, title, context)


# --- The list ---------------------------------------------------------------------------------


class StandingFilter(ChoiceFilter):
    title, parameter_name = gettext_lazy("state"), "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list:
        return [("open", gettext_lazy("waits")), *Review.Decision.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Review]) -> QuerySet[Review]:
        if self.value() == "open":
            return queryset.filter(decided_at__isnull=True)
        return queryset.filter(decision=self.value()) if self.value() else queryset


class OwnFilter(ChoiceFilter):
    title, parameter_name = gettext_lazy("asked by"), "asked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list:
        return [("me", gettext_lazy("me")), ("others", gettext_lazy("others"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Review]) -> QuerySet[Review]:
        mine = Q(asked_by=request.user)
        return queryset.filter({"me": mine, "others": ~mine}[str(self.value())]) if self.value() else queryset


@admin.register(Review)
class ReviewAdmin(RecordAdmin):
    """Open reviews, oldest first, then decided ones."""

    list_display = ("article_link", "language", "since", "asker", "note", "state")
    list_display_links = None
    list_filter = (StandingFilter, OwnFilter, "language")
    search_fields = ("article__title_de", "article__title_en", "note", "answer")
    list_select_related = ("article", "asked_by", "decided_by")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        return reviewing.with_outdated(super().get_queryset(request))

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        return ["-decided_at", "asked_at", "pk"]  # descending, PostgreSQL sorts NULL (no decision) first

    @admin.display(description=gettext_lazy("Article"))
    def article_link(self, review: Review) -> str:
        url = reverse("admin:news_article_change", args=[review.article_id])
        title = review.article.text("title", review.language) or review.article
        return format_html('<a class="title" href="{}" lang="{}">{}</a>', url, review.language, title)

    @admin.display(description=gettext_lazy("Asked"), ordering="asked_at")
    def since(self, review: Review) -> str:
        return moments.short(review.asked_at)

    @admin.display(description=gettext_lazy("By"))
    def asker(self, review: Review) -> str:
        return str(review.asked_by or "–")

    @admin.display(description=gettext_lazy("State"))
    def state(self, review: Review) -> str:
        return render_to_string("admin/news/marks.html", {"marks": standing.review_marks(review)})
