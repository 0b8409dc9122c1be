"""For translators: changes of the German beside the English, and a page of all articles to translate."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case, DateTimeField, F, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from news.admin import standing
from news.models import Article
from news.publishing.states import states
from news.versions import comparing, snapshots, translating
from news.versions.written import translated_texts
from news.writing.forms import ArticleForm
from sccon import moments
from sccon.admin.pages import own_page
from sccon.clock import page_instant
from sccon.translated import LANGUAGES, NAMES

PER_PAGE = 50


# --- In the article's form ------------------------------------------------------------------------


def beside_english(request: HttpRequest, article: Article | None, form: ArticleForm) -> dict[str, Any]:
    """Context of the article form: whether the English is outdated, and which German changes it misses.

    What a save means for the English is asked with a text that was changed. In a form that comes back – refused,
    merged, restored – the answer is the one that was given, and none where nothing was asked.
    """
    if article is None or not article.pk:
        return {}
    since = translating.outdated([article.pk]).get(article.pk)
    has_english = article.has_text("en")
    names = set(form.changed_data) if form.is_bound else set()
    changed = [code for code in LANGUAGES if names & {f"{name}_{code}" for name in translated_texts()}]
    context: dict[str, Any] = {
        "asks_translation": True,
        "asks_spares": has_english and not since,
        "says_spares": "spares_translations" in request.POST,
        "says_matches": not form.is_bound or ("en" in changed and "english_matches" in request.POST),
        "changed_languages": changed,
    }
    if since:
        stored = Article.objects.get(pk=article.pk)  # the form has put typed values into `article`
        context |= {"german_changes": _german_changes(stored), "outdated_since": moments.full(since)}
        if confirmed := translating.last_confirmed(stored):
            context |= {"confirmed_by": confirmed.by, "confirmed_on": moments.full(confirmed.at)}
    return context


def _german_changes(article: Article) -> list[comparing.FieldDiff]:
    if article.en_matches is None:
        return []
    try:
        matched = snapshots.snapshot(article, article.en_matches)
    except snapshots.UnknownVersion:
        return []
    return comparing.german_since(matched, snapshots.current(article))


def answers(posted: Mapping[str, Any]) -> dict[str, Any]:
    """The answers in the form on the translation, as arguments of `drafting.save`."""
    matches: bool | None = None  # if the English was changed
    if "_matches" in posted:
        matches = True
    elif "translation_asked" in posted and "english_matches" not in posted:
        matches = False
    return {"english_matches": matches, "spares_translations": "spares_translations" in posted}


def confirm(request: HttpRequest, article: Article) -> None:
    """“The English still fits”: confirmed without a new version."""
    translating.confirm(article, version=article.version, by=request.user)  # type: ignore[arg-type]


# --- The page of all articles ---------------------------------------------------------------------


def _choices() -> list[tuple[str, str]]:
    return [
        ("needed", _("Needs translation")),
        ("outdated", _("Outdated")),
        ("missing", _("Missing")),
        ("all", _("All")),
    ]


def page(model_admin: Any) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        if not model_admin.has_view_or_change_permission(request):
            raise PermissionDenied
        articles = _waiting(Article.objects.all())
        show = request.GET.get("show", "needed")
        show = show if show in dict(_choices()) else "needed"
        newest_first = request.GET.get("order") == "newest"
        order = F("waiting_since").desc(nulls_last=True) if newest_first else F("waiting_since").asc(nulls_last=True)
        chosen = articles.filter(_condition(show))
        rows = Paginator(chosen.order_by(order, "pk"), PER_PAGE).get_page(request.GET.get("page"))
        counts = {code: articles.filter(_condition(code)).count() for code, _name in _choices()}
        context = {
            "rows": _rows(list(rows), request),
            "language_names": NAMES.values(),
            "page": rows,
            "views": [
                {"name": name, "url": _query(show=code, order="newest" if newest_first else ""), "count": counts[code]}
                | {"current": code == show}
                for code, name in _choices()
            ],
            "newest_first": newest_first,
            "turned": _query(show=show, order="" if newest_first else "newest"),
            "older_page": _query(show=show, order=request.GET.get("order", ""), page=rows.number - 1),
            "next_page": _query(show=show, order=request.GET.get("order", ""), page=rows.number + 1),
        }
        return own_page(request, "admin/news/translations.html", Article, _("Translations"), context)

    return never_cache(view)


def _query(**given: Any) -> str:
    return "?" + urlencode({name: value for name, value in given.items() if value})


def _waiting(articles: QuerySet[Any]) -> QuerySet[Any]:
    """Annotates `waiting_since`: since when the translation has been missing or outdated."""
    return translating.with_outdated_since(articles).annotate(
        waiting_since=Case(
            When(outdated_since__isnull=False, then=F("outdated_since")),
            When(translating.needs_translation(), then=F("created_at")),
            output_field=DateTimeField(null=True),
        )
    )


def _condition(show: str) -> Q:
    outdated = Q(outdated_since__isnull=False)
    return {
        "needed": outdated | translating.needs_translation(),
        "outdated": outdated,
        "missing": translating.needs_translation(),
        "all": Q(),
    }[show]


def _rows(articles: list[Any], request: HttpRequest) -> list[dict[str, Any]]:
    """The rows of the page; the number of queries does not depend on how many they are."""
    editors = translating.last_editors(articles)
    found = {language: states(articles, language, page_instant(request)) for language in LANGUAGES}
    return [
        {
            "article": article,
            "since": moments.short(article.waiting_since) if article.waiting_since else "",
            "languages": [
                {
                    "name": NAMES[language],
                    "marks": _marks(article, found[language][article.pk]),
                    "editor": editors[article.pk].get(language),
                }
                for language in LANGUAGES
            ],
        }
        for article in articles
    ]


def _marks(article: Article, state: Any) -> list[standing.Mark]:
    marks = [mark for mark in standing.marks(state) if mark.shape != "changed"]
    if state.language == "en" and state.started and not state.outdated_since and article.en_matches is not None:
        marks.append(standing.Mark("done", _("up to date")))
    return marks
