"""The page of a preview link: a draft, without a login."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from news.models import Publication
from news.writing import preview_links
from news.writing.previewing import embargo, render_draft
from sccon import languages
from sccon.clock import page_instant
from sccon.requests import secret_page


@secret_page
@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """Shows the draft; redirects (301) to the text once it is public; 410 once the link has ended."""
    link = preview_links.find(token)
    if link is None or link.language != translation.get_language():
        raise Http404
    end, at = preview_links.end_of(link), page_instant(request)
    if end is preview_links.End.PUBLIC:
        public = Publication.objects.public(link.language, at).filter(article=link.article_id).first()
        if public:
            return HttpResponsePermanentRedirect(public.get_absolute_url())
    if end:
        context = {
            **languages.links(request, {}, languages.in_each("news:overview")),
            "robots": "noindex",
            "end": end.name,
        }
        return render(request, "news/preview/over.html", context, status=410)
    draft = preview_links.draft_of(link)
    banner = {
        "kind": "shared",
        "expires_at": link.expires_at,
        "embargo": embargo(link.article, link.language, at),
    }
    page = render_draft(request, draft, link.language, banner)
    page.content = preview_links.with_files_opened(page.content.decode(), link, draft).encode()
    return page
