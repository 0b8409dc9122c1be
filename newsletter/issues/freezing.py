"""Issue → editions: when a run begins, what leaves is copied into rows that nothing changes any more."""

import secrets
from collections.abc import Sequence

from django.conf import settings

from newsletter.models import Edition, EditionPicture, Issue, IssueItem
from sccon.typography import slug

from . import pictures
from .rendering import render

LONGEST = 100  # characters of an address


class NothingToSend(Exception):
    """In a language there is nothing that could be sent; says which."""


def freeze(issue: Issue) -> list[Edition]:
    """One edition a language, with copies of its pictures, inside the caller's transaction. Raises `NothingToSend`."""
    items = list(issue.items.select_related("article", "image"))
    return [_edition(issue, items, language) for language in issue.languages]


def _edition(issue: Issue, items: Sequence[IssueItem], language: str) -> Edition:
    mark = f"m{secrets.token_hex(12)}"
    address = _free_slug(issue, language)
    made = render(issue, items, language, mark=mark, slug=address if issue.in_archive else "")
    if not made.subject or not (made.items or made.intro):
        raise NothingToSend(language)
    pictures.write(made.pictures)
    edition = Edition.objects.create(
        issue=issue,
        language=language,
        slug=address,
        sender=settings.NEWSLETTER_MAIL_FROM,
        subject=made.subject,
        preheader=made.preheader,
        intro=made.intro,
        items=[item.as_json() for item in made.items],
        html=made.html,
        text=made.text,
        mark=mark,
        archived=issue.in_archive,
    )
    files = {name: size for picture in made.pictures for name, size in picture.files.items()}
    EditionPicture.objects.bulk_create(
        EditionPicture(edition=edition, file=name, width=width, height=height)
        for name, (width, height) in files.items()
    )
    return edition


def _free_slug(issue: Issue, language: str) -> str:
    """Made of the subject; where another edition has it, with the issue's number."""
    wanted = slug(getattr(issue, f"subject_{language}") or "")[:LONGEST].strip("-") or f"{issue.pk}"
    taken = Edition.objects.filter(language=language, slug=wanted).exists()
    return f"{wanted}-{issue.pk}" if taken else wanted
