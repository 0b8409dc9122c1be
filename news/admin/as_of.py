"""Pages that show, from the record, what an address answered at a past instant."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from news.admin.moments import MomentsForm, day_field, fold_field, hour_field
from news.models import Article, Publication
from news.reading import as_of, queries
from news.reading.article_page import article_context, parts_of
from sccon import languages
from sccon.admin.pages import own_page
from sccon.clock import INSTANT, database_now
from sccon.fields import LineField
from sccon.translated import LANGUAGES


class InstantForm(MomentsForm):
    """An address and a past instant."""

    address = LineField(
        label=gettext_lazy("Address"),
        max_length=500,
        help_text=gettext_lazy("As in a browser, or from the language on: /de/news/example/"),
        widget=forms.TextInput({"spellcheck": "false", "autocomplete": "off", "inputmode": "url"}),
    )
    at_date, at_time, at_fold = (
        day_field(gettext_lazy("Day")),
        hour_field(gettext_lazy("Hour")),
        fold_field(),
    )

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **{"label_suffix": "", **options})
        self.fields["at_time"].widget.attrs["step"] = 1  # seconds count

    def clean_address(self) -> str:
        try:
            self.language, self.path = as_of.parse(self.cleaned_data["address"])
        except as_of.NoAddress as error:
            raise forms.ValidationError(str(error)) from error
        return self.cleaned_data["address"]

    def clean(self) -> dict:
        cleaned = super().clean() or self.cleaned_data
        cleaned["at"] = self.clean_moment("at", cleaned, required=True)
        if cleaned["at"] and cleaned["at"] > timezone.now():
            self.add_error("at_date", _("That is still to come. Choose an instant that is past."))
        return cleaned


def urls(site: admin.AdminSite) -> list[URLPattern]:
    """For `PublicationAdmin.get_urls`, in front of the admin's own patterns."""
    return [
        path("at/", site.admin_view(instant_page), name="news_publication_at"),
        path("at/page/", site.admin_view(stood_page), name="news_publication_at_page"),
    ]


@require_safe
def instant_page(request: HttpRequest) -> HttpResponse:
    """Asks for address and instant, and shows the answer."""
    _permit(request)
    form = InstantForm(request.GET) if "at_date" in request.GET else InstantForm(initial=_proposal(request))
    context: dict[str, Any] = {"form": form}
    if form.is_bound and form.is_valid():
        at = form.cleaned_data["at"]
        found = as_of.answer(form.language, form.path, at)
        query = urlencode({"language": form.language, "path": form.path, "at": at.isoformat()})
        context |= {
            "at": at,
            "answer": found,
            "address": f"/{form.language}/{form.path}/",
            "page_url": f"{reverse('admin:news_publication_at_page')}?{query}",
        }
    title = _("What stood here at …")
    return own_page(request, "admin/news/publication/at.html", Publication, title, context)


@require_safe
def stood_page(request: HttpRequest) -> HttpResponse:
    """The public page of that instant, under a note on what it proves."""
    _permit(request)
    language, path, at = _asked(request)
    row = as_of.answer(language, path, at).publication
    if row is None or row.redacted_at:
        raise Http404
    request.META[INSTANT] = at  # the instant of all queries of this page
    with translation.override(language):
        context = {
            **article_context(row, parts_of(row, queries.surroundings(row, at), at)),
            **languages.links(request, {}, languages.in_each("news:overview")),
            "robots": "noindex",
            "at": at,
            "address": row.url,
            "frame": "news/page.html" if row.kind == Article.Kind.PAGE else "news/article.html",
        }
        response = render(request, "news/as_of.html", context)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _permit(request: HttpRequest) -> None:
    if not request.user.has_perm("news.view_publication"):
        raise PermissionDenied


def _asked(request: HttpRequest) -> tuple[str, str, datetime]:
    language, path = request.GET.get("language", ""), request.GET.get("path", "")
    try:
        at = datetime.fromisoformat(request.GET.get("at", ""))
        if timezone.is_naive(at) or at > database_now():
            raise ValueError
    except (ValueError, OverflowError) as error:
        raise Http404 from error
    if language not in LANGUAGES or not as_of.PATH.fullmatch(f"/{language}/{path}"):
        raise Http404
    return language, path, at


def _proposal(request: HttpRequest) -> dict[str, Any]:
    """Initial values: the address and time in the query, else now."""
    now = timezone.localtime()
    initial: dict[str, Any] = {"at_date": now.date(), "at_time": now.strftime("%H:%M")}
    if (number := request.GET.get("publication", "")).isascii() and number.isdigit() and len(number) <= 18:
        row = Publication.objects.filter(pk=int(number), visible__startswith__lte=database_now()).first()
        if row:
            then = timezone.localtime(row.visible.lower)
            initial = {"address": row.url, "at_date": then.date(), "at_time": then.replace(microsecond=0).time()}
            initial["at_time"] = initial["at_time"].strftime("%H:%M:%S")
    elif address := request.GET.get("address", ""):
        initial["address"] = address[:500]
    return initial
