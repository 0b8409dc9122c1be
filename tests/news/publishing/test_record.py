"""The record keeps its promises against psql itself, whatever our code does."""

import os
import subprocess
from datetime import timedelta

import pytest
from django.db import connection

from news.models import Publication
from sccon.clock import database_now
from tests.factories import make_article, make_image, make_topic, publish

pytestmark = pytest.mark.django_db(transaction=True)

RECORD = """
    SELECT (SELECT jsonb_agg(to_jsonb(p) ORDER BY id) FROM news_publication p),
           (SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM news_publicationtopic t),
           (SELECT jsonb_agg(to_jsonb(i) ORDER BY id) FROM news_publicationimage i)
"""


def psql(sql: str) -> subprocess.CompletedProcess[str]:
    """Runs `sql` as someone with a shell would, on a connection of its own."""
    settings = connection.settings_dict
    address = {
        "PGHOST": settings["HOST"],
        "PGPORT": str(settings["PORT"]),
        "PGUSER": settings["USER"],
        "PGPASSWORD": settings["PASSWORD"],
        "PGDATABASE": settings["NAME"],
    }
    command = ["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--command", sql]
    return subprocess.run(command, env=os.environ | address, capture_output=True, text=True)


def record() -> object:
    with connection.cursor() as cursor:
        cursor.execute(RECORD)
        return cursor.fetchone()


@pytest.fixture
def public() -> Publication:
    """A publication with a topic and a picture in its text."""
    image = make_image()
    body = f'<p>Text</p><figure data-image="{image.pk}" data-alt="Alt"></figure>'
    return publish(make_article(topics=[make_topic()], body_de=body))


ATTACKS = {
    "title": "UPDATE news_publication SET title = 'Gefälscht'",
    "body": "UPDATE news_publication SET body = '<p>Gefälscht</p>'",
    "address": "UPDATE news_publication SET path = 'news/anders'",
    "date": "UPDATE news_publication SET first_published_at = '2020-01-01'",
    "article": "UPDATE news_publication SET article_id = article_id + 1",
    "earlier beginning": "UPDATE news_publication SET visible = tstzrange('2020-01-01', NULL)",
    "end in the past": "UPDATE news_publication SET visible = tstzrange(lower(visible), now() - interval '1 ms')",
    "never public": "UPDATE news_publication SET visible = 'empty'",
    "record time": "UPDATE news_publication SET recorded_at = '2020-01-01'",
    "deletion": "DELETE FROM news_publication",
    "truncate": "TRUNCATE news_publication CASCADE",
    "topic changed": "UPDATE news_publicationtopic SET position = 7",
    "topic deleted": "DELETE FROM news_publicationtopic",
    "topics truncated": "TRUNCATE news_publicationtopic",
    "picture deleted": "DELETE FROM news_publicationimage",
    "pictures truncated": "TRUNCATE news_publicationimage",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_what_was_public_cannot_be_changed(public: Publication, attack: str):
    before = record()
    result = psql(attack)
    assert result.returncode != 0, result.stdout
    assert record() == before


def test_a_topic_cannot_be_added_afterwards(public: Publication):
    other = make_topic("Anderes")
    before = record()
    sql = f"INSERT INTO news_publicationtopic (publication_id, topic_id, position) VALUES ({public.pk}, {other.pk}, 1)"
    assert f"Publication {public.pk} is complete." in psql(sql).stderr
    assert record() == before


def test_a_publication_may_end_now(public: Publication):
    assert psql("UPDATE news_publication SET visible = tstzrange(lower(visible), clock_timestamp())").returncode == 0
    assert not Publication.objects.public("de", database_now()).exists()


def test_an_ended_publication_does_not_begin_again(public: Publication):
    psql("UPDATE news_publication SET visible = tstzrange(lower(visible), clock_timestamp())")
    before = record()
    assert psql("UPDATE news_publication SET visible = tstzrange(lower(visible), NULL)").returncode != 0
    assert record() == before


def test_nothing_can_claim_to_have_been_public_earlier():
    article = make_article()
    sql = f"""
        INSERT INTO news_publication (article_id, language, kind, path, title, lead, body, seo_title, seo_description,
            notice, image_position, visible, first_published_at)
        VALUES ({article.pk}, 'de', 'news', 'news/alt', 'Alt', '', '<p>Alt</p>', '', '', '', 'top',
            tstzrange(now() - interval '1 day', NULL), now())
    """
    assert "cannot begin in the past" in psql(sql).stderr
    assert psql(sql.replace("now() - interval '1 day'", "now() + interval '1 day'")).returncode == 0


INSERT = """
    INSERT INTO news_publication (article_id, language, kind, path, title, lead, body, seo_title, seo_description,
        notice, image_position, visible, first_published_at)
    VALUES ({article}, 'de', '{kind}', '{path}', 'Titel', '', '<p>Text</p>', '', '', '', 'top',
        tstzrange(now(), NULL), now())
"""


def test_two_texts_never_share_an_instant(public: Publication):
    sql = INSERT.format(article=public.article_id, kind="news", path="news/zweiter")
    assert "one_text_an_instant" in psql(sql).stderr


def test_an_address_never_goes_to_a_second_article(public: Publication):
    psql("UPDATE news_publication SET visible = tstzrange(lower(visible), clock_timestamp())")
    sql = INSERT.format(article=make_article().pk, kind="news", path=public.path)
    assert "address_is_one_articles" in psql(sql).stderr


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("news", "news/search"),
        ("news", "news/2026"),
        ("page", "admin"),
        ("page", "newsletter"),
        ("news", "news/Großer Titel"),
        ("news", "news/../x"),
        ("news", "impressum"),
        ("page", "news/impressum"),
    ],
)
def test_addresses_are_well_formed_and_not_our_own(kind: str, path: str):
    sql = INSERT.format(article=make_article().pk, kind=kind, path=path)
    assert "publication_path" in psql(sql).stderr


def test_a_planned_text_may_be_given_up():
    publish(make_article(), at=database_now() + timedelta(hours=1))
    assert psql("DELETE FROM news_publicationtopic; DELETE FROM news_publication").returncode == 0
    assert not Publication.objects.exists()


def test_a_planned_text_cannot_be_moved_into_the_past():
    publish(make_article(), at=database_now() + timedelta(hours=1))
    moved = "UPDATE news_publication SET visible = tstzrange(now() - interval '1 day', NULL)"
    assert psql(moved).returncode != 0


def test_an_article_that_was_public_is_not_deleted(public: Publication):
    assert psql(f"DELETE FROM news_article WHERE id = {public.article_id}").returncode != 0


@pytest.mark.parametrize("field", ["title_de", "title_en", "lead_de", "body_en"])
def test_an_absent_text_is_null_and_never_empty(field: str):
    article = make_article()
    assert "not_empty" in psql(f"UPDATE news_article SET {field} = '' WHERE id = {article.pk}").stderr


def test_a_topics_old_address_stays_its_own():
    topic = make_topic("Open Data")
    psql(f"UPDATE news_topic SET slug_de = 'offene-daten' WHERE id = {topic.pk}")
    assert sorted(topic.addresses.filter(language="de").values_list("slug", flat=True)) == ["offene-daten", "open-data"]
    other = make_topic("Anderes")
    assert (
        "topic_address_is_one_topics"
        in psql(f"UPDATE news_topic SET slug_de = 'open-data' WHERE id = {other.pk}").stderr
    )
    assert psql(f"UPDATE news_topic SET slug_de = 'open-data' WHERE id = {topic.pk}").returncode == 0
