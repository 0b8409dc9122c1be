"""The picture chooser of the admin: a dialog to browse the library, search it, upload to it and choose a picture.

`ImageAdmin.get_urls` puts `urls()` before its own; static/js/picture-chooser.js shows the views' answers. The rich
text editor uses it and, through `PictureWidget`, every form field that holds a picture.
"""

import json

from django import forms
from django.contrib.admin.sites import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from news.models import Image, Rendition
from news.pictures.library import ACCEPTED, UploadRefused, create_image
from sccon.fields import LineField

PER_PAGE = 24
SEARCHED = ("alt_de", "alt_en", "caption_de", "caption_en", "credit", "file")


def urls(site: AdminSite) -> list[URLPattern]:
    """For `ImageAdmin.get_urls`, in front of the admin's own patterns."""
    return [
        path("choose/", site.admin_view(choose), name="news_image_choose"),
        path("upload/", site.admin_view(upload), name="news_image_upload"),
        path("<int:pk>/thumbnail/", site.admin_view(thumbnail), name="news_image_thumbnail"),
    ]


# --- Views ------------------------------------------------------------------------------------


class UploadForm(forms.Form):
    """The fields of an upload in the dialog; the others can be filled in later, in the library."""

    use_required_attribute = False
    prefix = "upload"  # the page has fields of its own

    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ",".join(f"image/{kind.lower()}" for kind in ACCEPTED)}),
        error_messages={"required": _("Please choose a file.")},
    )
    alt_de = LineField(
        label=_("Alternative text, German"),
        required=False,
        empty_value=None,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "lang": "de"}),
    )
    alt_en = LineField(
        label=_("Alternative text, English"),
        required=False,
        empty_value=None,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "lang": "en"}),
    )
    credit = LineField(label=_("Credit"), required=False, max_length=200)


@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """A page of the library, found by the words of `?q=` in texts, credit and file name."""
    if not request.user.has_perm(Image.VIEW):
        raise PermissionDenied
    return _chooser(request, UploadForm())


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """201 and the picture as JSON, or 422 and the form with its sentences."""
    if not request.user.has_perm(Image.ADD):
        raise PermissionDenied
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        fields = dict(form.cleaned_data)
        try:
            image = create_image(fields.pop("file"), by=request.user, **fields)  # type: ignore[arg-type]
        except UploadRefused as refused:
            form.add_error("file", str(refused))
        else:
            return JsonResponse(as_dict(image), status=201)
    return _chooser(request, form, status=422)


@require_GET
def thumbnail(request: HttpRequest, pk: int) -> HttpResponse:
    """Leads to a small file of the picture: a text knows its pictures only by number."""
    if not request.user.has_perm(Image.VIEW):
        raise PermissionDenied
    return HttpResponseRedirect(thumbnail_url(get_object_or_404(_library(), pk=pk)))


def _chooser(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    images = _library()
    for word in query.split()[:8]:
        images = images.filter(Q(*((f"{field}__icontains", word) for field in SEARCHED), _connector=Q.OR))
    page = Paginator(images, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "query": query,
        "page": page,
        "pictures": [(image, thumbnail_url(image), json.dumps(as_dict(image))) for image in page],
        "may_upload": request.user.has_perm(Image.ADD),
    }
    return render(request, "admin/news/image/chooser.html", context, status=status)


# --- Pictures ---------------------------------------------------------------------------------


def _library() -> QuerySet[Image]:
    small = Rendition.objects.filter(crop=Rendition.Crop.FULL, format=Rendition.Format.WEBP).order_by("width")
    return Image.objects.prefetch_related(Prefetch("renditions", small))


def thumbnail_url(image: Image) -> str:
    """The smallest file that shows the whole picture; until there are renditions, the JPEG made at upload."""
    ready = [rendition for rendition in image.renditions.all() if rendition.key == image.ready_key]
    ready = [rendition for rendition in ready if (rendition.crop, rendition.format) == ("full", "webp")]
    return min(ready, key=lambda rendition: rendition.width).file.url if ready else image.jpeg.url


def as_dict(image: Image) -> dict:
    """What the script is told about a picture, for JSON."""
    return {
        "id": image.pk,
        "name": str(image),
        "thumbnail": thumbnail_url(image),
        "alt": {"de": image.alt_de, "en": image.alt_en},
        "caption": {"de": image.caption_de, "en": image.caption_en},
        "credit": image.credit,
        "decorative": image.decorative,
        "width": image.width,
        "height": image.height,
    }


class PictureWidget(forms.NumberInput):
    """A picture of the library for a `ModelChoiceField`: thumbnail, "Choose", "Remove".

    Without JavaScript it takes the id of the picture, like the admin's raw id widget: a select would have to list the
    whole library.
    """

    template_name = "admin/news/image/field.html"

    class Media:
        css = {"all": ["css/editor.css"]}
        js = [Script("js/picture-field.js", type="module")]

    def get_context(self, name: str, value: object, attrs: dict | None) -> dict:
        # What was typed may be anything when a form comes back with errors.
        image = _library().filter(pk=int(str(value))).first() if str(value).isdecimal() else None
        picture = as_dict(image) if image else None
        return super().get_context(name, value, attrs) | {
            "picture": picture,
            "choose": reverse("admin:news_image_choose"),
        }
