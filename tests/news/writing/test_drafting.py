"""Saving a draft: each save a version, and never over one that its author has not seen."""

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from reversion.models import Revision, Version

from news.models import Article, Publication
from news.writing import drafting
from tests.factories import make_article, make_topic, make_user, publish

pytestmark = pytest.mark.django_db


def draft(**fields: Any) -> Article:
    return drafting.save(Article(**{"title_de": "Über Größe", **fields}), version=0, by=None)


def test_first_save_is_version_one_and_makes_the_addresses() -> None:
    article = draft(title_en="On size")
    article.refresh_from_db()
    assert (article.version, article.slug_de, article.slug_en) == (1, "ueber-groesse", "on-size")


def test_address_is_made_only_where_there_is_a_title_and_none_yet() -> None:
    article = draft(slug_de="eigene-adresse")
    article.refresh_from_db()
    assert (article.slug_de, article.slug_en) == ("eigene-adresse", None)


@pytest.mark.parametrize(
    ("first", "slug", "then", "expected"),
    [
        ("Straßenverkehr & Größe", "", "Straßenverkehr", "strassenverkehr"),
        ("Wegwerf A", "", "Haushalt 2027", "haushalt-2027"),
        ("Wegwerf A", "wegwerf-a", "Haushalt 2027", "haushalt-2027"),  # typed as it would have been made
        ("Wegwerf A", "eigene", "Haushalt 2027", "eigene"),  # touched by hand
        ("Wegwerf A", "", "", "wegwerf-a"),  # nothing to follow
        ("wort " * 40, "", "Kurz", "kurz"),
        ("Überblick", "", "U\u0308berblick u\u0308ber", "ueberblick-ueber"),
        ("Gleich", "", "Gleich!", "gleich"),
    ],
)
def test_the_address_follows_the_title_until_somebody_touches_it(
    first: str, slug: str, then: str, expected: str
) -> None:
    article = draft(title_de=first, slug_de=slug, lead_de="Damit etwas bleibt.")
    article.title_de = then
    drafting.save(article, version=1, by=None)
    article.refresh_from_db()
    assert article.slug_de == expected


def test_the_address_of_a_plan_follows_and_that_of_a_public_text_does_not() -> None:
    planned = draft(title_en="On size", body_de="<p>Text</p>", body_en="<p>Text</p>", kind="page")
    publish(planned, at=timezone.now() + timedelta(days=1))
    publish(planned, "en")
    planned.title_de, planned.title_en = "Anders", "Otherwise"
    drafting.save(planned, version=1, by=None)
    assert (planned.slug_de, planned.slug_en) == ("anders", "on-size")


def test_an_address_chosen_with_the_new_title_is_taken() -> None:
    article = draft()
    article.title_de, article.slug_de = "Anders", "eigene"
    drafting.save(article, version=1, by=None)
    assert article.slug_de == "eigene"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Fünf Länder, ein Register", "fuenf-laender-ein-register"),
        ("Straße – ÖPNV & Maße", "strasse-oepnv-masse"),
        ("  „Wie weiter?“  ", "wie-weiter"),
        ("Café à la carte", "cafe-a-la-carte"),
        ("snake_case__und--mehr", "snake-case-und-mehr"),
        ("!?", ""),
        # Whatever stands between two words is a hyphen.
        ("Haushalt 2026/2027", "haushalt-2026-2027"),
        ("Berlin–Brandenburg", "berlin-brandenburg"),
        ("IT/OT", "it-ot"),
        ("Version 2.0", "version-2-0"),
        ("E\u2011Akte: 10\u202f% weniger CO₂ → Stufe 2", "e-akte-10-weniger-co2-stufe-2"),
        ("Bürger:innen, Kolleg*innen", "buerger-innen-kolleg-innen"),
        ("Bund+Länder|Kommunen·Kreise", "bund-laender-kommunen-kreise"),
        ("Stand: 3.5.2027, 9:30", "stand-3-5-2027-9-30"),
        ("Mehr\nals eine\u2028Zeile", "mehr-als-eine-zeile"),
        # What nobody sees parts nothing, and an apostrophe stands inside a word.
        ("Daten\u00adschutz\u200b im Amt \u202eegal\u202c", "datenschutz-im-amt-egal"),
        ("So geht’s", "so-gehts"),
        # Letters become those of ASCII, however they are composed.
        ("U\u0308berblick u\u0308ber Bu\u0308rgera\u0308mter", "ueberblick-ueber-buergeraemter"),
        ("STRAẞE, Œuvre, Łódź, Þór, Ærø", "strasse-oeuvre-lodz-thor-aero"),
        ("Дія: щит", "diia-shchit"),
        ("Αθήνα", "athina"),
        ("25 m² Eﬃzienz, ５Ｇ, Ⅳ", "25-m2-effizienz-5g-iv"),
        ("wort " * 40, "-".join(["wort"] * 24)),
        ("x" * 200, "x" * 120),
    ],
)
def test_titles_become_addresses(title: str, slug: str) -> None:
    assert drafting.slug_of(title) == slug


def test_second_save_on_an_older_version_is_refused_and_changes_nothing() -> None:
    article = draft()
    mine, theirs = Article.objects.get(pk=article.pk), Article.objects.get(pk=article.pk)
    theirs.title_de = "Ihr Titel"
    drafting.save(theirs, version=1, by=None)
    mine.title_de = "Mein Titel"
    with pytest.raises(drafting.Conflict) as refused:
        drafting.save(mine, version=1, by=None, topics=[make_topic()])
    assert (refused.value.stored.title_de, refused.value.stored.version) == ("Ihr Titel", 2)
    article.refresh_from_db()
    assert (article.title_de, article.version, article.article_topics.count()) == ("Ihr Titel", 2, 0)


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_in_the_same_instant_one_wins() -> None:
    article = draft()
    start, outcomes = threading.Barrier(2), []

    def save(title: str) -> None:
        try:
            mine = Article.objects.get(pk=article.pk)
            mine.title_de = title
            start.wait(timeout=10)
            drafting.save(mine, version=1, by=None)
            outcomes.append(title)
        except drafting.Conflict as conflict:
            outcomes.append(f"refused, for {conflict.stored.title_de} was first")
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(title,)) for title in ("A", "B")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    article.refresh_from_db()
    other = "B" if article.title_de == "A" else "A"
    assert sorted(outcomes) == sorted([article.title_de, f"refused, for {article.title_de} was first"])
    assert (article.version, other in outcomes) == (2, False)
    assert Revision.objects.count() == 2


def test_every_save_is_one_revision_with_its_topics_in_order() -> None:
    user, first, second = make_user("editor"), make_topic("Eins"), make_topic("Zwei")
    article = drafting.save(Article(title_de="A"), version=0, by=user, topics=[first, second])
    article.title_de = "B"
    drafting.save(article, version=1, by=user, topics=[second, first])
    revisions = list(Revision.objects.order_by("pk"))
    assert [revision.user for revision in revisions] == [user, user]

    def kept(revision: Revision) -> tuple[str, list[int]]:
        title, places = "", {}
        for version in revision.version_set.all():
            fields = json.loads(version.serialized_data)[0]["fields"]
            if "title_de" in fields:
                title = fields["title_de"]
            elif "topic" in fields:
                places[fields["topic"]] = fields["position"]
        return title, sorted(places, key=lambda pk: places[pk])

    assert [kept(revision) for revision in revisions] == [
        ("A", [first.pk, second.pk]),
        ("B", [second.pk, first.pk]),
    ]


def test_a_version_restores_both_languages() -> None:
    article = draft(title_en="Size", body_de="<p>Alt</p>", body_en="<p>Old</p>")
    article.title_de, article.title_en, article.body_en = "Neu", "New", "<p>New</p>"
    drafting.save(article, version=1, by=None)
    Version.objects.get_for_object(article).last().revert()
    article.refresh_from_db()
    assert (article.title_de, article.title_en, article.body_de, article.body_en) == (
        "Über Größe",
        "Size",
        "<p>Alt</p>",
        "<p>Old</p>",
    )


def test_saving_changes_no_public_byte() -> None:
    article = make_article("Öffentlich")
    publish(article)
    before = list(Publication.objects.values())
    article.title_de, article.body_de = "Anders", "<p>Anders</p>"
    drafting.save(article, version=article.version, by=None, topics=[make_topic("Anderes")])
    assert list(Publication.objects.values()) == before


def test_address_is_fixed_once_it_was_public_and_only_in_that_language() -> None:
    article = make_article()
    assert drafting.fixed_slugs(article) == set()
    publish(article, "de")
    assert drafting.fixed_slugs(article) == {"de"}
