"""Limits count every request, hold what they say, and keep no address."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.http import HttpResponse
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
        (["203.0.113.9"], "198.51.100.7:4711", "198.51.100.7"),
        (["203.0.113.9"], "[2001:db8::7]:4711", "2001:db8::7"),
        (["203.0.113.9"], '"[2001:db8::7]"', "2001:db8::7"),
        (["203.0.113.9"], "::ffff:198.51.100.7", "198.51.100.7"),
        (["203.0.113.9"], "6.6.6.6, unknown", "203.0.113.9"),
        (["203.0.113.9"], "6.6.6.6, ", "203.0.113.9"),
        (1, "_hidden", "203.0.113.9"),
        (2, "6.6.6.6, , 10.0.0.1", "10.0.0.1"),
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
        ("203.0.113.9:4711", "203.0.113.0/24"),
        ("", "0.0.0.0/24"),
        ("unix:", "0.0.0.0/24"),
    ],
)
def test_a_network_names_no_person(address: str, network: str):
    assert limits.network(RequestFactory().get("/", REMOTE_ADDR=address)) == network


def test_ipv6_has_three_widths_to_count_and_ipv4_one():
    def widths(address: str) -> list[str]:
        return limits.networks(RequestFactory().get("/", REMOTE_ADDR=address))

    assert widths("203.0.113.9") == ["203.0.113.0/24"]
    assert widths("2001:db8:1:203:4::5") == ["2001:db8:1:203::/64", "2001:db8:1:200::/56", "2001:db8:1::/48"]


@pytest.mark.parametrize("trusted", [0, ["10.0.0.0/8"]])
def test_a_proxy_that_nobody_named_is_one_error_a_minute_and_known_to_the_desk(client, settings, caplog, trusted):
    settings.TRUSTED_PROXIES = trusted
    for _ in range(3):
        client.get("/robots.txt", REMOTE_ADDR="172.17.0.1", headers={"X-Forwarded-For": "198.51.100.7"})
    said = [record.getMessage() for record in caplog.records if record.name == "sccon.limits"]
    assert len(said) == 1
    assert said[0].startswith("X-Forwarded-For came from 172.17.0.1, which TRUSTED_PROXIES does not name")
    assert limits.unnamed_proxy_seen()
    Limit.objects.update(ends_at=timezone.now())
    assert not limits.unnamed_proxy_seen()


def test_of_two_processes_one_says_it(client, settings, caplog):
    settings.TRUSTED_PROXIES = 0
    for _ in range(2):
        process = limits.UnnamedProxyMiddleware(lambda request: HttpResponse())
        process(RequestFactory().get("/", headers={"X-Forwarded-For": "198.51.100.7"}))
    assert [record.levelname for record in caplog.records if record.name == "sccon.limits"] == ["ERROR"]


@pytest.mark.parametrize("trusted", [1, ["172.16.0.0/12"]])
def test_a_named_proxy_is_nothing_to_speak_of(client, settings, caplog, trusted):
    settings.TRUSTED_PROXIES = trusted
    client.get("/robots.txt", REMOTE_ADDR="172.17.0.1", headers={"X-Forwarded-For": "198.51.100.7"})
    assert not [record for record in caplog.records if record.name == "sccon.limits"]
    assert not limits.unnamed_proxy_seen()
