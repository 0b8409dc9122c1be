"""Sessions end: by themselves after eight idle hours, by their owner's hand, with the password."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from sccon import retention
from sccon.models import KnownDevice, LoginSession
from tests.factories import make_user
from tests.sccon.accounts.logins import is_in, log_in

pytestmark = pytest.mark.django_db(transaction=True)

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def last_seen(ago: timedelta) -> None:
    LoginSession.objects.update(seen_at=timezone.now() - ago)


def test_a_session_ends_eight_hours_after_its_last_page(client: Client) -> None:
    client.force_login(make_user("editor"))
    last_seen(timedelta(hours=7, minutes=59))
    assert is_in(client)
    last_seen(timedelta(hours=7, minutes=59))
    assert is_in(client), "each page begins the eight hours anew"
    last_seen(timedelta(hours=8))
    assert not is_in(client)


def test_what_a_page_asks_for_by_itself_keeps_no_session_alive(client: Client) -> None:
    client.force_login(make_user("editor"))
    last_seen(timedelta(hours=7, minutes=59))
    before = LoginSession.objects.get().seen_at
    client.get("/admin/", headers={"Sec-Fetch-Dest": "empty"})
    assert LoginSession.objects.get().seen_at == before
    client.get("/admin/")
    assert LoginSession.objects.get().seen_at > before


def test_a_cart_lives_as_long_as_ever(client: Client) -> None:
    client.force_login(make_user("editor"))
    session = client.session
    session["cart"] = 7
    session.save()
    last_seen(timedelta(hours=9))
    assert not is_in(client)
    assert client.session["cart"] == 7
    assert Session.objects.get().expire_date > timezone.now() + timedelta(days=13)


def test_one_sees_ones_sessions_and_ends_another(client: Client) -> None:
    make_user("editor", username="jana", language="en")
    other = Client()
    log_in(other, headers={"User-Agent": FIREFOX})
    log_in(client)
    page = client.get("/admin/sccon/user/me/security/")
    assert "Firefox, Linux" in page.text
    assert "203.0.113.0/24" in page.text
    theirs = LoginSession.objects.get(words="Firefox, Linux")
    assert (
        "The session has ended." in client.post("/admin/sccon/user/me/security/", {"end": theirs.pk}, follow=True).text
    )
    assert not is_in(other)
    assert is_in(client)


def test_the_sessions_of_others_are_not_ours_to_end(client: Client) -> None:
    stranger = Client()
    stranger.force_login(make_user("editor"))
    theirs = LoginSession.objects.get()
    client.force_login(make_user("editor"))
    for odd in (theirs.pk, "0", "x", "9" * 40, "²"):
        client.post("/admin/sccon/user/me/security/", {"end": odd, "remove": odd})
    assert is_in(stranger)


def test_all_others_end_at_once(client: Client) -> None:
    user = make_user("editor")
    others = [Client(), Client()]
    for each in (client, *others):
        each.force_login(user)
    client.post("/admin/sccon/user/me/security/", {"end_others": "1"})
    assert [is_in(each) for each in (client, *others)] == [True, False, False]


def test_logging_out_ends_the_row(client: Client) -> None:
    client.force_login(make_user("editor"))
    client.post("/admin/logout/")
    assert not LoginSession.objects.exists()


def test_a_session_without_its_row_is_nobodys(client: Client) -> None:
    client.force_login(make_user("editor"))
    LoginSession.objects.all().delete()
    assert not is_in(client)


def test_public_pages_do_not_ask_who_it_is(client: Client, django_assert_num_queries: Any) -> None:
    client.force_login(make_user("editor"))
    with django_assert_num_queries(0):
        client.get("/robots.txt")


def test_what_is_over_is_forgotten_in_the_night(client: Client) -> None:
    user = make_user("editor", username="jana")
    log_in(client)
    Client().force_login(user)
    LoginSession.objects.filter(device=None).update(seen_at=timezone.now() - timedelta(hours=9))
    KnownDevice.objects.create(user=user, key=b"old", words="?", seen_at=timezone.now() - timedelta(days=366))
    retention.forget(timestamp=0)
    assert LoginSession.objects.count() == 1
    assert [device.words for device in KnownDevice.objects.all()] == ["?"]
    assert is_in(client)
