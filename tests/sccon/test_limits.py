"""Limits count every request, hold what they say, and keep no address."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test import RequestFactory
from django.utils import timezone

from sccon import limits
from sccon.models import Limit

pytestmark = pytest.mark.django_db(transaction=True)

RATE = limits.Rate("test", 3, timedelta(hours=1))


def test_the_fourth_of_three_is_refused_and_others_are_not_concerned():
    assert [RATE.allows("jana@example.org") for _ in range(4)] == [True, True, True, False]
    assert RATE.allows("someone@example.org")
    assert limits.Rate("other", 1, timedelta(hours=1)).allows("jana@example.org")


def test_when_the_window_is_over_it_begins_anew():
    assert [RATE.allows("x") for _ in range(4)][-1] is False
    Limit.objects.update(ends_at=timezone.now())
    assert RATE.allows("x")
    assert Limit.objects.get().ends_at > timezone.now() + timedelta(minutes=59)


def test_eight_at_once_are_counted_as_eight():
    def ask(_number: int) -> bool:
        try:
            return RATE.allows("x")
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(ask, range(8))) == [False] * 5 + [True] * 3


def test_neither_address_nor_network_can_be_read_from_the_table():
    RATE.allows("jana@example.org")
    assert b"jana" not in bytes(Limit.objects.get().key)
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'sccon_limit'")
        assert cursor.fetchone() == ("u",)


def test_past_windows_are_forgotten():
    RATE.allows("x")
    RATE.allows("y")
    Limit.objects.filter(key=RATE._key("x")).update(ends_at=timezone.now() - timedelta(seconds=1))
    limits.forget_past(timestamp=0)
    assert [bytes(key) for key in Limit.objects.values_list("key", flat=True)] == [RATE._key("y")]


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address"),
    [
        (0, None, "203.0.113.9"),
        (0, "198.51.100.7", "203.0.113.9"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        (2, "6.6.6.6, 198.51.100.7, 10.0.0.1", "198.51.100.7"),
        (2, "198.51.100.7", "198.51.100.7"),
        (["203.0.113.0/24"], "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        (["203.0.113.0/24", "10.0.0.0/8"], "6.6.6.6, 198.51.100.7, 10.0.0.1", "198.51.100.7"),
        (["10.0.0.0/8"], "198.51.100.7", "203.0.113.9"),
        (["203.0.113.0/24"], None, "203.0.113.9"),
    ],
)
def test_forwarded_addresses_count_as_far_as_our_proxies_wrote_them(settings, trusted, forwarded, address):
    settings.TRUSTED_PROXIES = trusted
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.9", headers=headers)
    assert limits.client_address(request) == address


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "0.0.0.0/24"),
        ("unix:", ""),
    ],
)
def test_a_network_names_no_person(address: str, network: str):
    assert limits.network(RequestFactory().get("/", REMOTE_ADDR=address)) == network
