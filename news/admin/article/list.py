"""The admin's list of articles: columns, filters, saved views and search."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import ExtractYear
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from news.admin import desk, standing
from news.models import Article, Publication, Review, Withdrawal
from news.publishing.states import changed, states
from news.reading.queries import load_renditions
from news.search import finding
from news.versions import translating
from sccon import moments
from sccon.admin_lists import ChoiceFilter, HouseAdmin
from sccon.clock import page_instant
from sccon.translated import LANGUAGES, NAMES


def rows(language: str, **lookups: object) -> Exists:
    """Condition: the article has such a publication in `language`."""
    return Exists(Publication.objects.filter(article=OuterRef("pk"), language=language, **lookups))


def in_state(word: str, language: str, moment: Any) -> Q:
    """Condition in SQL: `State.word` of the article is `word`."""
    live = Q(rows(language, visible__contains=moment))
    planned = Q(rows(language, visible__startswith__gt=moment, continues=False))
    gone = Q(Exists(Withdrawal.objects.filter(article=OuterRef("pk"), language=language)))
    was = Q(rows(language))
    text = translating.has_text(language)
    return {
        "live": live,
        "planned": planned,
        "gone": ~live & ~planned & (gone | was),
        "draft": ~was & ~gone & text,
        "missing": ~was & ~gone & ~text,
    }[word]


class LanguageState(ChoiceFilter):
    """Filter by the state in one language, which subclasses set."""

    language = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list:
        return [
            ("draft", _("Draft")),
            ("planned", _("Planned")),
            ("live", _("Public")),
            ("changed", _("Unpublished changes")),
            ("gone", _("Withdrawn or ended")),
            ("missing", _("Missing")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        if self.value() == "changed":
            return queryset.filter(pk__in=changed(self.language, page_instant(request)))
        if self.value() == "outdated":
            return queryset.filter(pk__in=translating.outdated())
        if self.value():
            return queryset.filter(in_state(str(self.value()), self.language, page_instant(request)))
        return queryset


class GermanState(LanguageState):
    title, parameter_name, language = NAMES["de"], "de", "de"


class EnglishState(LanguageState):
    title, parameter_name, language = NAMES["en"], "en", "en"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list:
        return [*super().lookups(request, model_admin), ("outdated", _("Outdated"))]


class YearFilter(ChoiceFilter):
    title, parameter_name = _("year"), "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        years = Publication.objects.order_by().values_list(ExtractYear("first_published_at"), flat=True).distinct()
        return [(str(year), str(year)) for year in sorted(years, reverse=True)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        if not (year := self.value()):
            return queryset
        first = Publication.objects.filter(article=OuterRef("pk"), first_published_at__year=year)
        return queryset.filter(Exists(first))


class PictureFilter(ChoiceFilter):
    title, parameter_name = _("picture"), "picture"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list:
        return [("yes", _("With a picture")), ("no", _("Without a picture"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        if self.value():
            return queryset.filter(image__isnull=self.value() == "no")
        return queryset


class ViewFilter(ChoiceFilter):
    """The saved views above the list; the template shows them, not the filter column."""

    title, parameter_name = _("view"), "view"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list:
        return [
            ("mine", _("Mine")),
            ("review", _("In review")),
            ("returned", _("Returned to me")),
            ("planned", _("Planned")),
            ("changed", _("Changes open")),
            ("ending", _("Ending soon")),
            ("no-english", _("Without English")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        return queryset.filter(self.condition(request, str(self.value()))) if self.value() else queryset

    def condition(self, request: HttpRequest, view: str) -> Q:
        moment = page_instant(request)
        if view == "mine":
            return Q(created_by=request.user) | Q(saved_by=request.user)
        if view == "review":
            return Q(Exists(Review.objects.open().filter(article=OuterRef("pk"))))
        if view == "returned":
            return Q(pk__in=desk.returned_to(request.user).values("article"))  # type: ignore[arg-type]
        if view == "ending":
            return Q(pk__in=desk.ending(moment).values("article"))
        if view == "planned":
            return in_state("planned", "de", moment) | in_state("planned", "en", moment)
        if view == "changed":
            return Q(pk__in={pk for language in LANGUAGES for pk in changed(language, moment)})
        return in_state("missing", "en", moment)


@dataclass(frozen=True)
class View:
    """A link above the list, with the number of its articles."""

    name: str | Promise
    url: str
    count: int
    current: bool


class ArticleChangeList(ChangeList):
    """Fetches states, topics and thumbnails for the rows of a page, in a constant number of queries."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.request = request
        moment = page_instant(request)
        articles = self.result_list = list(self.result_list)
        for language in LANGUAGES:
            found = states(articles, language, moment)
            for article in articles:
                setattr(article, f"marks_{language}", standing.marks(found[article.pk]))
        load_renditions(article.image for article in articles if article.image)

    def views(self) -> Iterator[View]:
        chosen = self.params.get("view")
        spec = next(spec for spec in self.filter_specs if isinstance(spec, ViewFilter))
        everything = self.model_admin.get_queryset(self.request)
        yield View(_("All"), "?", everything.count(), not chosen and not self.has_active_filters)
        for key, name in spec.lookup_choices:
            count = everything.filter(spec.condition(self.request, key)).count()
            yield View(name, f"?{urlencode({'view': key})}", count, chosen == key)


class ArticleList(HouseAdmin):
    """The half of `ArticleAdmin` that is its list."""

    list_display = ("thumbnail", "headline", "german", "english", "last_saved")
    list_display_links = None
    list_filter = (
        ViewFilter,
        GermanState,
        EnglishState,
        "kind",
        ("topics", admin.RelatedOnlyFieldListFilter),
        ("author", admin.RelatedOnlyFieldListFilter),
        YearFilter,
        PictureFilter,
    )
    list_per_page = 20
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("index__search",)  # switches the search on; see `get_search_results`
    ordering = ("-saved_at",)
    list_select_related = ("image", "author", "saved_by")
    actions = None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Article], search_term: str
    ) -> tuple[QuerySet[Article], bool]:
        """Search of the list and of autocomplete fields, with the same syntax as the public search."""
        return queryset.filter(finding.drafts(search_term)), False

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return ArticleChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        return super().get_queryset(request).prefetch_related("article_topics__topic")

    @admin.display(description=_("Picture"))
    def thumbnail(self, article: Article) -> str:
        topic = next((part.topic for part in article.article_topics.all()), None)
        return render_to_string(
            "admin/news/thumbnail.html", {"image": article.image, "topic": topic, "name": topic or article}
        )

    @admin.display(description=_("Title"), ordering="title_de")
    def headline(self, article: Article) -> str:
        topics = [part.topic for part in article.article_topics.all()]
        return render_to_string("admin/news/article/headline.html", {"article": article, "topics": topics})

    @admin.display(description=NAMES["de"])
    def german(self, article: Article) -> str:
        return render_to_string("admin/news/marks.html", {"marks": article.marks_de})  # type: ignore[attr-defined]

    @admin.display(description=NAMES["en"])
    def english(self, article: Article) -> str:
        return render_to_string("admin/news/marks.html", {"marks": article.marks_en})  # type: ignore[attr-defined]

    @admin.display(description=_("Last saved"), ordering="saved_at")
    def last_saved(self, article: Article) -> str:
        context = {"when": moments.short(article.saved_at), "who": article.saved_by}
        return render_to_string("admin/news/when.html", context)
