"""Passwords are not tried without end, and strangers lock nobody out."""

from typing import Any

import pytest
from django.test import Client

from sccon.accounts import devices
from sccon.models import Limit, Login
from tests.factories import make_user
from tests.sccon.accounts.logins import is_in, log_in, wait

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_failure_makes_the_pause_longer_up_to_a_quarter_of_an_hour(client: Client) -> None:
    make_user(username="jana")
    pauses = []
    for _ in range(13):
        assert log_in(client, "wrong").status_code == 200
        refused = log_in(client)
        assert refused.status_code == 429, "not even the right one tells"
        pauses.append(int(refused["Retry-After"]))
        wait(pauses[-1])
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


def test_the_pause_is_a_sentence(client: Client) -> None:
    for _ in range(4):
        log_in(client, "wrong")
        wait(8)
    log_in(client, "wrong")
    response = log_in(client, "wrong", headers={"Accept-Language": "en"})
    assert "Too many attempts. Please wait 16 seconds, then try again." in response.text
    assert "Traceback" not in response.text


def test_a_name_without_an_account_pauses_as_one_with_it(client: Client) -> None:
    make_user(username="jana")
    for username in ("jana", "nobody"):
        statuses = [log_in(client, "wrong", username=username).status_code for _ in range(3)]
        assert statuses == [200, 429, 429]


def test_the_right_password_begins_anew(client: Client) -> None:
    make_user(username="jana")
    for seconds in (1, 2, 4):
        log_in(client, "wrong")
        wait(seconds)
    assert log_in(client).status_code == 302
    client = Client()
    assert log_in(client, "wrong").status_code == 200
    assert log_in(client)["Retry-After"] == "1"


def test_a_day_later_the_failures_are_forgotten(client: Client) -> None:
    make_user(username="jana")
    for seconds in (1, 2, 4):
        log_in(client, "wrong")
        wait(seconds)
    wait(24 * 3600)
    log_in(client, "wrong")
    assert log_in(client)["Retry-After"] == "1"


def test_many_names_from_one_network_are_refused(client: Client) -> None:
    statuses = [log_in(client, "wrong", username=f"name{number}").status_code for number in range(51)]
    assert statuses == [200] * 50 + [429]


@pytest.mark.parametrize("trusted", [1, ["127.0.0.1/32"]])
def test_a_strangers_51_passwords_behind_the_proxy_lock_nobody_out(client: Client, settings: Any, trusted: Any) -> None:
    settings.TRUSTED_PROXIES = trusted
    make_user(username="jana", is_superuser=True)

    def through_the_proxy(client: Client, password: str, address: str, username: str = "jana") -> int:
        sent = {"REMOTE_ADDR": "127.0.0.1", "headers": {"X-Forwarded-For": f"{address}:4711"}}
        return log_in(client, password, username=username, **sent).status_code

    owners = Client()
    assert through_the_proxy(owners, "secret", "198.51.100.7") == 302
    for number in range(51):
        through_the_proxy(client, "wrong", "198.51.100.66", f"name{number}" if number % 2 else "jana")
    assert through_the_proxy(client, "wrong", "198.51.100.66") == 429
    assert through_the_proxy(Client(), "secret", "203.0.113.5") == 302, "from another network"
    assert through_the_proxy(owners, "secret", "198.51.100.8") == 302, "from the stranger's, on a known device"


def test_a_known_device_has_a_count_of_its_own(client: Client) -> None:
    make_user(username="jana")
    assert log_in(client).status_code == 302
    client.post("/admin/logout/")
    assert [log_in(client, "wrong").status_code for _ in range(2)] == [200, 429]
    stranger = Client()
    assert log_in(stranger, "wrong").status_code == 200, "the stranger's own first"


def test_the_device_of_another_account_is_a_strangers(client: Client) -> None:
    make_user(username="jana")
    make_user(username="tom")
    assert log_in(client, username="tom").status_code == 302
    log_in(Client(), "wrong")
    assert log_in(client, "wrong").status_code == 429, "the network pauses"
    client.cookies[devices.COOKIE] = "x" * 43
    assert log_in(client, "wrong").status_code == 429


def test_ipv6_pauses_by_the_widest_network(client: Client) -> None:
    make_user(username="jana")
    statuses = [log_in(client, "wrong", REMOTE_ADDR=f"2001:db8:1:{n:x}::1").status_code for n in (1, 0x200, 0xFFFF)]
    assert statuses == [200, 429, 429]
    assert log_in(client, REMOTE_ADDR="2001:db8:2::1").status_code == 302


def test_logins_good_and_bad_are_logged_without_what_was_typed(client: Client) -> None:
    user = make_user(username="jana")
    log_in(client, "wrong")
    wait(1)
    log_in(client)
    log_in(client, "x", username="my-password-in-the-wrong-field")
    lines = [(line.user, line.outcome, line.network, line.known_device) for line in Login.objects.order_by("pk")]
    assert lines == [
        (user, "password", "203.0.113.0/24", False),
        (user, "in", "203.0.113.0/24", False),
        (None, "password", "203.0.113.0/24", False),
    ]


def test_superusers_see_the_log_and_free_a_name(client: Client) -> None:
    make_user(username="jana", first_name="Jana", last_name="Wetterau")
    for seconds in (1, 2, 4, 8):
        log_in(client, "wrong")
        wait(seconds)
    log_in(client, "wrong")
    assert log_in(client).status_code == 429

    chief = Client()
    chief.force_login(make_user(is_superuser=True, language="en"))
    page = chief.get("/admin/sccon/login/")
    assert "Jana Wetterau" in page.text
    assert "wrong password" in page.text
    jana = Login.objects.filter(user__username="jana")[0].user
    chosen = {"action": "free", "_selected_action": [jana.pk]}
    assert "They may try to log in again at once." in chief.post("/admin/sccon/user/", chosen, follow=True).text
    assert log_in(client).status_code == 302
    assert is_in(client)


def test_others_see_no_log(client: Client) -> None:
    client.force_login(make_user("publisher"))
    assert client.get("/admin/sccon/login/").status_code == 403


def test_no_names_stand_in_the_counts(client: Client) -> None:
    log_in(client, "wrong")
    assert all(b"jana" not in bytes(limit.key) for limit in Limit.objects.all())
