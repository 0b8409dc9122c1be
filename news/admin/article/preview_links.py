"""Preview links in the rail of the form: creates and revokes them."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from news.models import Article, PreviewLink
from news.writing import preview_links
from sccon.translated import NAMES


def _days(count: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


class LinkForm(forms.Form):
    """A new link: language, validity, fixed version or not."""

    prefix = "link"
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=list(NAMES.items()))
    days = forms.TypedChoiceField(
        label=gettext_lazy("Valid for"),
        coerce=int,
        initial=7,
        choices=lambda: [(n, _days(n)) for n in preview_links.DAYS],
    )
    pinned = forms.BooleanField(label=gettext_lazy("Show only this version, no later ones"), required=False)

    def __init__(self, *args: Any, **options: Any):
        options["label_suffix"] = ""
        super().__init__(*args, **options)
        for field in self.fields.values():  # its fields are inside the article's form but belong to their own
            field.widget.attrs["form"] = "share-form"


def context_of(article: Article | None, form: LinkForm | None = None) -> dict[str, Any]:
    """The context of `admin/news/article/share.html`."""
    links: list[PreviewLink] = preview_links.live(article) if article else []
    return {
        "share_form": form or LinkForm(),
        "share_links": [
            {"link": link, "url": preview_links.address(link), "language": NAMES[link.language]} for link in links
        ],
    }


def share(model_admin: Any) -> Callable[..., HttpResponse]:
    """Creates or revokes a link. Answers the script with HTML for the rail, others with a redirect to the form."""

    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        article = get_object_or_404(Article, pk=pk)
        if not model_admin.has_change_permission(request, article):
            raise PermissionDenied
        form, said = LinkForm(request.POST if "make" in request.POST else None), ""
        number = request.POST.get("revoke", "")
        if form.is_valid():
            preview_links.make(article, **form.cleaned_data, by=request.user)  # type: ignore[arg-type]
            form, said = LinkForm(), _("The link is there.")
        elif number.isascii() and number.isdigit() and len(number) < 19 and preview_links.revoke(article, int(number)):
            said = _("The link is revoked: it opens nothing any more.")
        if request.headers.get("X-Requested-With") == "fetch":
            context = {"original": article, **context_of(article, form), "said": said}
            return render(request, "admin/news/article/share.html", context)
        if said:
            messages.success(request, said)
        return HttpResponseRedirect(reverse("admin:news_article_change", args=[pk]) + "#share-heading")

    return view
