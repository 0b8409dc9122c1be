"""Looks up in the record what an address answered at a past instant."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from news.models import Publication
from news.reading import queries
from sccon.translated import LANGUAGES

PATH = re.compile(rf"/({'|'.join(LANGUAGES)})/((?:news/)?[a-z0-9-]+)/?", re.ASCII)


class NoAddress(Exception):
    """The input is not the address of a text; the message says what one looks like."""


@dataclass(frozen=True)
class Answer:
    """The answer a visitor got: status, and the text or the address redirected to."""

    status: int  # 200, 301, 404, 410
    publication: Publication | None = None
    url: str = ""


def parse(address: str) -> tuple[str, str]:
    """Language and path of a text's address, with or without scheme and host. Raises `NoAddress`."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        parts = urlsplit("")
    ours = not parts.netloc or parts.netloc == urlsplit(settings.SITE_URL).netloc
    found = PATH.fullmatch(parts.path) if ours else None
    if not found:
        raise NoAddress(_("Enter the address of a text of this site, such as /de/news/example/ or /en/imprint/."))
    return found[1], found[2]


def answer(language: str, path: str, at: datetime) -> Answer:
    """What the address answered at `at`."""
    rows = Publication.objects.filter(language=language, path=path, visible__contains=at)
    row = rows.select_related("image", "author", "published_by", "redacted_by", "article").first()
    if row:
        return Answer(200, row)
    elsewhere = queries.elsewhere(language, path, at)
    if elsewhere is None:
        return Answer(404)
    return Answer(301, url=elsewhere.url) if elsewhere.url else Answer(410)
