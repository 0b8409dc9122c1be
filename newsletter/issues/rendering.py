"""An issue in one language as it leaves: subject, HTML and text, made once for everybody.

Two addresses are each recipient's own: the mail holds `<mark>-leave` and `<mark>-preferences` in their place.
"""

import re
from binascii import b2a_qp
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import partial
from html import escape, unescape
from typing import Any
from urllib.parse import urlsplit

import css_inline
import nh3
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from news.models import Publication
from news.pictures.html import alt_of, article_alt
from newsletter.models import Issue, IssueItem
from sccon.html import sanitise
from sccon.plain_text import plain_text

from .pictures import Picture, picture

FILLER = SafeString("&#847; " * 220)  # after the preheader; the zero-width non-joiner fails in some mailboxes

# What a mail can show everywhere. Pictures and tables of the editor are none of it.
TEXT = {"p", "h2", "h3", "ul", "ol", "li", "blockquote", "strong", "em", "s", "sub", "sup", "a", "br"}
_mail = partial(
    nh3.Cleaner,
    clean_content_tags={"figure", "table"},
    attributes={"a": {"href"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
)
_ITEM = _mail(tags=TEXT)
HREF = re.compile(r'href="([^"]*)"')
HEADING = re.compile(r"(</?h)[23]\b")
QUOTED = re.compile(r"<q>(.*?)</q>", re.DOTALL)


@dataclass(frozen=True)
class Item:
    """An article or a block in one language."""

    source: IssueItem
    heading: str
    text: SafeString
    url: str = ""
    button: str = ""
    picture: Picture | None = None

    def as_json(self) -> dict[str, Any]:
        """As the edition keeps it for the archive."""
        shown = self.picture.as_json() if self.picture else None
        return {
            "heading": self.heading,
            "text": str(self.text),
            "url": self.url,
            "button": self.button,
            "picture": shown,
        }


@dataclass(frozen=True)
class Rendered:
    """What leaves in one language; `left_out` are items that have nothing in it."""

    language: str
    subject: str
    preheader: str
    intro: str
    items: Sequence[Item]
    html: str
    text: str
    left_out: Sequence[IssueItem] = field(default_factory=list)

    @property
    def pictures(self) -> list[Picture]:
        return [item.picture for item in self.items if item.picture]

    @property
    def size(self) -> int:
        """Bytes of the finished mail as it is encoded, headers included."""
        return 2000 + sum(len(b2a_qp(part.encode(), istext=True)) for part in (self.html, self.text))


def render(
    issue: Issue, items: Iterable[IssueItem], language: str, *, mark: str, slug: str = "", at: Any = None
) -> Rendered:
    """The issue in `language`. `slug`: its address in the archive, if it gets one. Saves nothing."""
    with translation.override(language):
        return _render(issue, list(items), language, mark, slug, at)


def _render(issue: Issue, rows: Sequence[IssueItem], language: str, mark: str, slug: str, at: Any) -> Rendered:
    stories = public_articles(rows, language, at)
    found = [_item(row, issue, stories, language) for row in rows]
    items = [item for item in found if item]
    subject_line = _said(issue, "subject", language)
    label = pgettext("newsletter", "Advertisement")
    subject = f"{label}: {subject_line}" if issue.commercial else subject_line
    preheader = _said(issue, "preheader", language)
    intro = mail_text(_said(issue, "intro", language), issue)
    context = {
        "issue": issue,
        "subject": subject,
        "subject_line": subject_line,
        "intro": intro,
        "items": items,
        "mark": mark,
        "web_url": settings.SITE_URL + reverse("newsletter:issue", args=[slug]) if slug else "",
        "preheader": preheader,
        "filler": FILLER,
        "site": {"name": settings.SITE_NAME, "short": settings.SITE_SHORT_NAME, "url": settings.SITE_URL},
        "imprint": settings.SITE_IMPRINT,
        "reply_to": parseaddr(settings.NEWSLETTER_MAIL_REPLY_TO)[1],
        "language": language,
    }
    body = render_to_string("emails/issue.html#body", context)
    foot = render_to_string("emails/issue.html#foot", context)
    page = render_to_string("emails/base.html", {**context, "body": body, "foot": foot})
    return Rendered(
        language=language,
        subject=subject,
        preheader=preheader,
        intro=str(intro),
        items=items,
        html=css_inline.inline(page, keep_at_rules=True),
        text=plain_text(f"{render_to_string('emails/issue.html#text', context)}<hr>{foot}"),
        left_out=[row for row, item in zip(rows, found, strict=True) if item is None],
    )


def public_articles(rows: Iterable[IssueItem], language: str, at: Any = None) -> dict[int, Publication]:
    """The texts of the items' articles that are public in `language` (at `at`), by article."""
    wanted = [row.article_id for row in rows if row.article_id]
    if not wanted:
        return {}
    public = Publication.objects.public(language, at).filter(article_id__in=wanted).select_related("image")
    return {story.article_id: story for story in public}


def _item(row: IssueItem, issue: Issue, stories: dict[int, Publication], language: str) -> Item | None:
    heading, button = _said(row, "heading", language), _said(row, "button_label", language)
    url = absolute(_said(row, "button_url", language), issue)
    text = mail_text(_said(row, "text", language), issue, under=bool(heading or row.article_id))
    if row.article_id:
        story = stories.get(row.article_id)
        if story is None:
            return None
        url = url if button and url else absolute(story.url, issue)
        lead = text or (format_html("<p>{}</p>", story.summary) if story.summary else SafeString(""))
        return Item(row, heading or story.title, lead, url, button, _article_picture(row, story, issue, language))
    shown = _block_picture(row, issue, language)
    if not (heading or text or (button and url)) and (shown is None or _has_words(row)):
        return None
    return Item(row, heading, text, url if button else "", button if url else "", shown)


def _has_words(row: IssueItem) -> bool:
    """Whether it says something in any language: then a picture alone is no translation."""
    return any(
        _said(row, name, code) for name in ("heading", "text", "button_label") for code, _name in settings.LANGUAGES
    )


def _article_picture(row: IssueItem, story: Publication, issue: Issue, language: str) -> Picture | None:
    if not row.with_picture:
        return None
    if row.image:
        return _block_picture(row, issue, language, card=True)
    if story.image is None:
        return None
    alt = _said(row, "alt", language) or article_alt(story)
    return picture(story.image, alt, issue_id=issue.pk, card=True)


def _block_picture(row: IssueItem, issue: Issue, language: str, *, card: bool = False) -> Picture | None:
    if row.image is None or not row.with_picture:
        return None
    alt = _said(row, "alt", language) or alt_of(row.image, language)
    return picture(row.image, alt, issue_id=issue.pk, card=card)


def _said(row: Issue | IssueItem, name: str, language: str) -> str:
    return getattr(row, f"{name}_{language}") or ""


# --- Texts and addresses -------------------------------------------------------------------------


def mail_text(html: str, issue: Issue, *, under: bool = False) -> SafeString:
    """HTML of the editor as mails show it, its links absolute. `under`: its headings stand under another one."""
    if not html:
        return SafeString("")
    quoted = QUOTED.sub(lambda found: gettext("“%(text)s”") % {"text": found[1]}, sanitise(html))
    clean = sanitise(_ITEM.clean(quoted))
    clean = HEADING.sub(r"\g<1>3" if under else r"\g<1>2", clean)
    return SafeString(HREF.sub(lambda found: f'href="{escape(absolute(unescape(found[1]), issue))}"', clean))


def absolute(url: str, issue: Issue) -> str:
    """`url` from outside the site; those to our shop say from which issue the buyer came."""
    if url.startswith("/"):
        url = settings.SITE_URL + url
    if not url.startswith(f"{settings.SITE_URL}/"):
        return url
    parts = urlsplit(url)
    if not re.match(r"/[a-z]{2}/tickets(?:/|$)", parts.path) or "src=" in parts.query:
        return url
    query = "&".join(filter(None, [parts.query, f"src=issue-{issue.pk or 0}"]))
    return parts._replace(query=query).geturl()
