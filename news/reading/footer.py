"""Links to the legal pages in the foot of every page."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from news.models import Article, Publication
from sccon.clock import page_instant
from sccon.pagecache import remembered, shared_with

ORDER = list(Article.Role.values)


@dataclass(frozen=True)
class FootLink:
    """A link to a page with a role, named after the role: the page's title may be long."""

    role: str
    title: str
    url: str


def foot_links(pages: Iterable[Publication]) -> list[FootLink]:
    """The links to `pages`, in the order of their roles."""
    pages = sorted(pages, key=lambda page: ORDER.index(page.role or ""))
    return [FootLink(page.role or "", str(page.get_role_display()), page.url) for page in pages]


def footer(request: HttpRequest) -> dict[str, object]:
    """Context processor. `legal`: the public pages with a role, fetched when a template shows them."""

    def ask() -> list[FootLink]:
        public = Publication.objects.public(translation.get_language(), page_instant(request))
        pages = public.filter(role__isnull=False)
        return foot_links(pages.only("title", "path", "kind", "language", "role"))

    def legal() -> list[FootLink]:
        return remembered(("legal", translation.get_language()), ask, shared_with(request))

    return {"legal": SimpleLazyObject(legal)}
