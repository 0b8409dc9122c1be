"""Preview links: valid for a few days, showing the latest draft or a fixed version, revocable.

Each link has two tokens: one in the address of the page, and one for the files that the page shows, and only those.
Neither works once the link has ended.
"""

import re
from datetime import timedelta
from enum import Enum

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import translation

from news.models import Article, PreviewLink, Publication
from news.versions import snapshots
from news.writing.previewing import Draft, files_of, kept_draft, stored_draft
from sccon import tokens
from sccon.clock import database_now
from sccon.models import User

PAGE, FILES = "news.preview", "news.preview.files"
DAYS = (1, 7, 30)
KEEP = timedelta(days=90)  # how long ended links are kept
MEDIA = re.compile(rf"{re.escape(settings.MEDIA_URL)}([A-Za-z0-9_-]+/[A-Za-z0-9_.-]+)")


class End(Enum):
    """Why a link has ended."""

    EXPIRED = "its time is over"
    REVOKED = "someone revoked it"
    PUBLIC = "the text is public, or was"


def make(article: Article, language: str, *, days: int, pinned: bool, by: User) -> PreviewLink:
    """Creates a link to the stored draft; `pinned` fixes it to the current version.

    Also deletes links that ended long ago: who made them need not be kept.
    """
    PreviewLink.objects.filter(expires_at__lt=Now() - KEEP).delete()
    return PreviewLink.objects.create(
        article=article,
        language=language,
        version=article.version if pinned else None,
        created_by=by,
        expires_at=database_now() + timedelta(days=days),
    )


def revoke(article: Article, link_id: int) -> bool:
    """Revokes a link; False if there was none."""
    return bool(PreviewLink.objects.filter(article=article, pk=link_id, revoked_at=None).update(revoked_at=Now()))


def live(article: Article) -> list[PreviewLink]:
    """The links of `article` that have not ended."""
    links = PreviewLink.objects.filter(article=article, revoked_at=None, expires_at__gt=Now())
    return [link for link in links.select_related("created_by") if end_of(link) is None]


def address(link: PreviewLink) -> str:
    """The absolute URL, in the link's language."""
    with translation.override(link.language):
        return settings.SITE_URL + reverse("news:preview", args=[tokens.make(PAGE, link.key)])


def find(token: str, purpose: str = PAGE) -> PreviewLink | None:
    """The link with this token, ended or not; None for a forged token."""
    try:
        key = tokens.read(purpose, token)
    except tokens.BadToken:
        return None
    return PreviewLink.objects.filter(key=key).select_related("article").first() if isinstance(key, str) else None


def end_of(link: PreviewLink) -> End | None:
    """Why the link has ended; None while it shows its draft."""
    if link.revoked_at:
        return End.REVOKED
    began = Q(visible__startswith__gt=link.created_at, visible__startswith__lte=Now())
    shown = Publication.objects.filter(article=link.article_id, language=link.language)
    if shown.filter(began | Q(redacted_at__gt=link.created_at)).exists():
        return End.PUBLIC
    return End.EXPIRED if link.expires_at <= database_now() else None


def draft_of(link: PreviewLink) -> Draft:
    if link.version is None:
        return stored_draft(link.article)
    try:
        return kept_draft(link.article, snapshots.snapshot(link.article, link.version))
    except snapshots.UnknownVersion:  # not saved through `drafting.save`: there is no version but the current one
        return stored_draft(link.article)


def with_files_opened(html: str, link: PreviewLink, draft: Draft) -> str:
    """Adds the files' token to the address of each file of the draft, and of no other."""
    names, token = files_of(draft, link.language), tokens.make(FILES, link.key)

    def opened(match: re.Match[str]) -> str:
        return f"{match[0]}?preview={token}" if match[1] in names else match[0]

    return MEDIA.sub(opened, html)


def opens(token: str, name: str) -> bool:
    """Whether the token for files gives access to the file `name`."""
    link = find(token, FILES)
    return bool(link and end_of(link) is None and name in files_of(draft_of(link), link.language))
