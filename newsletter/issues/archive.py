"""The archive: every issue on a page of the site's own, made of what the editions hold. The same for everybody."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import feedgenerator, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from news.pictures.html import address
from news.reading.feeds import NEVER, Atom, FeedLink, Rss, tag
from newsletter.issues import views
from newsletter.models import Correction, Edition
from sccon import languages
from sccon.pagecache import public
from sccon.xml import xml_text

PER_PAGE = 20
IN_FEED = 20


@dataclass(frozen=True)
class Part:
    """An item of an edition, as the page shows it."""

    heading: str
    text: SafeString
    url: str
    button: str
    picture: dict[str, Any] | None


def parts_of(edition: Edition) -> list[Part]:
    """What was sanitised when it was sent is shown as it was."""
    return [
        Part(
            item["heading"],
            mark_safe(item["text"]),  # noqa: S308 – sanitised
            item["url"],
            item["button"],
            item["picture"] and {**item["picture"], "url": address(item["picture"]["file"])},
        )
        for item in edition.items
    ]


def path_of(edition: Edition) -> str:
    """Its address, in its own language whatever language is active."""
    with translation.override(edition.language):
        return reverse("newsletter:issue", args=[edition.slug])


@public(parameters=("page",))
@require_safe
def issues(request: HttpRequest) -> HttpResponse:
    """All issues of a language, newest first."""
    editions = Edition.objects.in_archive(translation.get_language()).only("slug", "subject", "preheader", "made_at")
    pages = Paginator(editions, PER_PAGE)
    number = request.GET.get("page", "1")
    if not (number.isascii() and number.isdigit() and 1 <= int(number[:6]) <= pages.num_pages):
        raise Http404
    context = {
        "page": pages.page(int(number)),
        "feeds": _feed_links(),
        **languages.links(request, languages.in_each("newsletter:issues")),
    }
    if int(number) > 1:  # a page of its own, which the other language may not have
        paths = {translation.get_language(): f"{reverse('newsletter:issues')}?page={number}"}
        context |= languages.links(request, paths, languages.in_each("newsletter:issues"))
    return render(request, "newsletter/issues.html", context)


@public(seen=views.count)
@require_safe
def issue(request: HttpRequest, slug: str) -> HttpResponse:
    """One issue: 410 once it is taken down, 404 where the archive is off for it."""
    edition = Edition.objects.filter(language=translation.get_language(), slug=slug, archived=True).first()
    if edition is None:
        raise Http404
    elsewhere = languages.in_each("newsletter:issues")
    if edition.redacted_at:
        context = {**languages.links(request, {}, elsewhere), "robots": "noindex"}
        return render(request, "410.html", context, status=410)
    others = Edition.objects.filter(issue=edition.issue_id, archived=True, redacted_at=None)
    context = {
        "edition": edition,
        "intro": mark_safe(edition.intro),  # noqa: S308 – sanitised
        "parts": parts_of(edition),
        "corrections": Correction.objects.filter(edition=edition).order_by("at", "pk"),
        **languages.links(request, {other.language: path_of(other) for other in others}, elsewhere),
    }
    return render(request, "newsletter/issue.html", context)


# --- Feeds ---------------------------------------------------------------------------------------


class IssueFeed(Feed):
    """The newest issues of a language, complete. All addresses start with SITE_URL."""

    author_name = settings.SITE_NAME
    item_guid_is_permalink = False

    def __init__(self, kind: str):
        self.kind = kind
        self.feed_type = {"atom": Atom, "rss": Rss}[kind]

    def get_object(self, request: HttpRequest) -> list[Edition]:
        found = Edition.objects.in_archive(translation.get_language()).prefetch_related("corrections")
        return list(found[:IN_FEED])

    def get_feed(self, obj: list[Edition], request: HttpRequest) -> feedgenerator.SyndicationFeed:
        return super().get_feed(obj, request)

    def title(self, editions: list[Edition]) -> str:
        return f"{settings.SITE_NAME}: {_('Issues of the newsletter')}"

    def subtitle(self, editions: list[Edition]) -> str:
        return _("Every issue of the newsletter, newest first.")

    description = subtitle

    def link(self, editions: list[Edition]) -> str:
        return settings.SITE_URL + reverse("newsletter:issues")

    def feed_url(self, editions: list[Edition]) -> str:
        return settings.SITE_URL + reverse(f"newsletter:issues_{self.kind}")

    def feed_guid(self, editions: list[Edition]) -> str:
        return tag(f"newsletter/{translation.get_language()}")

    def feed_extra_kwargs(self, obj: list[Edition]) -> dict[str, Any]:
        return {"changed": max((self.item_updateddate(edition) for edition in obj), default=NEVER)}

    def items(self, editions: list[Edition]) -> list[Edition]:
        return editions

    def item_title(self, item: Edition) -> str:
        return xml_text(item.subject)

    def item_description(self, item: Edition) -> str:
        return format_html("{}", xml_text(item.preheader))

    def item_link(self, item: Edition) -> str:
        return settings.SITE_URL + path_of(item)

    def item_guid(self, item: Edition) -> str:
        return tag(f"newsletter/{item.issue_id}/{item.language}")

    def item_pubdate(self, item: Edition) -> Any:
        return item.made_at

    def item_updateddate(self, item: Edition) -> Any:
        """A correction is new content."""
        return max([item.made_at, *(correction.at for correction in item.corrections.all())])

    def item_extra_kwargs(self, item: Edition) -> dict[str, Any]:
        return {"full_text": xml_text(_full_text(item)), "image": None, "image_alt": ""}


def _full_text(edition: Edition) -> str:
    pieces = [edition.intro]
    for part in parts_of(edition):
        if part.picture:
            shown = part.picture
            pieces.append(
                format_html(
                    '<p><img src="{}" width="{}" height="{}" alt="{}"></p>',
                    settings.SITE_URL + shown["url"],
                    shown["width"],
                    shown["height"],
                    shown["alt"],
                )
            )
        if part.heading:
            pieces.append(format_html("<h2>{}</h2>", part.heading))
        pieces.append(part.text)
        if part.url:
            pieces.append(format_html('<p><a href="{}">{}</a></p>', part.url, part.button or part.heading))
    pieces += [format_html("<p>{}: {}</p>", _("Correction"), each.text) for each in edition.corrections.all()]
    return "".join(map(str, pieces))


@public
@require_safe
@conditional_page
def feed(request: HttpRequest, kind: str) -> HttpResponse:
    return IssueFeed(kind)(request)


def _feed_links() -> list[FeedLink]:
    about = f"{settings.SITE_NAME}: {_('Issues of the newsletter')}"
    return [
        FeedLink("Atom", f"{about} (Atom)", "application/atom+xml", reverse("newsletter:issues_atom")),
        FeedLink("RSS", f"{about} (RSS)", "application/rss+xml", reverse("newsletter:issues_rss")),
    ]
