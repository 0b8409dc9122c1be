"""Going back to an earlier version: every field, per language, into the draft and never further."""

from dataclasses import replace
from typing import Any

import pytest
from django.core.files.storage import default_storage

from news import drafting, restoring, versions
from news.comparing import SHARED_PART
from news.models import Article, Publication, Topic
from news.versions import Snapshot
from tests.factories import make_author, make_image, make_topic, make_user, publish
from tests.news.full_article import full_article, make_attachment, save

pytestmark = pytest.mark.django_db

BOTH = ("de", "en")


def change_everything(article: Article) -> Article:
    article = Article.objects.get(pk=article.pk)
    for field in versions.stored_fields():
        if field.name.endswith(BOTH):
            setattr(article, field.name, f"anders-{field.name}".replace("_", "-"))
    article.kind, article.image_position = "press_release", "top"
    article.image, article.author, article.contact = make_image(), make_author("Zwei"), None
    article.image_decorative = False
    return save(
        article,
        topics=[make_topic("Drei")],
        related=[],
        attachments=[make_attachment(article, title_de="Neu", title_en="New")],
        removed=list(article.attachments.all()),
    )


def restore(article: Article, number: int, *parts: str, **options: Any) -> Article:
    article = Article.objects.get(pk=article.pk)
    plan = restoring.plan(article, versions.snapshot(article, number), parts)
    restoring.restore(plan, article, version=options.pop("version", article.version), by=options.pop("by", None))
    return Article.objects.get(pk=article.pk)


def said(snapshot: Snapshot) -> dict[str, Any]:
    """What a snapshot says, whoever saved it and whichever rows hold it."""
    rows = tuple(replace(file, pk=0) for file in snapshot.attachments)
    return {**snapshot.values, "topics": snapshot.topics, "related": snapshot.related, "attachments": rows}


def test_the_first_version_restores_in_every_field() -> None:
    first = full_article()
    changed = change_everything(first)
    assert len(versions.changed_fields(versions.snapshot(first, 1), versions.current(changed))) >= 15
    editor = make_user("editor")
    restored = restore(first, 1, *restoring.PARTS, by=editor)
    assert said(versions.current(restored)) == said(versions.snapshot(first, 1))
    assert (restored.version, restored.saved_by) == (3, editor)
    assert restored.versions.get(number=3).restored_from == 1
    assert said(versions.snapshot(restored, 2)) == said(versions.snapshot(changed, 2))


@pytest.mark.parametrize("part", restoring.PARTS)
def test_one_part_restores_and_leaves_the_others(part: str) -> None:
    article = full_article()
    second = said(versions.current(change_everything(article)))
    first = said(versions.snapshot(article, 1))
    restored = said(versions.current(restore(article, 1, part)))
    of_part = {name for name in first if (name[-2:] if name.endswith(BOTH) else SHARED_PART) == part}
    assert restored == {name: first[name] if name in of_part else second[name] for name in first}


def test_restoring_changes_no_public_byte() -> None:
    article = full_article()
    publish(article, "de", "en")
    change_everything(article)
    before = list(Publication.objects.values())
    restore(article, 1, *restoring.PARTS)
    assert list(Publication.objects.values()) == before


def test_an_address_that_readers_have_stays() -> None:
    article = full_article()
    article.slug_de = "zweite-adresse"
    save(article)
    publish(article, "de")
    restored = restore(article, 1, *BOTH)
    first = versions.snapshot(article, 1)
    assert (restored.slug_de, restored.slug_en) == ("zweite-adresse", first.text("slug", "en"))


def test_what_has_been_deleted_cannot_return_and_is_named() -> None:
    article = full_article()
    first = versions.snapshot(article, 1)
    image = article.image
    changed = change_everything(article)
    assert image
    image.delete()
    Topic.objects.get(pk=first.topics[0]).delete()
    default_storage.delete(first.attachments[0].file)
    plan = restoring.plan(changed, first, restoring.PARTS)
    assert len(plan.losses) == 3
    restored = restore(article, 1, *restoring.PARTS)
    assert restored.image_id == changed.image_id
    assert versions.current(restored).topics == first.topics[1:]
    assert not restored.attachments.exists()


def test_restoring_over_a_version_that_its_reader_has_not_seen_is_refused() -> None:
    article = full_article()
    changed = change_everything(article)
    with pytest.raises(drafting.Conflict):
        restore(article, 1, "de", version=1)
    assert said(versions.current(Article.objects.get(pk=article.pk))) == said(versions.snapshot(changed, 2))


def test_english_restored_with_its_german_matches_and_alone_does_not() -> None:
    article = full_article()
    assert Article.objects.get(pk=article.pk).en_matches == 1
    change_everything(article)
    assert restore(article, 1, "en").en_matches == 2
    restored = restore(article, 1, *BOTH)
    assert restored.en_matches == restored.version
