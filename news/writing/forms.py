"""The form of an article, with its topics and attachments."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from news.models import Article, Attachment, Topic
from news.pictures.attachments import clean_attachment, title_from
from news.pictures.library import UploadRefused
from news.writing import drafting
from news.writing.merging_forms import MergingForm, MergingFormSet
from news.writing.widgets import ArticlePicker, FixedText, OrderedTopics
from sccon.translated import LANGUAGES
from sccon.typography import SPELT

RESTORE = "_restore"  # posted to show the form again with the unsaved text that the browser kept
MOST_TOPICS = 3
LINES = {"title": 2, "lead": 4, "seo_description": 3, "image_alt": 2}
LONGEST = {"lead": 10_000}  # otherwise than in the model: what is too long for a lead is a hint, and never lost
ADVICE = {  # length from which lists or search engines cut it off; counted while typing
    "title": 90,
    "lead": 300,
    "seo_title": 60,
    "seo_description": 160,
}


class TopicsField(forms.ModelMultipleChoiceField):
    """Topics in the order that the editor chose; cleaned to a list."""

    widget = OrderedTopics

    def clean(self, value: Sequence[str]) -> list[Topic]:  # type: ignore[override]
        chosen = {str(topic.pk): topic for topic in super().clean(value)}
        if len(chosen) > MOST_TOPICS:
            sentence = ngettext_lazy("Choose at most %d topic.", "Choose at most %d topics.", MOST_TOPICS)
            raise ValidationError(sentence % MOST_TOPICS)
        return [chosen[key] for key in dict.fromkeys(value or [])]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return [str(self.prepare_value(topic)) for topic in initial or []] != list(data or [])


class ArticleForm(MergingForm):
    """An article in both languages. Never overwrites a version that its author has not seen (see `MergingForm`)."""

    topics = TopicsField(
        Topic.objects.all(),
        required=False,
        label=gettext_lazy("Topics"),
        help_text=gettext_lazy("One to three; number 1 stands above the title."),
    )
    related: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        Article.objects.all(),
        required=False,
        label=gettext_lazy("Related articles"),
        help_text=gettext_lazy("Shown under the text while they are public."),
        widget=ArticlePicker,
    )

    class Meta:
        model = Article
        fields: Sequence[str] = ()

    def __init__(self, *args: Any, **options: Any):
        options.setdefault("label_suffix", "")
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial["topics"] = [part.topic_id for part in self.instance.article_topics.all()]
        self._dress_fields()

    def _dress_fields(self) -> None:
        """Sets label (without modeltranslation's suffix), `lang`, rows and lengths of the translated fields."""
        fixed = drafting.fixed_slugs(self.instance)
        for name, field in self.fields.items():
            base, _underscore, language = name.rpartition("_")
            if language not in LANGUAGES:
                continue
            label = str(getattr(Article._meta.get_field(base), "verbose_name", base))
            field.label = label[:1].upper() + label[1:]
            field.widget.attrs["lang"] = language
            field.empty_value = None  # type: ignore[attr-defined]  # absent, also when only spaces were typed
            if base in LONGEST:
                field.max_length = LONGEST[base]  # type: ignore[attr-defined]
                field.validators = [*field.default_validators, MaxLengthValidator(LONGEST[base])]
            if base in LINES:
                field.widget = forms.Textarea({"rows": LINES[base], "lang": language, "class": "grows"})
            if base in ADVICE:
                field.widget.attrs |= {"data-advice": ADVICE[base]}
                if base not in LONGEST:
                    field.widget.attrs["maxlength"] = getattr(field, "max_length", None)
                field.help_text = _("Up to %(count)d characters are shown everywhere.") % {"count": ADVICE[base]}
            if base == "image_alt":  # both languages are below each other, outside the languages' columns
                field.label = (
                    _("Alternative text here, German") if language == "de" else _("Alternative text here, English")
                )
                field.help_text = _("Empty: what the library says of the picture.")
            if base == "slug":
                self._dress_slug(field, language, language in fixed)

    def _dress_slug(self, field: forms.Field, language: str, fixed: bool) -> None:
        field.disabled = fixed
        if fixed:
            field.widget = FixedText()
            field.help_text = _("Fixed, because readers may have it.")
        else:
            field.widget.attrs |= {"data-slug-of": f"id_title_{language}", "data-spelt": SPELT}
            field.help_text = _("Empty: made from the title when you save.")

    def is_valid(self) -> bool:
        return super().is_valid() and RESTORE not in self.data

    def _clean_slug(self, language: str) -> str | None:
        typed = self.cleaned_data.get(f"slug_{language}")
        slug = drafting.slug_of(typed or "")
        if typed and not slug:
            raise ValidationError(_("Use letters and digits."))
        return slug or None

    def clean_slug_de(self) -> str | None:
        return self._clean_slug("de")

    def clean_slug_en(self) -> str | None:
        return self._clean_slug("en")

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        self.merge(cleaned)
        if cleaned.get("image_decorative") and (cleaned.get("image_alt_de") or cleaned.get("image_alt_en")):
            sentence = _("A decorative picture has no alternative text: empty the texts, or untick this.")
            self.add_error("image_decorative", sentence)
        if cleaned.get("role") and cleaned.get("kind") != Article.Kind.PAGE:
            self.add_error("role", _("Only a page can have this."))
        return cleaned


def _titled(cleaned: dict[str, Any]) -> bool:
    return bool(cleaned.get("title_de") or cleaned.get("title_en"))


class PlaceField(forms.IntegerField):
    """Where among others something stands, from 1; without a number it stays where it is."""

    def __init__(self, **options: Any):
        super().__init__(required=False, min_value=1, max_value=MergingFormSet.absolute_most, **options)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return data not in self.empty_values and super().has_changed(initial, data)


class AttachmentForm(forms.ModelForm):
    """An attachment; a new upload is checked before it is stored."""

    place = PlaceField(label=gettext_lazy("Place"))

    class Meta:
        model = Attachment
        fields = ("file", "title_de", "title_en")
        widgets = {"file": forms.FileInput}

    def __init__(self, *args: Any, **options: Any):
        options["label_suffix"] = ""
        super().__init__(*args, **options)
        for language, label in (("de", _("German title")), ("en", _("English title"))):
            self.fields[f"title_{language}"].label = label
            self.fields[f"title_{language}"].widget.attrs["lang"] = language
            self.fields[f"title_{language}"].empty_value = None  # type: ignore[attr-defined]

    @property
    def forgotten(self) -> str:
        """Name of a file that was chosen in a form that was refused: browsers do not keep it."""
        upload = self.files.get(self.add_prefix("file")) if self.is_bound else None
        return str(upload.name) if upload and "file" not in self.errors else ""

    def clean_file(self) -> object:
        upload = self.cleaned_data["file"]
        if isinstance(upload, UploadedFile):
            try:
                self.kept = clean_attachment(upload)
            except UploadRefused as refused:
                raise ValidationError(str(refused)) from refused
        return upload

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        if isinstance(cleaned.get("file"), UploadedFile) and not self.instance.pk and not _titled(cleaned):
            language = "en" if self.data.get("title_en") and not self.data.get("title_de") else "de"
            cleaned[f"title_{language}"] = title_from(self.cleaned_data["file"].name or "") or None
        if cleaned.get("file") and not _titled(cleaned):
            self.add_error("title_de", _("Give it a title in at least one language: only there it is shown."))
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # what the instance becomes
        if kept := getattr(self, "kept", None):
            self.instance.file.name, self.instance.size = kept.path, kept.size
