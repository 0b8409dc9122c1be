"""Every field of an article is known wherever it must be: published, previewed, compared, restored, taken down."""

from datetime import date
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import models
from django.utils import translation
from django.utils.functional import Promise

from news.models import Article, Attachment, Boilerplate, Publication, record
from news.models.publications import Part
from news.publishing import publications
from news.publishing.states import state
from news.versions import comparing, snapshots
from news.versions.comparing import SHARED_PART, part_of
from news.versions.written import TEXTS, stored_fields, translated, translated_texts, written
from news.writing import drafting, previewing, restoring
from sccon.clock import database_now
from sccon.translated import LANGUAGES
from tests.factories import make_article, make_author, make_image, make_topic, publish

pytestmark = pytest.mark.django_db

# What a publication says of itself, and not of what was written.
OWN = {
    *("id", "article_id", "version", "language", "notice", "visible", "first_published_at", "updated_at"),
    *("published_by_id", "continues", "redacted_at", "redacted_by_id", "redaction_reason", "recorded_at"),
    *("search_files", "search_marks", "search", "search_title"),
}
PARTS = ("topics", "related", "attachments")
COLUMNS = [field.attname for field in stored_fields()]
PAGES_ONLY = {"role"}


def a_boilerplate(words: str) -> Boilerplate:
    return Boilerplate.objects.create(
        title_de="Über uns", title_en="About", text_de=f"<p>{words}</p>", text_en=f"<p>{words}</p>"
    )


def an_article(**fields: Any) -> Article:
    """A press release in which nothing is empty, of an event that is over, saved once; or a page."""
    texts = {f"{name}_{code}": f"{name} {code}" for name in ("seo_title", "seo_description") for code in ("de", "en")}
    article = make_article(
        **{
            "kind": "press_release",
            "image": make_image(),
            "image_alt_de": "Ein Haus",
            "image_alt_en": "A house",
            "author": make_author("Jana Wetterau"),
            "boilerplate": a_boilerplate("Seit 2018."),
            "contact": make_author("Kim Mond", email="presse@example.org"),
            "event_last_day": date(2020, 10, 14),
            **texts,
            **fields,
        },
    )
    related, files = [make_article("Verwandt")], [an_attachment("Satzung")]
    return drafting.save(article, version=0, by=None, related=related, attachments=files)


def an_attachment(title: str) -> Attachment:
    attachment = Attachment(size=5, title_de=title, title_en=title)
    attachment.file.save("satzung.pdf", ContentFile(b"%PDF-"), save=False)
    return attachment


def another(field: models.Field, value: Any) -> Any:
    """Something else that `field` may say."""
    if field.choices:
        return next(choice for choice, _name in field.flatchoices if choice not in (value, "page"))
    if isinstance(field, models.ForeignKey):
        return {"image": make_image, "boilerplate": lambda: a_boilerplate("Anders.")}.get(field.name, make_author)().pk
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(field, models.DateField):
        return date(2021, 11, 15)
    if field.name.startswith("slug"):
        return "anderswo"
    return "<p>Anders.</p>" if field.name.startswith("body") else "Anders."


def change(article: Article, column: str) -> Article:
    """Saves the article with something else in one field."""
    article = Article.objects.get(pk=article.pk)
    parts: dict[str, Any] = {}
    match column:
        case "topics":
            parts = {"topics": [make_topic("Drei")]}
        case "related":
            parts = {"related": [make_article("Andere")]}
        case "attachments":
            parts = {"attachments": [an_attachment("Programm")], "removed": list(article.attachments.all())}
        case "image_decorative":  # only a picture that says nothing else can be
            article.image_decorative = True
        case _:
            field = next(field for field in stored_fields() if field.attname == column)
            setattr(article, column, another(field, getattr(article, column)))
    return drafting.save(article, version=article.version, by=None, **parts)


def said(row: Publication) -> dict[str, Any]:
    """What a publication says, stored or only drafted, but for what belongs to it in other tables."""
    columns = (field.attname for field in Publication._meta.concrete_fields)
    return {column: getattr(row, column) for column in columns if column not in OWN}


def newest(article: Article, language: str) -> Publication:
    return article.publications.filter(language=language).latest("pk")


def public(article: Article, language: str) -> list[Any]:
    """What readers read, with all that belongs to it."""
    row = newest(article, language)
    files = [(file.file.name, file.title) for file in row.publication_attachments.all()]
    return [said(row), list(row.topics.all()), set(row.related.values_list("pk", flat=True)), files]


def previewed(article: Article, language: str) -> list[Any]:
    """The same of the draft."""
    draft = previewing.stored_draft(Article.objects.get(pk=article.pk))
    row = previewing.drafted(draft.article, language, database_now(), draft.topics)
    files = [(file.file.name, file.title) for file in previewing.drafted_files(draft.files, language)]
    return [said(row), list(draft.topics), set(draft.related), files]


def counted(article: Article, language: str) -> tuple[int, int, bool]:
    """The open changes as the list counts them, as the comparison does, and whether the preview shows any."""
    article = Article.objects.get(pk=article.pk)
    changes = state(article, language, database_now()).changes
    compared = comparing.compare(snapshots.published(newest(article, language)), snapshots.current(article))
    return len(changes), compared.changes, previewed(article, language) != public(article, language)


@pytest.mark.parametrize("column", [*COLUMNS, *PARTS])
def test_list_comparison_and_preview_know_each_change_until_it_is_published(column: str) -> None:
    article = an_article(**({"kind": "page"} if column in PAGES_ONLY else {}))
    publish(article, "de", "en")
    assert [counted(article, language) for language in LANGUAGES] == [(0, 0, False)] * 2
    changed = change(article, column)
    assert [counted(changed, language) for language in LANGUAGES] == [
        (1, 1, True) if part_of(column) in (language, SHARED_PART) else (0, 0, False) for language in LANGUAGES
    ]
    publish(changed, "de", "en")
    assert [counted(changed, language) for language in LANGUAGES] == [(0, 0, False)] * 2


@pytest.mark.parametrize("column", [*COLUMNS, *PARTS])
def test_the_version_before_brings_each_field_back(column: str) -> None:
    article = an_article(**({"kind": "page"} if column in PAGES_ONLY else {}))
    first = snapshots.snapshot(article, 1)
    changed = change(article, column)
    assert snapshots.changed_fields(first, snapshots.current(changed)) == [column]
    plan = restoring.plan(changed, first, restoring.PARTS)
    # Which page the foot leads to is no matter of a text: it stays.
    assert snapshots.changed_fields(plan.now, plan.then) == ([] if column == "role" else [column])
    restored = restoring.restore(plan, changed, version=2, by=None)
    stays = [column] if column == "role" else []
    assert snapshots.changed_fields(first, snapshots.current(Article.objects.get(pk=restored.pk))) == stays


@pytest.mark.parametrize(
    ("language", "expected"),
    [("de", "14.\N{NO-BREAK SPACE}Oktober 2020"), ("en", "14\N{NO-BREAK SPACE}October 2020")],
)
def test_a_comparison_names_what_changed_in_the_readers_language(language: str, expected: str) -> None:
    article = an_article()
    row = publish(article, "de")
    changed = change(change(article, "event_last_day"), "boilerplate_id")
    with translation.override(language):
        compared = comparing.compare(snapshots.published(row), snapshots.current(changed))
        found = {diff.label: diff for part in compared.parts for diff in part.fields if diff.changed}
        labels = {"event_last_day", "boilerplate"}
        assert list(found) == [comparing.label(Article._meta.get_field(name)) for name in sorted(labels, reverse=True)]
        day, boilerplate = found.values()
        assert next(item.words for item in day.items) == expected
        assert boilerplate.text and (boilerplate.text.deleted, boilerplate.text.inserted) == (2, 1)


def test_every_column_of_a_publication_is_written_or_its_own() -> None:
    columns = {field.attname for field in Publication._meta.concrete_fields}
    assert columns == OWN | written(make_article(), "de").keys()
    assert not OWN & written(make_article(), "de").keys()
    assert {part.__name__ for part in Part.__subclasses__()} == {
        "PublicationTopic",
        "PublicationRelated",
        "PublicationImage",
        "PublicationAttachment",
    }


def test_a_take_down_leaves_no_word_of_an_article() -> None:
    article = an_article()
    row = publish(article, "de")
    publications.redact(row, reason="Urteil", by=None)
    row = Publication.objects.get(pk=row.pk)
    words = {
        field.attname
        for field in Publication._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField) and not field.choices
    } - {"path", "redaction_reason", "search_marks"}
    assert {name for name in words if getattr(row, name)} == set()
    emptied = set(record.REDACTED.strip("{}").split(","))  # as the database allows it
    assert emptied == (words - {"search_files"}) | {"image_id", "redacted_at", "redacted_by_id", "redaction_reason"}


def test_every_text_in_two_languages_is_absent_or_says_something() -> None:
    guarded = {constraint.name for constraint in Article._meta.constraints}
    for name in translated():
        rule = "well_formed" if name == "slug" else "not_empty"
        assert {f"article_{name}_{language}_{rule}" for language in LANGUAGES} <= guarded
    assert set(translated_texts()) == {*TEXTS, "image_alt"}


def test_every_field_of_an_article_is_named_in_the_readers_language() -> None:
    names = [*(field.name for field in stored_fields()), *translated(), "topics", "related"]
    assert [name for name in names if not isinstance(Article._meta.get_field(name).verbose_name, Promise)] == []
