"""Checks of an issue: what blocks it, and what is only a hint. Each is a sentence with the field it speaks of."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import gettext as _

from news.models import Publication
from newsletter.doctor import keeping, telling
from newsletter.models import Edition, Issue, IssueItem
from sccon.translated import NAMES

from .rendering import Item, Rendered, public_articles, render

LONG, TOO_LONG = 70, 150  # characters of a subject
MARK = "m" + 24 * "0"  # as long as an edition's
HEAVY, TOO_HEAVY = 90_000, 102_000  # bytes; from there Gmail cuts a mail off

LINK = re.compile(r'href="([^"]*)"')
EXTERNAL = re.compile(
    r"https?://(?:[^/\s?#@]+\.[^/\s?#@.]{2,}|\[[0-9a-f:]+\]|localhost|127\.0\.0\.1)(?::\d+)?(?:[/?#]\S*)?", re.I
)
MAILTO = re.compile(r"mailto:[^\s@]+@[^\s@?]+\.[^\s@?]+(?:\?\S*)?|tel:\+?[0-9() /-]{3,}", re.I)


@dataclass(frozen=True)
class Finding:
    """`field` is the id of the form's field to go to, or `page` the name of the admin's page that says more.

    `confirm`: a block that someone may wave through, by `key`.
    """

    key: str
    sentence: str
    field: str
    stops: bool = False
    confirm: bool = False
    page: str = ""


def findings(
    issue: Issue,
    items: Sequence[IssueItem],
    *,
    at: datetime | None = None,
    topics: bool | None = None,
    prefixes: Sequence[str] = (),
) -> list[Finding]:
    """Blocks first. `topics`: whether any is chosen, where that is not stored yet; `prefixes`: of the items' fields in
    the form, in their order."""
    prefixes = prefixes or [f"items-{number}" for number in range(len(items))]
    found = [*_audience(issue, topics), *_doctor()]
    for language in issue.languages:
        made = render(issue, items, language, mark=MARK, slug="check" if issue.in_archive else "")
        found += _language(issue, items, made, dict(zip(map(id, items), prefixes, strict=True)))
        found += _articles(issue, items, made, prefixes, at or issue.send_at)
    return sorted(dict.fromkeys(found), key=lambda finding: not finding.stops)


def blocking(issue: Issue, confirmed: Iterable[str] = ()) -> list[Finding]:
    """What keeps the stored issue from being sent, but for what was confirmed."""
    waved = set(confirmed)
    return [
        finding
        for finding in findings(issue, list(issue.items.select_related("article", "image")))
        if finding.stops and not (finding.confirm and finding.key in waved)
    ]


def size(issue: Issue, items: Sequence[IssueItem], language: str) -> int:
    """Bytes of the mail as it would leave."""
    return render(issue, items, language, mark=MARK, slug="check" if issue.in_archive else "").size


def _audience(issue: Issue, topics: bool | None) -> Iterator[Finding]:
    if topics is None:
        topics = bool(issue.pk) and issue.topics.exists()
    if not issue.to_all and not topics:
        yield Finding("topics", _("No topic is chosen, so nobody would get it."), "id_topics", stops=True)


def _doctor() -> Iterator[Finding]:
    """What the mail doctor found that keeps mails from arriving; with another fault it is to be confirmed anew."""
    for row in keeping.red():
        sentence = telling.sentence(row)
        yield Finding(
            f"doctor-{row.says}", sentence, "", stops=True, confirm=True, page="admin:newsletter_mailfinding_changelist"
        )


def _language(issue: Issue, items: Sequence[IssueItem], made: Rendered, prefix: dict[int, str]) -> Iterator[Finding]:
    language = made.language
    name: dict[str, Any] = {"language": NAMES[language]}
    subject = getattr(issue, f"subject_{language}") or ""
    if not subject:
        sentence = _("The subject is missing in %(language)s.")
        yield Finding(f"subject-{language}", sentence % name, f"id_subject_{language}", stops=True)
    elif len(subject) > LONG:
        words = name | {"count": len(subject), "most": TOO_LONG if len(subject) > TOO_LONG else LONG}
        sentence = (
            _("The subject in %(language)s has %(count)d characters; more than %(most)d are cut off everywhere.")
            if len(subject) > TOO_LONG
            else _("The subject in %(language)s has %(count)d characters; many mailboxes show %(most)d at most.")
        )
        yield Finding(f"long-{language}", sentence % words, f"id_subject_{language}", stops=len(subject) > TOO_LONG)
    if not made.preheader:
        sentence = _("Without a preheader in %(language)s, mailboxes show the first words of the issue there.")
        yield Finding(f"preheader-{language}", sentence % name, f"id_preheader_{language}")
    if not made.items and not made.intro:
        sentence = _("The issue is empty in %(language)s. Write it, or send it in the other language only.")
        yield Finding(f"empty-{language}", sentence % name, "id_only", stops=True)
    for item in made.items:
        yield from _item(item, made, prefix[id(item.source)])
    for row in made.left_out:
        if row.article_id is None:
            words = name | {"item": str(row)}
            sentence = _("“%(item)s” has nothing in %(language)s and is left out there.")
            yield Finding(
                f"left-{prefix[id(row)]}-{language}", sentence % words, f"id_{prefix[id(row)]}-heading_{language}"
            )
    for url in LINK.findall(made.intro):
        yield from _link(url, name, f"id_intro_{language}")
    if made.size >= HEAVY:
        heavy = made.size >= TOO_HEAVY
        sentence = (
            _(
                "In %(language)s the mail weighs %(size)d kB: Gmail cuts off what is over 102 kB, the leave link with it."
            )
            if heavy
            else _("In %(language)s the mail weighs %(size)d kB; from 102 kB Gmail cuts it off.")
        )
        words = name | {"size": made.size // 1000}
        yield Finding(f"weight-{language}", sentence % words, "id_items", stops=heavy, confirm=heavy)
    yield from _advertising(issue, made)


def _advertising(issue: Issue, made: Rendered) -> Iterator[Finding]:
    """What sells tickets is advertising (§ 6 DDG); whether it is, a person decides."""
    if issue.commercial:
        return
    sells = re.compile(rf'(?:href="|^){re.escape(settings.SITE_URL)}/[a-z]{{2}}/tickets(?:[/?"]|$)')
    if any(sells.search(item.url) or sells.search(item.text) for item in made.items):
        sentence = _("It leads to the shop in %(language)s. If it advertises something, tick “advertising”.")
        yield Finding(f"commercial-{made.language}", sentence % {"language": NAMES[made.language]}, "id_commercial")


def _item(item: Item, made: Rendered, prefix: str) -> Iterator[Finding]:
    language = made.language
    words = {"language": NAMES[language], "item": item.heading or str(item.source)}
    # An article's picture may be decorative beside its text, a library's for its own sake; a block's says something.
    if item.picture and not item.picture.alt and not _decorative(item):
        sentence = _("The picture of “%(item)s” has no alternative text in %(language)s.")
        yield Finding(f"alt-{prefix}-{language}", sentence % words, f"id_{prefix}-alt_{language}", stops=True)
    if item.source.button_label and not item.button and item.source.article_id is None:
        sentence = _("The button of “%(item)s” leads nowhere in %(language)s.")
        yield Finding(f"button-{prefix}-{language}", sentence % words, f"id_{prefix}-button_url_{language}", stops=True)
    if item.button:
        yield from _link(item.url, words, f"id_{prefix}-button_url_{language}")
    for url in LINK.findall(item.text):
        yield from _link(url, words, f"id_{prefix}-text_{language}")


def _decorative(item: Item) -> bool:
    return item.source.article_id is not None and item.source.image_id is None


def _articles(
    issue: Issue, items: Sequence[IssueItem], made: Rendered, prefixes: Sequence[str], at: datetime | None
) -> Iterator[Finding]:
    language = made.language
    now = public_articles(items, language)
    then = public_articles(items, language, at) if at else now
    for item, prefix in zip(items, prefixes, strict=True):
        if item.article_id is None:
            continue
        words = {"item": str(item.article), "language": NAMES[language]}
        field = f"id_{prefix}-article"
        if item.article_id not in now:
            others = [code for code in issue.languages if code != language]
            if any(public_articles([item], code) for code in others):
                sentence = _("“%(item)s” is not public in %(language)s and is left out there.")
                yield Finding(f"left-{item.article_id}-{language}", sentence % words, field)
            else:
                sentence = _("“%(item)s” is not public in %(language)s.")
                yield Finding(f"article-{item.article_id}-{language}", sentence % words, field, stops=True)
        elif item.article_id not in then:
            sentence = _("“%(item)s” is no longer public in %(language)s at the time of sending.")
            yield Finding(f"ends-{item.article_id}-{language}", sentence % words, field, stops=True)


def _link(url: str, words: dict[str, Any], field: str) -> Iterator[Finding]:
    url = url.replace("&amp;", "&")
    if not leads_somewhere(url):
        sentence = _("This link leads nowhere: %(url)s")
        yield Finding(f"link-{field}-{url}"[:200], sentence % {"url": url}, field, stops=True)


def leads_somewhere(url: str) -> bool:
    """Whether one of our addresses has a page now, or a foreign one looks like an address."""
    if not url.startswith((f"{settings.SITE_URL}/", "/")):
        return bool(EXTERNAL.fullmatch(url) or MAILTO.fullmatch(url))
    path = unquote(urlsplit(url).path)
    language = path.split("/")[1] if path.count("/") > 1 else ""
    with translation.override(language if language in NAMES else settings.LANGUAGE_CODE):
        try:
            match = resolve(path)
        except Resolver404:
            return False
    if match.view_name in {"news:article", "news:page"}:
        text = path.split("/", 2)[2].strip("/")
        return Publication.objects.public(language).filter(path=text).exists()
    if match.view_name == "newsletter:issue":
        return Edition.objects.in_archive(language).filter(slug=match.kwargs["slug"]).exists()
    return True
