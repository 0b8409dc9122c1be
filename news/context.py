"""What every page's foot shows."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from news.models import Article, Publication

ORDER = list(Article.Role.values)


@dataclass(frozen=True)
class FootLink:
    """A page with a role, under the short name of its role: its own title may be a sentence."""

    title: str
    url: str


def footer(request: HttpRequest) -> dict:
    """`legal`: the public pages with a role, asked for only where a template shows them."""

    def legal() -> list[FootLink]:
        at = getattr(request, "at", None)  # the page's instant, see `news.views`
        pages = Publication.objects.public(translation.get_language(), at).filter(role__isnull=False)
        pages = pages.only("title", "path", "kind", "language", "role")
        pages = sorted(pages, key=lambda page: ORDER.index(page.role))
        return [FootLink(page.get_role_display(), page.url) for page in pages]

    return {"legal": SimpleLazyObject(legal)}
