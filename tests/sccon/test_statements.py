"""SQL written by hand: the connection plans it once, and its rows become instances like any others."""

import pytest
from django.db import connection
from django.db.models import FETCH_RAISE

from sccon.models import User
from sccon.statements import columns, fetch, instance, split
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_quotes_stay_values():
    assert fetch("SELECT %s::text, %s::int[]", ["it's", [1, 2]]) == [("it's", [1, 2])]


def test_whole_rows_become_instances_like_any_others(django_assert_num_queries):
    jana, mia = make_user("editor", username="jana"), make_user(username="mia")
    sql = f"SELECT {columns(User, 'a')}, {columns(User, 'b')} FROM sccon_user AS a, sccon_user AS b WHERE a.id < b.id"
    with django_assert_num_queries(1):
        ((first, second),) = [split(row, User, User) for row in fetch(sql, [])]
        assert [instance(User, first), instance(User, second)] == [jana, mia]
        assert instance(User, first).date_joined == jana.date_joined
        assert not instance(User, first, FETCH_RAISE)._state.adding


def test_the_connection_plans_a_statement_once():
    for number in range(4):
        fetch("SELECT username FROM sccon_user WHERE id = %s::bigint", [number])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE %s",
            ["SELECT username FROM sccon_user%"],
        )
        assert max(cursor.fetchall()) >= (4,)
