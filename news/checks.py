"""What keeps a text from being published, as sentences: shown before the click, and refusing it."""

import re
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from news.body import image_ids
from news.models import Article, Image, Publication
from news.models.publications import RESERVED_NEWS, RESERVED_TOP
from sccon.html import is_empty

LEAD_LONG = 300  # characters; longer ones are cut off in lists and search results


@dataclass(frozen=True)
class Finding:
    """One thing that is missing or doubtful, the form field it is about, and whether it blocks."""

    sentence: str | Promise
    field: str
    blocks: bool = True


def path_of(article: Article, language: str) -> str:
    """Where the text will stand, as `Publication.path` writes it; '' without a slug."""
    slug = article.text("slug", language)
    if not slug or article.kind == Article.Kind.PAGE:
        return slug
    return f"news/{slug}"


def findings(article: Article, language: str) -> list[Finding]:
    """What stands against publishing `article` in `language`, in the order of the form."""
    return [
        *_text_findings(article, language),
        *_address_findings(article, language),
        *_picture_findings(article, language),
    ]


def blocking(article: Article, language: str) -> list[Finding]:
    return [finding for finding in findings(article, language) if finding.blocks]


def _text_findings(article: Article, language: str) -> list[Finding]:
    found = []
    if not article.text("title", language):
        found.append(Finding(_("The title is missing."), f"title_{language}"))
    if article.kind != Article.Kind.PAGE:
        lead = article.text("lead", language)
        if not lead:
            found.append(Finding(_("The lead is missing."), f"lead_{language}"))
        elif len(lead) > LEAD_LONG:
            sentence = _("The lead is longer than %(most)d characters.") % {"most": LEAD_LONG}
            found.append(Finding(sentence, f"lead_{language}", blocks=False))
        if not article.article_topics.exists():
            found.append(Finding(_("No topic is chosen."), "topics"))
    if is_empty(article.text("body", language)):
        found.append(Finding(_("The text is missing."), f"body_{language}"))
    return found


def _address_findings(article: Article, language: str) -> list[Finding]:
    field = f"slug_{language}"
    path = path_of(article, language)
    if not path:
        return [Finding(_("The address is missing. It is made from the title when you save."), field)]
    if re.fullmatch(f"news/({RESERVED_NEWS})|{RESERVED_TOP}", path):
        return [Finding(_("The site needs this address itself; please choose another."), field)]
    others = Publication.objects.filter(language=language, path=path).exclude(article=article)
    if other := others.first():
        return [Finding(_("This address belongs to “%(title)s”, for ever.") % {"title": other.title}, field)]
    kin = Q(kind=article.kind) if article.kind == Article.Kind.PAGE else ~Q(kind=Article.Kind.PAGE)
    drafts = Article.objects.filter(kin, **{field: article.text("slug", language)}).exclude(pk=article.pk)
    if draft := drafts.first():
        sentence = _("The draft “%(title)s” has the same address; who is published first gets it.")
        return [Finding(sentence % {"title": draft}, field, blocks=False)]
    return []


def _picture_findings(article: Article, language: str) -> list[Finding]:
    found = []
    image = article.image
    unsaid = article.alt_here(language) is None
    if image and unsaid and not image.decorative and not getattr(image, f"alt_{language}"):
        found.append(
            Finding(_("The picture has no alternative text in this language and is not marked as decorative."), "image")
        )
    if image and not image.ready_key:
        sentence = _("The sizes of the picture are still being made; until then a simple one is shown.")
        found.append(Finding(sentence, "image", blocks=False))
    wanted = set(image_ids(article.text("body", language)))
    if wanted - set(Image.objects.filter(pk__in=wanted).values_list("pk", flat=True)):
        found.append(Finding(_("A picture in the text is no longer in the library."), f"body_{language}"))
    return found
