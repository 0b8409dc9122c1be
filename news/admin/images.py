"""The picture library in the admin: upload, focal point, descriptions, and where each picture is used."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news.admin.image_uploads import upload_many
from news.admin.shared import SharedAdmin
from news.models import Article, Image, Publication, PublicationImage
from news.pictures import chooser
from news.pictures.library import UploadRefused, create_image, focus, replace_file
from news.publishing.shared import drafts_with, is_used
from sccon.admin_lists import ChoiceFilter
from sccon.clock import database_now

CROPS = [("3 : 2", 3, 2), ("4 : 5", 4, 5), ("1.91 : 1", 191, 100)]


PICTURES = "image/jpeg,image/png,image/webp,image/avif"


class ImageForm(forms.ModelForm):
    """The form of a picture. A new one needs a file, which can be replaced later."""

    refused = ""  # why the upload was refused
    replacement = forms.FileField(
        required=False,
        label=gettext_lazy("Another file in its place"),
        widget=forms.FileInput({"accept": PICTURES}),
        help_text=gettext_lazy("It shows wherever this picture is used; texts, credit and focal point stay."),
    )

    class Meta:
        model = Image
        fields = ("file", "alt_de", "alt_en", "decorative", "caption_de", "caption_en", "credit", "focal_x", "focal_y")

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        if "file" in self.fields:
            self.fields["file"].widget = forms.FileInput({"accept": PICTURES})
            self.fields["file"].label = gettext_lazy("File")
            self.fields["file"].help_text = gettext_lazy("JPEG, PNG, WebP or AVIF, up to 20 MB and 50 megapixels.")
        for name in ("alt_de", "alt_en", "caption_de", "caption_en"):
            if name in self.fields:
                self.fields[name].widget.attrs |= {"rows": 2, "class": "grows"}

    def clean_file(self) -> object:
        if self.refused:
            raise ValidationError(self.refused)
        return self.cleaned_data["file"]

    def clean_replacement(self) -> object:
        if self.refused and self.instance.pk:
            raise ValidationError(self.refused)
        return self.cleaned_data["replacement"]

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("decorative") and (cleaned.get("alt_de") or cleaned.get("alt_en")):
            self.add_error(
                "decorative", _("A decorative picture has no alternative text: empty the texts, or untick this.")
            )
        return cleaned


class UseFilter(ChoiceFilter):
    title, parameter_name = gettext_lazy("use"), "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list:
        return [
            ("public", gettext_lazy("On public pages")),
            ("draft", gettext_lazy("In articles")),
            ("none", gettext_lazy("Unused")),
            ("no-alt", gettext_lazy("Without alternative text")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        inside = PublicationImage.objects.filter(image=OuterRef("pk"))
        top = Publication.objects.filter(image=OuterRef("pk"))
        drafts = Exists(Article.objects.filter(image=OuterRef("pk")))
        match self.value():
            case "public":
                now = database_now()
                shown = inside.filter(publication__visible__contains=now)
                return queryset.filter(Exists(top.filter(visible__contains=now)) | Exists(shown))
            case "draft":
                return queryset.filter(drafts)
            case "none":
                return queryset.filter(~drafts, ~Exists(top), ~Exists(inside))
            case "no-alt":
                return queryset.filter(Q(alt_de__isnull=True) | Q(alt_en__isnull=True), decorative=False)
        return queryset


@admin.register(Image)
class ImageAdmin(SharedAdmin):
    form = ImageForm
    change_form_template = "admin/news/image/change_form.html"
    list_display = ("card",)
    list_display_links = None
    list_filter = (UseFilter,)
    search_fields = ("alt_de", "alt_en", "caption_de", "caption_en", "credit", "file")
    list_per_page = 24
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def get_fieldsets(self, request: HttpRequest, obj: Image | None = None) -> Any:
        words = ["alt_de", "alt_en", "caption_de", "caption_en", "credit", "decorative"]
        if obj is None:
            return [
                (None, {"fields": ["file"]}),
                (_("Description and rights"), {"classes": ["pair", "words"], "fields": words}),
            ]
        sets = [
            (_("Focal point"), {"classes": ["pair", "focal-point"], "fields": ["focal_x", "focal_y"]}),
            (_("Description and rights"), {"classes": ["pair", "words"], "fields": words}),
        ]
        if self.has_change_permission(request, obj):
            sets.append((_("File"), {"fields": ["replacement"]}))
        return sets

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest | None, **options: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field and db_field.name.startswith("alt_"):
            field.help_text = _("What does someone learn who cannot see the picture?")
        return field

    def get_queryset(self, request: HttpRequest) -> QuerySet[Image]:
        return super().get_queryset(request).prefetch_related("renditions")

    @admin.display(description=gettext_lazy("Picture"))
    def card(self, image: Image) -> str:
        return render_to_string("admin/news/image/card.html", {"image": image})

    def usage(self, request: HttpRequest, obj: Image) -> dict[str, Any]:
        return super().usage(request, obj) | {
            "drafts": drafts_with(obj).order_by("-saved_at"),
            "used": is_used(obj),
            "image": obj,
            "crops": CROPS,
        }

    def has_delete_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        if obj and is_used(obj):
            return False
        return super().has_delete_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        many = path("add/many/", self.admin_site.admin_view(upload_many), name="news_image_add_many")
        return [*chooser.urls(self.admin_site), many, *super().get_urls()]

    # --- Saving ---

    def get_form(
        self, request: HttpRequest, obj: Image | None = None, change: bool = False, **options: Any
    ) -> type[ModelForm]:
        form = super().get_form(request, obj, change=change, **options)
        form.refused = getattr(request, "refused", "")  # type: ignore[attr-defined]
        return form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except UploadRefused as refused:
            # Only decoding the file tells whether it is accepted; if not, the field gets the error.
            request.refused = str(refused)  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Image, form: ModelForm, change: bool) -> None:
        if change:
            if upload := form.cleaned_data.get("replacement"):
                replace_file(obj, upload)
            changed = [name for name in form.changed_data if not name.startswith(("focal_", "replacement"))]
            obj.save(update_fields=changed)
            if {"focal_x", "focal_y"} & set(form.changed_data):
                focus(obj, obj.focal_x, obj.focal_y)
            self._hint_at_file_names(request, obj)
            return
        words = {name: value for name, value in form.cleaned_data.items() if name not in {"file", "replacement"}}
        taken = create_image(form.cleaned_data["file"], by=request.user, **words)  # type: ignore[arg-type]
        obj.pk = taken.pk
        obj.refresh_from_db()

    def _hint_at_file_names(self, request: HttpRequest, image: Image) -> None:
        if image.alt_is_name:
            sentence = _("The alternative text only repeats the file name. What does someone learn who cannot see it?")
            self.message_user(request, sentence, messages.WARNING)

    def response_add(self, request: HttpRequest, obj: Image, post_url_continue: str | None = None) -> HttpResponse:
        self.message_user(request, _("The picture is in the library. Now click on what matters most in it."))
        return HttpResponseRedirect(reverse("admin:news_image_change", args=[obj.pk]))
