"""Sessions: Django's, kept in one statement each."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sccon.clock import database_now
from sccon.sessions import SessionStore

pytestmark = pytest.mark.django_db


def make_session(**kept: object) -> SessionStore:
    session = SessionStore()
    session.update(kept)
    session.save()
    return session


def test_what_is_kept_is_read_again_by_ours_and_by_djangos_own():
    key = make_session(cart=7).session_key
    assert (SessionStore(key)["cart"], db.SessionStore(key)["cart"]) == (7, 7)
    assert Session.objects.get(pk=key).get_decoded() == {"cart": 7}


def test_a_change_is_kept_in_one_statement_and_a_new_session_as_well():
    with CaptureQueriesContext(connection) as captured:
        session = make_session(cart=7)
        session["cart"] = 8
        session.save()
    assert len(captured) == 2
    assert SessionStore(session.session_key)["cart"] == 8


def test_what_is_over_or_was_never_there_is_empty_and_gets_another_key():
    over = make_session(cart=7)
    Session.objects.update(expire_date=database_now() - timedelta(seconds=1))
    for key in (over.session_key, "x" * 32):
        session = SessionStore(key)
        assert "cart" not in session
        assert session.session_key is None


def test_a_key_that_is_taken_is_not_written_over():
    taken = make_session(cart=7)
    other = SessionStore(taken.session_key)
    with pytest.raises(CreateError):
        other.save(must_create=True)
    assert SessionStore(taken.session_key)["cart"] == 7


def test_a_session_that_ended_meanwhile_does_not_come_back():
    session = make_session(cart=7)
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        session.save()
    assert not Session.objects.exists()


def test_signing_in_changes_the_key_and_keeps_the_cart():
    session = make_session(cart=7)
    before = session.session_key
    session.cycle_key()
    assert session.session_key != before
    assert not SessionStore(before).get("cart")
    assert SessionStore(session.session_key)["cart"] == 7
