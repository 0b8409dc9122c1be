"""Versions: what each save kept, and what an article said in any of them."""

from dataclasses import replace
from typing import Any

import pytest
from django.core.files.base import ContentFile

from news.models import Article, ArticleVersion, Attachment
from news.versions import snapshots
from news.writing import drafting
from tests.factories import make_article, make_author, make_image, make_topic, make_user

pytestmark = pytest.mark.django_db


def save(article: Article, **options: Any) -> Article:
    return drafting.save(article, version=article.version, by=options.pop("by", None), **options)


def make_attachment(article: Article, **fields: Any) -> Attachment:
    attachment = Attachment(article=article, size=5, **{"title_de": "Satzung", **fields})
    attachment.file.save("satzung.pdf", ContentFile(b"%PDF-"), save=False)
    return attachment


def full_article() -> Article:
    """An article in which nothing is empty, saved once."""
    article = make_article("Erste", seo_title_de="Suche", seo_description_en="Found", image_position="after")
    article.image, article.author, article.contact = make_image(), make_author(), make_author("Kim Mond")
    article.image_alt_de, article.image_decorative = "Ein Haus", True
    save(
        article,
        by=make_user("editor"),
        topics=[make_topic("Zwei"), make_topic("Eins")],
        related=[make_article("Verwandt"), make_article("Auch")],
        attachments=[make_attachment(article)],
    )
    return article


def test_a_snapshot_is_what_was_saved() -> None:
    article = full_article()
    kept, stored = snapshots.snapshot(article, 1), snapshots.current(Article.objects.get(pk=article.pk))
    assert replace(kept, saved_at=stored.saved_at) == stored


def test_later_saves_leave_a_snapshot_as_it_was() -> None:
    article = full_article()
    first = snapshots.snapshot(article, 1)
    article = Article.objects.prefetch_related("attachments", "related", "article_topics").get(pk=article.pk)
    for field in snapshots.stored_fields():
        if field.null and not field.name.startswith(("title", "slug")):
            setattr(article, field.attname, None)
    article.title_de, article.title_en = "Zweite", 'A "version": 1, trap'
    save(article, topics=[make_topic("Drei")], related=[], removed=list(article.attachments.all()))
    second = snapshots.snapshot(article, 2)
    assert snapshots.snapshot(article, 1) == first
    assert (second.text("title", "de"), second.values["image_id"], second.values["author_id"]) == ("Zweite", None, None)
    assert (len(second.topics), second.related, second.attachments) == (1, (), ())
    assert (len(first.topics), len(first.related), len(first.attachments)) == (2, 2, 1)


def test_a_version_that_was_never_saved_is_unknown() -> None:
    with pytest.raises(snapshots.UnknownVersion):
        snapshots.snapshot(full_article(), 2)


def test_each_save_says_who_made_it_and_what_it_changed() -> None:
    editor = make_user("editor")
    article = save(Article(title_de="A", body_de="<p>A</p>"), by=editor)
    article.lead_de, article.image = "Neu", make_image()
    save(article, topics=[make_topic()])
    rows = ArticleVersion.objects.order_by("number").values_list("number", "by", "changed")
    assert [(number, by, sorted(changed)) for number, by, changed in rows] == [
        (1, editor.pk, ["body_de", "image_position", "kind", "slug_de", "title_de"]),
        (2, None, ["image_id", "lead_de", "topics"]),
    ]
