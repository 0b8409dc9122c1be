"""Topics, authors and the boilerplates of press releases in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news.admin.shared import SharedAdmin
from news.models import Author, AuthorAddress, Boilerplate, Publication, Topic, TopicAddress
from news.pictures.chooser import PictureWidget
from news.pictures.figures import FIGURE
from news.writing.drafting import followed, slug_of
from news.writing.editor import RichTextField
from sccon.admin.fields import named_by_language
from sccon.admin_lists import HouseAdmin
from sccon.clock import Clock
from sccon.translated import NAMES

TOPIC_SLUG = 80


class TopicForm(forms.ModelForm):
    """Makes missing slugs from the names, which they follow until a public text has the topic, or somebody touches them.

    Refuses one that another topic has or had.
    """

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        if "name_en" in self.fields:
            self.fields["name_en"].required = False  # without it the topic has no English page

    def _slug(self, language: str) -> str | None:
        slug = slug_of(self.cleaned_data.get(f"slug_{language}") or "", TOPIC_SLUG)
        was, now = self.initial.get(f"name_{language}") or "", self.cleaned_data.get(f"name_{language}") or ""
        if not slug or (f"slug_{language}" not in self.changed_data and not self._shown):
            slug = followed(slug, was=was, now=now, longest=TOPIC_SLUG)
        if slug and TopicAddress.objects.filter(language=language, slug=slug).exclude(topic=self.instance.pk).exists():
            raise ValidationError(_("Another topic has, or had, this address."))
        return slug or None

    @cached_property
    def _shown(self) -> bool:
        return bool(self.instance.pk) and Topic.objects.shown().filter(pk=self.instance.pk).exists()

    def clean_slug_de(self) -> str | None:
        return self._slug("de")

    def clean_slug_en(self) -> str | None:
        return self._slug("en")


@admin.register(Topic)
class TopicAdmin(SharedAdmin):
    form = TopicForm
    list_display = ("tile", "name", "english", "articles_count")
    list_display_links = ("name",)
    search_fields = ("name_de", "name_en", "description_de", "description_en")
    actions = None
    fieldsets = (
        (gettext_lazy("Name"), {"classes": ["pair"], "fields": ["name_de", "name_en", "slug_de", "slug_en"]}),
        (gettext_lazy("Description"), {"classes": ["pair"], "fields": ["description_de", "description_en"]}),
        (gettext_lazy("Appearance"), {"classes": ["pair"], "fields": ["accent"]}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Topic]:
        return super().get_queryset(request).annotate(articles_total=Count("article_topics"))

    @admin.display(description=gettext_lazy("Colour"))
    def tile(self, topic: Topic) -> str:
        return render_to_string("admin/news/thumbnail.html", {"topic": topic, "name": topic})

    @admin.display(description=NAMES["en"], ordering="name_en")
    def english(self, topic: Topic) -> str:
        return topic.name_en or "–"

    @admin.display(description=gettext_lazy("Articles"), ordering="articles_total")
    def articles_count(self, topic: Any) -> int:
        return topic.articles_total


class AuthorForm(forms.ModelForm):
    """Makes a missing slug from the name, which it follows as a topic's does; refuses one that another author has or had."""

    def clean_slug(self) -> str | None:
        slug = slug_of(self.cleaned_data.get("slug") or "")
        if not slug or ("slug" not in self.changed_data and not self._shown()):
            was, now = self.initial.get("name") or "", self.cleaned_data.get("name") or ""
            slug = followed(slug, was=was, now=now)
        if slug and AuthorAddress.objects.filter(slug=slug).exclude(author=self.instance.pk).exists():
            raise ValidationError(_("Another author has, or had, this address."))
        return slug or None

    def _shown(self) -> bool:
        begun = Publication.objects.filter(author=self.instance.pk, visible__startswith__lte=Clock())
        return bool(self.instance.pk) and begun.exists()


@admin.register(Author)
class AuthorAdmin(SharedAdmin):
    form = AuthorForm
    list_display = ("name", "role", "articles_count")
    search_fields = ("name", "role_de", "role_en", "email")
    actions = None
    fieldsets = (
        (None, {"classes": ["pair"], "fields": ["name", "slug", "email", "phone", "role_de", "role_en"]}),
        (gettext_lazy("Portrait"), {"classes": ["picture"], "fields": ["portrait"]}),
    )

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest | None, **options: Any) -> Any:
        if db_field.name == "portrait":
            return db_field.formfield(widget=PictureWidget)
        return super().formfield_for_dbfield(db_field, request, **options)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Author]:
        return super().get_queryset(request).annotate(articles_total=Count("articles"))

    @admin.display(description=gettext_lazy("Articles"), ordering="articles_total")
    def articles_count(self, author: Any) -> int:
        return author.articles_total


class BoilerplateForm(forms.ModelForm):
    """Refuses pictures, which would not be shown."""

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        if "title_en" in self.fields:
            self.fields["title_en"].required = False  # not needed for releases in German only

    def _text(self, language: str) -> str | None:
        text = self.cleaned_data.get(f"text_{language}")
        if FIGURE.search(text or ""):
            raise ValidationError(_("Pictures and tables cannot stand here."))
        if text and not self.cleaned_data.get(f"title_{language}"):
            self.add_error(f"title_{language}", _("Give it a title in this language: the text stands under it."))
        return text

    def clean_text_de(self) -> str | None:
        return self._text("de")

    def clean_text_en(self) -> str | None:
        return self._text("en")


@admin.register(Boilerplate)
class BoilerplateAdmin(HouseAdmin):
    """Editors may always change it: published releases keep the words of their day."""

    form = BoilerplateForm
    list_display = ("title", "english")
    search_fields = ("title_de", "title_en", "text_de", "text_en")
    actions = None
    fieldsets = ((None, {"classes": ["pair"], "fields": ["title_de", "title_en", "text_de", "text_en"]}),)

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest | None, **options: Any) -> Any:
        if db_field.name in {"text_de", "text_en"}:
            field = RichTextField(language=db_field.name[-2:])
        else:
            field = super().formfield_for_dbfield(db_field, request, **options)
        return named_by_language(db_field, field)

    @admin.display(description=NAMES["en"], ordering="title_en")
    def english(self, boilerplate: Boilerplate) -> str:
        return boilerplate.title_en or "–"
