"""Links in texts: whether their targets are public, and which texts link to an article."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import Resolver404, resolve
from django.utils import translation

from news.models import Article, Pin, Publication, Redirect, Withdrawal
from sccon.clock import database_now
from sccon.plain_text import words
from sccon.translated import LANGUAGES

# nh3 wrote this HTML, so a regular expression is enough (see `news.pictures.figures`).
ANCHOR = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.DOTALL)
# The path of a text: language, and `Publication.path`.
PAGE = re.compile(rf"/({'|'.join(LANGUAGES)})/((?:news/)?[a-z0-9]+(?:-[a-z0-9]+)*)/?", re.ASCII)

Address = tuple[str, str]  # language and `Publication.path`


@dataclass(frozen=True)
class Link:
    href: str
    text: str

    @property
    def path(self) -> str | None:
        """The path on this site; None for a link to another site."""
        try:
            parts = urlsplit(self.href)
        except ValueError:
            return None
        ours = urlsplit(settings.SITE_URL)
        if (parts.scheme or parts.netloc) and (parts.scheme, parts.netloc) != (ours.scheme, ours.netloc):
            return None
        return parts.path or "/"


def links_of(html: str) -> list[Link]:
    """The links of a sanitised text, in order."""
    return [Link(unescape(href), words(inside)) for href, inside in ANCHOR.findall(html)]


def _answers(path: str) -> bool:
    """Whether `path` is a public page of this site other than a text."""
    language = path.split("/")[1]
    with translation.override(language if language in LANGUAGES else LANGUAGES[0]):
        for candidate in (path, f"{path}/"):  # without the trailing slash it redirects
            try:
                found = resolve(candidate)
            except (Resolver404, UnicodeError):
                continue
            return found.namespace != "admin" and found.view_name not in {"news:article", "news:page"}
    return False


def leading_nowhere(links: Iterable[Link], at: datetime | None = None) -> list[Link]:
    """Those of `links` to pages of this site that are not public at `at` (None: now). Two or three queries."""
    wanted: dict[Link, Address] = {}
    found: list[Link] = []
    ordered = list(dict.fromkeys(links))
    for link in ordered:
        if link.path is None or _answers(link.path):
            continue
        if text := PAGE.fullmatch(link.path):
            wanted[link] = (text[1], text[2])
        else:
            found.append(link)
    public = _public(set(wanted.values()), at)
    found += [link for link, address in wanted.items() if address not in public]
    return sorted(found, key=ordered.index)


def _public(addresses: Collection[Address], at: datetime | None) -> set[Address]:
    """Those of `addresses` at which a text is public, or that redirect to one."""
    if not addresses:
        return set()
    moment = at or database_now()
    condition = Q()
    for language, path in addresses:
        condition |= Q(language=language, path=path)
    owners: dict[Address, int] = {
        (language, path): article
        for language, path, article in Publication.objects.filter(condition).values_list("language", "path", "article")
    }
    readable = Publication.objects.filter(visible__contains=moment)
    now = set(readable.filter(article__in=set(owners.values())).values_list("language", "article"))
    here = {address for address, article in owners.items() if (address[0], article) in now}
    if here != owners.keys():  # a text that was replaced redirects to its replacement
        replaced = Withdrawal.objects.filter(article__in=owners.values(), target__isnull=False)
        targets = {(each.language, each.article_id): each.target_id for each in replaced.order_by("at")}
        now = set(readable.filter(article__in=set(targets.values())).values_list("language", "article"))
        for address, article in owners.items():
            if (address[0], targets.get((address[0], article))) in now:
                here.add(address)
    return here


# --- Who leads here ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Pointing:
    """Everything that refers to an article, and would break without it."""

    texts: list[Publication]
    pin: Pin | None
    redirects: list[Redirect]
    replaced: list[Withdrawal]  # withdrawn texts that this article replaces

    def __bool__(self) -> bool:
        return bool(self.texts or self.pin or self.redirects or self.replaced)


def pointing_at(article: Article, at: datetime) -> Pointing:
    """What refers to `article` at `at` or later."""
    return Pointing(
        texts=list(_texts_linking(article, at)),
        pin=Pin.objects.filter(article=article).first(),
        redirects=list(Redirect.objects.filter(article=article)),
        replaced=list(Withdrawal.objects.filter(target=article).select_related("article")),
    )


def _texts_linking(article: Article, at: datetime) -> QuerySet[Publication]:
    """Public and planned texts of other articles that link to it or name it as related."""
    here = article.publications.order_by().values_list("language", "path").distinct()
    condition = Q(publication_related__article=article)
    for language, path in here:
        for start in ("", settings.SITE_URL):
            condition |= Q(body__regex=rf'href="{re.escape(start)}/{language}/{path}/?["#?]')
    still = Q(visible__endswith__gt=at) | Q(visible__upper_inf=True)
    others = Publication.objects.exclude(article=article).filter(still & condition, continues=False)
    return others.distinct().order_by("-first_published_at", "language").defer("body")
