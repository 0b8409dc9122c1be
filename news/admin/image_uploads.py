"""Uploads many pictures. JavaScript sends them one by one and shows the progress; without it they come together."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from news.models import Image
from news.pictures.chooser import thumbnail_url
from news.pictures.library import ACCEPTED, UploadRefused, create_image
from sccon.admin.pages import own_page
from sccon.fields import LineField


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyPictures(forms.FileField):
    """One or more files, cleaned to a list; each is checked when it is added to the library."""

    widget = ManyFiles(attrs={"multiple": True, "accept": ",".join(f"image/{kind.lower()}" for kind in ACCEPTED)})

    def clean(self, data: Any, initial: Any = None) -> list:
        return [super(ManyPictures, self).clean(file, initial) for file in (data or [None])]


class UploadManyForm(forms.Form):
    pictures = ManyPictures(
        label=gettext_lazy("Files"),
        error_messages={"required": gettext_lazy("Please choose at least one file.")},
        help_text=gettext_lazy("JPEG, PNG, WebP or AVIF, each up to 20 MB and 50 megapixels."),
    )
    credit = LineField(label=gettext_lazy("Credit of all of them"), required=False, max_length=200)


@dataclass(frozen=True)
class Outcome:
    """The outcome for one file: a picture, or the sentence that says why it was refused."""

    name: str
    image: Image | None = None
    problem: str = ""

    def as_dict(self) -> dict[str, Any]:
        if not self.image:
            return {"name": self.name, "problem": self.problem}
        url = reverse("admin:news_image_change", args=[self.image.pk])
        return {"name": self.name, "url": url, "thumbnail": thumbnail_url(self.image)}


def upload_many(request: HttpRequest) -> HttpResponse:
    """The page, and what it posts to; JSON for the script, which asks for it."""
    if not request.user.has_perm(Image.ADD):
        raise PermissionDenied
    form = UploadManyForm(request.POST or None, request.FILES or None, label_suffix="")
    outcomes = []
    if request.method == "POST" and form.is_valid():
        outcomes = [_take(request, file, form.cleaned_data["credit"]) for file in form.cleaned_data["pictures"]]
    if request.accepts("text/html"):
        context = {
            "form": form,
            "outcomes": [outcome.as_dict() for outcome in outcomes],
        }
        page = own_page(request, "admin/news/image/upload_many.html", Image, _("Upload several pictures"), context)
        page.status_code = 201 if any(outcome.image for outcome in outcomes) else 200
        return page
    if not outcomes:
        problem = next((str(error) for errors in form.errors.values() for error in errors), "")
        return JsonResponse({"name": "", "problem": problem}, status=422)
    return JsonResponse(outcomes[0].as_dict(), status=201 if outcomes[0].image else 422)


def _take(request: HttpRequest, file: Any, credit: str) -> Outcome:
    try:
        return Outcome(file.name, create_image(file, by=request.user, credit=credit))  # type: ignore[arg-type]
    except UploadRefused as refused:
        return Outcome(file.name, problem=str(refused))
