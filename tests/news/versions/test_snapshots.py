"""Versions: what each save kept, and what an article said in any of them."""

from dataclasses import replace

import pytest

from news.models import Article, ArticleVersion
from news.versions import snapshots
from tests.factories import make_image, make_topic, make_user
from tests.news.full_article import full_article, save

pytestmark = pytest.mark.django_db


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
