"""Versions: what each save kept, and what an article said in any of them."""

from dataclasses import replace
from importlib import import_module

import pytest
from django.apps import apps

from news import versions
from news.models import Article, ArticleVersion
from tests.factories import make_image, make_topic, make_user
from tests.news.full_article import full_article, save

pytestmark = pytest.mark.django_db


def test_a_snapshot_is_what_was_saved() -> None:
    article = full_article()
    kept, stored = versions.snapshot(article, 1), versions.current(Article.objects.get(pk=article.pk))
    assert replace(kept, saved_at=stored.saved_at) == stored


def test_later_saves_leave_a_snapshot_as_it_was() -> None:
    article = full_article()
    first = versions.snapshot(article, 1)
    article = Article.objects.prefetch_related("attachments", "related", "article_topics").get(pk=article.pk)
    for field in versions.stored_fields():
        if field.null and not field.name.startswith(("title", "slug")):
            setattr(article, field.attname, None)
    article.title_de, article.title_en = "Zweite", 'A "version": 1, trap'
    save(article, topics=[make_topic("Drei")], related=[], removed=list(article.attachments.all()))
    second = versions.snapshot(article, 2)
    assert versions.snapshot(article, 1) == first
    assert (second.text("title", "de"), second.values["image_id"], second.values["author_id"]) == ("Zweite", None, None)
    assert (len(second.topics), second.related, second.attachments) == (1, (), ())
    assert (len(first.topics), len(first.related), len(first.attachments)) == (2, 2, 1)


def test_a_version_that_was_never_saved_is_unknown() -> None:
    with pytest.raises(versions.UnknownVersion):
        versions.snapshot(full_article(), 2)


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


def test_saves_from_before_the_history_are_found_again() -> None:
    article = full_article()
    article.title_de = "Zweite"
    save(article, topics=[make_topic("Drei")], removed=list(article.attachments.all()))
    columns = ("number", "revision", "by", "changed", "german")
    rows = [(*row[:3], sorted(row[3]), row[4]) for row in ArticleVersion.objects.values_list(*columns)]
    ArticleVersion.objects.all().delete()
    Article.objects.update(en_matches=None)
    import_module("news.migrations.0005_versions").note_earlier_saves(apps, None)
    found = [(*row[:3], sorted(row[3]), row[4]) for row in ArticleVersion.objects.values_list(*columns)]
    assert [row[:3] + row[4:] for row in found] == [row[:3] + row[4:] for row in rows]
    assert found[0] == rows[0]
    assert Article.objects.get(pk=article.pk).en_matches == 2
