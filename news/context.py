"""What every page's foot shows."""

from django.http import HttpRequest
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from news.models import Article, Publication

ORDER = list(Article.Role.values)


def footer(request: HttpRequest) -> dict:
    """`legal`: the public pages with a role, asked for only where a template shows them."""

    def legal() -> list[Publication]:
        at = getattr(request, "at", None)  # the page's instant, see `news.views`
        pages = Publication.objects.public(translation.get_language(), at).filter(role__isnull=False)
        pages = pages.only("title", "path", "kind", "language", "role")
        return sorted(pages, key=lambda page: ORDER.index(page.role))

    return {"legal": SimpleLazyObject(legal)}
