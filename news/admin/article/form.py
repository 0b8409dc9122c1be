"""The admin of articles: form, fieldsets, saving, and the addresses of an article's other pages."""

from contextlib import suppress
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db import models, transaction
from django.forms import BaseModelFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from news.admin import standing
from news.admin.article import (
    history,
    live,
    plan,
    presence,
    preview,
    preview_links,
    publish,
    review,
    take_down,
    translations,
    unsaved,
)
from news.admin.article import list as article_list
from news.models import Article, Attachment, Publication
from news.pictures.chooser import PictureWidget
from news.publishing.states import State, state
from news.writing import drafting
from news.writing.editor import RichTextField
from news.writing.forms import ArticleForm, AttachmentForm
from news.writing.merging_forms import MergingFormSet
from news.writing.widgets import DayInput
from sccon.admin_lists import HouseFields
from sccon.clock import database_now
from sccon.translated import LANGUAGES, NAMES

TEXTS = ("title", "slug", "lead", "body")


class AttachmentInline(HouseFields, admin.TabularInline):
    media = forms.Media()
    model = Attachment
    form = AttachmentForm
    formset = MergingFormSet
    extra = 1
    template = "admin/news/article/attachments.html"
    verbose_name_plural = gettext_lazy("Files to download")


@admin.register(Article)
class ArticleAdmin(article_list.ArticleList):
    form = ArticleForm
    inlines = (AttachmentInline,)
    change_form_template = "admin/news/article/change_form.html"
    media = forms.Media()  # without jQuery and the admin's own scripts
    empty_words = {
        "author": gettext_lazy("no one named"),
        "contact": gettext_lazy("no one named"),
        "boilerplate": pgettext_lazy("boilerplate", "none"),
        "role": pgettext_lazy("role", "none"),
    }

    # --- The form ---

    def get_fieldsets(self, request: HttpRequest, obj: Article | None = None) -> Any:
        return list(self._fieldsets(request, obj).values())

    def _fieldsets(self, request: HttpRequest, obj: Article | None) -> dict[str, Any]:
        """By the names under which the template places them."""
        filing = ["kind", "author", "topics", "event_last_day", "related"]
        if request.user.is_superuser or (obj and obj.role):
            filing.insert(1, "role")
        picture = ["image", "image_position", "image_alt_de", "image_alt_en", "image_decorative"]
        seo = ["seo_title_de", "seo_title_en", "seo_description_de", "seo_description_en"]
        languages = {
            code: (NAMES[code], {"classes": ["lang", f"lang-{code}"], "fields": [f"{name}_{code}" for name in TEXTS]})
            for code in LANGUAGES
        }
        return languages | {
            "picture": (_("Picture"), {"classes": ["picture"], "fields": picture}),
            "filing": (_("Filing"), {"classes": ["pair", "filing"], "fields": filing}),
            "press": (
                _("Press release"),
                {"classes": ["pair", "press", "collapse"], "fields": ["boilerplate", "contact"]},
            ),
            "seo": (
                _("For search engines and shared links"),
                {"classes": ["pair", "seo", "collapse"], "fields": seo},
            ),
        }

    def get_readonly_fields(self, request: HttpRequest, obj: Article | None = None) -> Any:
        return () if request.user.is_superuser else ("role",)

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest | None, **options: Any) -> Any:
        if db_field.name == "image":
            return db_field.formfield(widget=PictureWidget)
        if db_field.name == "event_last_day":
            return db_field.formfield(widget=DayInput)
        base, _underscore, language = db_field.name.rpartition("_")
        if base == "body":
            return RichTextField(language=language)
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field and db_field.name == "boilerplate":
            field.label = pgettext("field", "Boilerplate")
        if field and db_field.name in {"author", "contact", "boilerplate"}:
            field.widget = field.widget.widget  # without the buttons for related objects
        return field

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict,
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        form = context["adminform"].form
        article = obj or Article(kind=form.initial.get("kind") or Article.Kind.NEWS)
        at = database_now()
        fieldsets = dict(zip(self._fieldsets(request, obj), context["adminform"], strict=True))
        standings = [_standing(article, code, at) | {"fieldset": fieldsets[code]} for code in LANGUAGES]
        begun = obj.publications.filter(visible__startswith__lte=at) if obj else None
        context |= {
            "languages": standings,
            "fieldsets": fieldsets,
            "plans": _plans(standings),
            "was_public": begun.order_by("-visible").first() if begun is not None else None,
            "may_publish": request.user.has_perm(Article.PUBLISH),
            "picture": article.image,
            "waits_for_review": bool(obj) and obj.reviews.open().exists(),
            "may_save": self.has_change_permission(request, obj) if obj else self.has_add_permission(request),
            "typed_is_unsaved": form.is_bound,
            **translations.beside_english(request, obj, form),
            **preview_links.context_of(obj),
            "present": presence.lines(obj, request.user) if obj else [],  # type: ignore[arg-type]
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    # --- Saving ---

    @method_decorator(preview.framing)
    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        if sentence := unsaved.restored_sentence(request):
            messages.info(request, sentence)
        if request.method != "POST" or object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            # Locked before the form is merged with what is stored: whoever saves in the same instant waits, reads
            # this save, and is merged with it.
            if article := self.get_object(request, unquote(object_id)):
                with suppress(Article.DoesNotExist):  # deleted in this instant: the view says so
                    Article.objects.locked(article)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Article, form: ArticleForm, change: bool) -> None:
        """Saves nothing: `save_related` saves article, topics and attachments at once."""

    def save_related(
        self, request: HttpRequest, form: ArticleForm, formsets: list[BaseModelFormSet], change: bool
    ) -> None:
        files: list[Attachment] = []
        removed: list[Attachment] = []
        for formset in formsets:
            files += formset.save(commit=False)
            removed += formset.deleted_objects
        onwards = {"_publish", "_ask"} & request.POST.keys()
        if change and onwards and not (form.has_changed() or files or removed):
            return  # unchanged and on to the next page: no new version
        if change and "_matches" in request.POST and not (form.has_changed() or files or removed):
            translations.confirm(request, form.instance)
        else:
            drafting.save(
                form.instance,
                version=form.started_from,
                by=request.user,  # type: ignore[arg-type]
                topics=form.cleaned_data["topics"],
                related=form.cleaned_data["related"],
                attachments=files,
                removed=removed,
                **translations.answers(request.POST),
            )
        unsaved.say_saved(request, form, formsets, change)

    def response_add(self, request: HttpRequest, obj: Article, post_url_continue: str | None = None) -> HttpResponse:
        return self._saved(request, obj)

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        return self._saved(request, obj)

    def _saved(self, request: HttpRequest, article: Article) -> HttpResponse:
        """On to the question when to publish, or back to the form: an article is seldom finished with a save."""
        if "_publish" in request.POST and request.user.has_perm(Article.PUBLISH):
            return HttpResponseRedirect(reverse("admin:news_article_publish", args=[article.pk]))
        if "_ask" in request.POST:
            return HttpResponseRedirect(reverse("admin:news_article_ask", args=[article.pk]))
        return HttpResponseRedirect(reverse("admin:news_article_change", args=[article.pk]))

    def has_delete_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        if obj and obj.publications.exists():
            return False  # what was public is on record
        return super().has_delete_permission(request, obj)

    # --- Addresses ---

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("add/open/", view(presence.sign_of_life(self)), name="news_article_add_open"),
            path("<int:pk>/open/", view(presence.sign_of_life(self)), name="news_article_open"),
            path("add/checks/", view(live.page(self)), name="news_article_add_checks"),
            path("<int:pk>/checks/", view(live.page(self)), name="news_article_checks"),
            path("add/unsaved/", view(unsaved.compare(self)), name="news_article_add_unsaved"),
            path("<int:pk>/unsaved/", view(unsaved.compare(self)), name="news_article_unsaved"),
            path("<int:pk>/share/", view(preview_links.share(self)), name="news_article_share"),
            path("add/preview/<str:language>/", view(preview.preview_new(self)), name="news_article_add_preview"),
            path("<int:pk>/preview/<str:language>/", view(preview.preview(self)), name="news_article_preview"),
            path("<int:pk>/publish/", view(publish.publish_page), name="news_article_publish"),
            path("<int:pk>/withdraw/", view(publish.withdraw_page), name="news_article_withdraw"),
            path("<int:pk>/review/ask/", view(review.ask_page(self)), name="news_article_ask"),
            path("<int:pk>/review/return/", view(review.return_page(self)), name="news_article_return"),
            path("<int:pk>/review/take-back/", view(review.take_back_page(self)), name="news_article_take_back"),
            path("<int:pk>/plan/<int:publication>/", view(plan.plan_page), name="news_article_plan"),
            path("<int:pk>/take-down/", view(take_down.take_down_page), name="news_article_take_down"),
            path("<int:pk>/pin/", view(publish.pin_page), name="news_article_pin"),
            path("translations/", view(translations.page(self)), name="news_article_translations"),
            path("<int:pk>/history/", view(history.history_page(self)), name="news_article_history"),
            path("<int:pk>/history/<int:number>/", view(history.restore_page(self)), name="news_article_restore"),
            *super().get_urls(),
        ]


def _plans(standings: list[dict[str, Any]]) -> list[Publication]:
    """The plans, one per instant: one page changes both languages of an instant."""
    rows = [row for each in reversed(standings) for row in each["state"].planned]
    plans = {row.visible.lower: row for row in rows}
    return [plans[begin] for begin in sorted(plans)]


def _standing(article: Article, language: str, at: Any) -> dict[str, Any]:
    """What the form shows of the stored article in one language."""
    now = state(article, language, at) if article.pk else State(language)
    return {
        "code": language,
        "name": NAMES[language],
        "state": now,
        "marks": standing.marks(now, in_full=True),
        "short_marks": standing.marks(now),
        **live.checked(article, language, now=now, started=now.started, changes=now.changes),
        "url": now.current.url if now.current else "",
        "public": bool(now.current or now.planned),
    }
