"""Statements that are written once: they find what the queryset finds, and are planned once a connection."""

import pytest
from django.core.exceptions import FieldFetchBlocked
from django.db import connection
from django.db.models import CharField, DateTimeField

from news.models import Publication
from sccon.clock import database_now
from sccon.statements import Parameter, Statement, fetch
from tests.factories import make_article, make_author, make_image, publish

pytestmark = pytest.mark.django_db


def at_path() -> Statement[Publication]:
    return Statement(
        lambda: (
            Publication.objects.public(Parameter("language", CharField()), Parameter("at", DateTimeField()))
            .filter(path=Parameter("path", CharField()))
            .select_related("image", "author", "contact")
        )
    )


def test_it_gives_what_the_queryset_would_give(django_assert_num_queries):
    article = make_article("Eins", image=make_image(), author=make_author("Jana Wetterau"))
    written = publish(article)
    at, statement = database_now(), at_path()
    for path, found in ((written.path, [written]), ("news/anders", []), (written.path, [written])):
        assert statement(language="de", at=at, path=path) == found
    assert statement(language="en", at=at, path=written.path) == []
    with django_assert_num_queries(1):
        (text,) = statement(language="de", at=at, path=written.path)
        assert (text.title, text.author.name, text.image.alt_de, text.contact) == (
            *("Eins", "Jana Wetterau", "Ein Bild"),
            None,
        )
    assert text.visible == written.visible and not text._state.adding


def test_it_fetches_nothing_behind_the_callers_back():
    written = publish(make_article())
    (text,) = at_path()(language="de", at=database_now(), path=written.path)
    with pytest.raises(FieldFetchBlocked):
        _ = text.article


def test_what_is_missing_is_said():
    with pytest.raises(KeyError, match="path"):
        at_path()(language="de", at=database_now())


def test_quotes_stay_values():
    assert at_path()(language="de", at=database_now(), path="'; DROP TABLE news_topic; --") == []
    assert fetch("SELECT %s::text, %s::int[]", ["it's", [1, 2]]) == [("it's", [1, 2])]


def test_the_connection_plans_it_once():
    statement, at = at_path(), database_now()
    for number in range(4):
        statement(language="de", at=at, path=f"news/nr-{number}")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE %s",
            ['%"news_publication"."path" = ($%'],
        )
        assert max(cursor.fetchall()) >= (4,)
