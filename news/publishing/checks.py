"""Checks before publishing. Findings are sentences for the editor; those that block make `publish` refuse."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from news.models import Article, Image, Publication
from news.models.publications import RESERVED_NEWS, RESERVED_TOP
from news.pictures.figures import figure_alts
from news.publishing.links import Link, leading_nowhere, links_of
from news.versions import translating
from sccon.html import sanitise
from sccon.translated import NAMES

# Hints start where lists, search engines and shared links cut a text off, or a picture gets blurred.
TITLE_LONG, LEAD_LONG = 90, 300  # characters
IMAGE_WIDE, FIGURE_WIDE = 1200, 640  # pixels

HEADING = re.compile(r"<(h[23])>")
# Link texts that do not tell the target: screen readers list links without their context.
PURPOSELESS = {"hier", "hier klicken", "klicken sie hier", "klick hier", "siehe hier", "link", "dieser link"}
PURPOSELESS |= {"mehr", "mehr lesen", "weiter", "weiterlesen", "mehr erfahren", "mehr dazu", "details"}
PURPOSELESS |= {"here", "click here", "see here", "this link", "more", "read more", "learn more", "continue"}


@dataclass(frozen=True)
class Finding:
    """Something missing or doubtful: a sentence, the form field, and whether it blocks publishing."""

    sentence: str | Promise
    field: str
    blocks: bool = True
    passing: bool = False  # may be gone at a later instant


@dataclass(frozen=True)
class Subject:
    """The text to check: a draft in one language, or a planned publication."""

    language: str
    kind: str
    title: str
    lead: str
    body: str  # sanitised
    image: Image | None
    image_alt: str | None  # in this text; None for the library's
    has_topic: bool

    def field(self, name: str) -> str:
        return f"{name}_{self.language}"


def findings(
    article: Article,
    language: str,
    at: datetime | None = None,
    *,
    body: str | None = None,
    has_topic: bool | None = None,
) -> list[Finding]:
    """What stands against publishing `article` in `language` at `at` (None: now), in the order of the form.

    `body` is its sanitised text, from a caller that has it already; `has_topic` says of a form that is not saved yet
    whether a topic is ticked. The same few queries, however long the text.
    """
    subject = Subject(
        language=language,
        kind=article.kind,
        title=article.text("title", language),
        lead=article.text("lead", language),
        body=sanitise(article.text("body", language)) if body is None else body,
        image=article.image,
        image_alt=article.alt_here(language),
        has_topic=bool(article.article_topics.all()) if has_topic is None else has_topic,
    )
    return [
        *_text_findings(subject),
        *_structure_findings(subject),
        *_link_findings(subject, at),
        *_address_findings(article, language),
        *_picture_findings(subject),
        *_translation_findings(article, language),
    ]


def blocking(article: Article, language: str, at: datetime | None = None, *, body: str | None = None) -> list[Finding]:
    return [finding for finding in findings(article, language, at, body=body) if finding.blocks]


def failing(publication: Publication) -> list[Finding]:
    """Blocking findings for a planned text at its time, such as a link whose target is gone since it was planned."""
    subject = Subject(
        language=publication.language,
        kind=publication.kind,
        title=publication.title,
        lead=publication.lead,
        body=publication.body,
        image=publication.image,
        image_alt=publication.image_alt,
        has_topic=bool(publication.publication_topics.all()),
    )
    found = [
        *_text_findings(subject),
        *_structure_findings(subject),
        *_link_findings(subject, publication.visible.lower),
        *_picture_findings(subject),
    ]
    return [finding for finding in found if finding.blocks]


# --- Text -------------------------------------------------------------------------------------


def _text_findings(subject: Subject) -> list[Finding]:
    found = []
    if not subject.title:
        found.append(Finding(_("The title is missing."), subject.field("title")))
    elif len(subject.title) > TITLE_LONG:
        sentence = _("The title is longer than %(most)d characters; lists and search engines cut it off.") % {
            "most": TITLE_LONG
        }
        found.append(Finding(sentence, subject.field("title"), blocks=False))
    if subject.kind != Article.Kind.PAGE:
        if not subject.lead:
            missing = _("The lead is missing; lists and search engines show the first sentences of the text.")
            found.append(Finding(missing, subject.field("lead"), blocks=False))
        elif len(subject.lead) > LEAD_LONG:
            sentence = _("The lead is longer than %(most)d characters.") % {"most": LEAD_LONG}
            found.append(Finding(sentence, subject.field("lead"), blocks=False))
        if not subject.has_topic:
            found.append(Finding(_("No topic is chosen."), "topics"))
    if not subject.body:
        found.append(Finding(_("The text is missing."), subject.field("body")))
    return found


def _structure_findings(subject: Subject) -> list[Finding]:
    """Checks the order of headings: the title is h1, so an h3 needs an h2 before it."""
    headings = HEADING.findall(subject.body)
    if headings and headings[0] == "h3":
        sentence = _("The first heading in the text is a small one. Make it a large one, so that no step is left out.")
        return [Finding(sentence, subject.field("body"))]
    return []


def _link_findings(subject: Subject, at: datetime | None) -> list[Finding]:
    found, field = [], subject.field("body")
    links = links_of(subject.body)
    for link in links:
        if not link.text:
            sentence = _("A link has no text: %(address)s") % {"address": link.href}
            found.append(Finding(sentence, field))
        elif link.text.casefold().strip(" .:…!›»>") in PURPOSELESS:
            sentence = _("The link “%(text)s” does not say where it leads.") % {"text": link.text}
            found.append(Finding(sentence, field, blocks=False))
    found += [_not_public(link, field, at) for link in leading_nowhere(links, at)]
    return found


def _not_public(link: Link, field: str, at: datetime | None) -> Finding:
    details = {"text": link.text, "path": link.path}
    if at:
        sentence = _("The link “%(text)s” leads to %(path)s, where nothing is public at that time.")
    else:
        sentence = _("The link “%(text)s” leads to %(path)s, where nothing is public.")
    return Finding(sentence % details, field, passing=True)


# --- Address ----------------------------------------------------------------------------------


def _address_findings(article: Article, language: str) -> list[Finding]:
    field = f"slug_{language}"
    path = article.path(language)
    if not path:
        return [Finding(_("The address is missing. It is made from the title when you save."), field)]
    if re.fullmatch(f"news/({RESERVED_NEWS})|{RESERVED_TOP}", path):
        return [Finding(_("The site needs this address itself; please choose another."), field)]
    others = Publication.objects.filter(language=language, path=path).exclude(article=article.pk)
    if other := others.first():
        return [Finding(_("This address belongs to “%(title)s”, for ever.") % {"title": other}, field)]
    kin = Q(kind=article.kind) if article.kind == Article.Kind.PAGE else ~Q(kind=Article.Kind.PAGE)
    drafts = Article.objects.filter(kin, **{field: article.text("slug", language)}).exclude(pk=article.pk)
    if draft := drafts.first():
        sentence = _("The draft “%(title)s” has the same address; who is published first gets it.")
        return [Finding(sentence % {"title": draft}, field, blocks=False)]
    return []


# --- Pictures ---------------------------------------------------------------------------------


def _picture_findings(subject: Subject) -> list[Finding]:
    figures = figure_alts(subject.body)
    wanted = {pk for pk, _alt in figures}
    images = Image.objects.in_bulk(wanted) if wanted else {}
    found, field = [], subject.field("body")
    if subject.image:
        found += _one_picture(subject.image, subject.image_alt, subject.language, "image", IMAGE_WIDE)
    if wanted - images.keys():
        found.append(Finding(_("A picture in the text is no longer in the library."), field))
    for pk, alt in figures:
        if pk in images:
            found += _one_picture(images[pk], alt, subject.language, field, FIGURE_WIDE)
    return list(dict.fromkeys(found))


def _one_picture(image: Image, alt: str | None, language: str, field: str, wide: int) -> list[Finding]:
    """Checks one picture: the article's if `field` is "image", else one in the body."""
    found: list[Finding] = []
    details = {"name": image, "width": image.width, "wide": wide}

    def say(above: str | Promise, inside: str | Promise, *, blocks: bool, cured_in: str = field) -> None:
        if field == "image":
            found.append(Finding(above, cured_in, blocks=blocks))
        else:
            found.append(Finding(str(inside) % details, field, blocks=blocks))

    if alt is None and not image.decorative and not getattr(image, f"alt_{language}"):
        say(
            _("The picture has no alternative text in this language and is not marked as decorative."),
            _("The picture “%(name)s” in the text has no alternative text in this language and is not decorative."),
            blocks=True,
            cured_in=f"image_alt_{language}",
        )
    if not image.credit.strip():
        say(
            _("The picture has no credit: readers do not learn who made it."),
            _("The picture “%(name)s” in the text has no credit: readers do not learn who made it."),
            blocks=False,
        )
    if not image.ready_key:
        say(
            _("The sizes of the picture are still being made; until then a simple one is shown."),
            _("The sizes of the picture “%(name)s” in the text are still being made."),
            blocks=False,
        )
    if image.width < wide:
        narrow = (
            _("The picture “%(name)s” is %(width)d pixels wide; from %(wide)d on it is sharp everywhere.") % details
        )
        found.append(Finding(narrow, field, blocks=False))
    return found


# --- The other language -----------------------------------------------------------------------


def _translation_findings(article: Article, language: str) -> list[Finding]:
    other = "en" if language == "de" else "de"
    if not article.has_text(other):
        sentence = _("There is no text in the other language (%(language)s).") % {"language": NAMES[other]}
        return [Finding(sentence, f"title_{other}", blocks=False)]
    if article.pk and translating.outdated([article.pk]):
        behind = {
            "en": _("The German has changed since someone last confirmed that the English says the same."),
            "de": _("The English does not follow this text yet."),
        }
        return [Finding(behind[language], "title_en", blocks=False)]
    return []
