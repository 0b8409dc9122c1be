"""Legal take-downs: empties texts and deletes files; the record keeps only that they were there.

All places in which words of an article can stand are listed in `news.retention`; what is no text itself but tells of one
(mails, the admin's log …) is emptied by `news.publishing.traces`. Files are deleted on commit. Pictures and files that
another text, public or draft, still shows are kept.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from reversion.models import Version

from news.models import (
    Article,
    Attachment,
    Author,
    Image,
    Publication,
    PublicationAttachment,
    PublicationImage,
    SharePicture,
)
from news.pictures.figures import image_ids
from news.pictures.library import remove_files
from news.publishing import reviewing, traces
from news.publishing.publications import redact
from news.search import finding
from news.versions.written import translated_texts
from news.writing import drafting
from sccon.clock import database_now
from sccon.models import User


@dataclass(frozen=True)
class TakenDown:
    """The numbers of what was emptied or deleted."""

    texts: int
    images: int
    files: int
    versions: int  # of the draft
    reviews: int
    mails: int
    log: int  # lines of the admin's log
    technical: int  # pages kept for a form sent twice, errors of jobs


def readable(article: Article) -> list[Publication]:
    """The texts of `article` that are or were public and can be taken down, newest first."""
    rows = article.publications.filter(visible__startswith__lte=database_now(), redacted_at=None)
    return list(rows.select_related("published_by").order_by("-visible", "language"))


@transaction.atomic
def take_down(
    article: Article, publications: Collection[Publication], *, reason: str, by: User | None, drafts: bool
) -> TakenDown:
    """Empties `publications`; with `drafts` also the draft and all its versions, in their languages.

    Texts that are public now are withdrawn, and plans in their languages cancelled. Raises
    `publications.NotWithdrawable`, and then changes nothing.
    """
    article = Article.objects.locked(article)
    languages = sorted({row.language for row in publications})
    images = _images_of(article, publications, languages if drafts else [])
    titles = _titles(article, publications)
    words = finding.words_of(article.publications.filter(language__in=languages))
    versions = reviews = 0
    files = set(PublicationAttachment.objects.filter(publication__in=publications).values_list("file", flat=True))
    if drafts:
        versions = article.versions.count()
        files |= _empty_draft(article, languages, by=by)
        files |= _empty_versions(article, languages)
        reviews = _end_reviews(article, languages, by=by)
        article.preview_links.filter(language__in=languages, revoked_at=None).update(revoked_at=Now())
    lonely = _used_only_there(images, publications)
    for row in publications:
        redact(row, reason=reason, by=by, keep_image=row.image_id not in lonely)
    PublicationImage.objects.filter(publication__in=publications, image__in=lonely).delete()
    SharePicture.objects.filter(publication__in=publications).delete()  # they show the title
    for image in Image.objects.filter(pk__in=lonely):
        image.delete()  # a signal deletes its files, see `news.pictures.library`
    finding.forget_unused(words)
    gone = _unnamed(files)
    transaction.on_commit(partial(remove_files, gone), robust=True)
    return TakenDown(
        texts=len(publications),
        images=len(lonely),
        files=len(gone),
        versions=versions,
        reviews=reviews,
        mails=traces.empty_mails(article),
        log=traces.empty_log(article, titles, images=lonely),
        technical=traces.empty_technical(article, titles),
    )


def _titles(article: Article, publications: Collection[Publication]) -> set[str]:
    """All titles that the texts had: by them traces are found whose article is told nowhere."""
    languages = {row.language for row in publications}
    titles = {row.title for row in publications} | {article.text("title", language) for language in languages}
    own = Version.objects.filter(
        content_type=ContentType.objects.get_for_model(Article), object_id=str(article.pk)
    ).values_list("serialized_data", flat=True)
    for data in own:
        stored = json.loads(data)[0]["fields"]
        titles |= {stored.get(f"title_{language}") or "" for language in languages}
    return titles - {""}


# --- Pictures and files -----------------------------------------------------------------------


def _images_of(article: Article, publications: Collection[Publication], languages: Sequence[str]) -> set[int]:
    """Ids of the pictures of the texts and in their bodies, and of the draft in `languages`."""
    found = {row.image_id for row in publications}
    found |= set(PublicationImage.objects.filter(publication__in=publications).values_list("image_id", flat=True))
    if languages:
        found |= {article.image_id, *chain(*(image_ids(article.text("body", language)) for language in languages))}
    return {pk for pk in found if pk}


def _used_only_there(images: Collection[int], publications: Collection[Publication]) -> set[int]:
    """Those of `images` that only `publications` show: no draft, no author, no other text of the record."""
    rest = Publication.objects.exclude(pk__in=[row.pk for row in publications])
    inside = PublicationImage.objects.filter(image=OuterRef("pk")).exclude(publication__in=publications)
    unused = Image.objects.filter(pk__in=images).exclude(
        Exists(Article.objects.filter(image=OuterRef("pk")))
        | Exists(Author.objects.filter(portrait=OuterRef("pk")))
        | Exists(rest.filter(image=OuterRef("pk")))
        | Exists(inside)
    )
    in_drafts = Q()
    candidates = set(unused.values_list("pk", flat=True))
    for pk in candidates:
        in_drafts |= Q(body_de__contains=f'data-image="{pk}"') | Q(body_en__contains=f'data-image="{pk}"')
    if candidates:
        for body in Article.objects.filter(in_drafts).values_list("body_de", "body_en"):
            candidates -= set(image_ids(body[0] or "")) | set(image_ids(body[1] or ""))
    return candidates


def _unnamed(files: Collection[str]) -> list[str]:
    """Those of `files` to which no row refers any more."""
    names = {name for name in files if name}
    named = set(Attachment.objects.filter(file__in=names).values_list("file", flat=True))
    named |= set(PublicationAttachment.objects.filter(file__in=names).values_list("file", flat=True))
    return sorted(names - named)


# --- Draft and versions -----------------------------------------------------------------------


def _empty_draft(article: Article, languages: Sequence[str], *, by: User | None) -> set[str]:
    """Saves the draft without its texts, picture and files in `languages`; returns the names of removed files."""
    for language in languages:
        for name in translated_texts():
            setattr(article, f"{name}_{language}", None)
    article.image = None
    kept: list[Attachment] = []
    removed: list[Attachment] = []
    for file in article.attachments.all():
        for language in languages:
            setattr(file, f"title_{language}", None)
        (kept if file.title_de or file.title_en else removed).append(file)
    names = {str(file.file) for file in removed}
    drafting.save(article, version=article.version, by=by, attachments=kept, removed=removed)
    return names


def _empty_versions(article: Article, languages: Sequence[str]) -> set[str]:
    """Empties all versions of the article in `languages`; who saved them and when is kept. Returns file names."""
    kind = ContentType.objects.get_for_model
    own = Version.objects.filter(content_type=kind(Article), object_id=str(article.pk))
    revisions = own.values("revision")
    files: set[str] = set()
    texts = translated_texts()
    for version in own:
        _rewrite(version, [*(f"{name}_{language}" for name in texts for language in languages), *texts, "image"])
    for version in Version.objects.filter(content_type=kind(Attachment), revision__in=revisions):
        fields = _rewrite(version, ["title", *(f"title_{language}" for language in languages)])
        if not (fields.get("title_de") or fields.get("title_en")):
            files.add(str(fields.get("file") or ""))
            _rewrite(version, [], file="")
    if "de" in languages:
        article.versions.update(german="")  # a hash could still confirm a guessed text
    return files


def _end_reviews(article: Article, languages: Sequence[str], *, by: User | None) -> int:
    """Ends what is open and empties the notes of all reviews in `languages`; returns their number."""
    about = article.reviews.filter(language__in=languages)
    reviewing.end(article, languages, by=by)
    return about.update(note="", answer="")


def _rewrite(version: Version, names: Sequence[str], **values: str) -> dict:
    """Sets the fields `names` of a stored version to None, and others to `values`; returns its fields."""
    data = json.loads(version.serialized_data)
    fields = data[0]["fields"]
    fields.update({name: None for name in names if name in fields} | values)
    version.serialized_data = json.dumps(data, ensure_ascii=False)
    version.object_repr = ""
    version.save(update_fields=["serialized_data", "object_repr"])
    return fields
