"""The second factor: whom it is asked of, apps, recovery codes, and what the loss of a phone costs."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential

from sccon.accounts import second_factor
from sccon.models import KnownDevice, Login, LoginSession, Mail
from tests.factories import make_user
from tests.sccon.accounts.logins import KEY, app_code, is_in, log_in, make_owner, wait

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def enforced(settings: Any) -> None:
    settings.SECOND_FACTOR_GROUPS = ["publisher"]
    settings.SECOND_FACTOR_FOR_SUPERUSERS = True


def give(client: Client, code: str, **more: str) -> Any:
    return client.post("/admin/login/code/", {"code": code, **more}, REMOTE_ADDR="203.0.113.9")


def test_the_password_alone_lets_nobody_in_who_has_an_app(client: Client) -> None:
    make_owner("publisher")
    assert log_in(client).url == "/admin/login/code/"
    assert not is_in(client)
    assert (
        "Please type the code that your app shows now"
        in client.get("/admin/login/code/", headers={"accept-language": "en"}).text
    )
    assert give(client, app_code()).url == "/admin/"
    assert is_in(client)
    assert client.cookies["device"]["httponly"]


def test_a_code_is_good_once_and_a_wrong_one_never(client: Client) -> None:
    make_owner("publisher")
    log_in(client)
    code = app_code()
    give(client, code)
    other = Client()
    log_in(other)
    assert give(other, code).status_code == 200
    assert not is_in(other)
    wait(1)
    for odd in ("", "abc", "１２３４５６", "-1", "9" * 20):
        assert give(other, odd).status_code in (200, 429)
    assert not is_in(other)


def test_codes_pause_as_passwords_do_and_the_owner_is_told(client: Client) -> None:
    user = make_owner("publisher")
    log_in(client)
    for seconds in (1, 2, 4, 8, 16):
        assert give(client, "000000").status_code == 200
        refused = give(client, app_code())
        assert (refused.status_code, refused["Retry-After"]) == (429, str(seconds))
        wait(seconds)
    mail = Mail.objects.get()
    assert (mail.template, mail.recipient) == ("login-codes", user.email)
    assert Login.objects.filter(outcome=Login.Outcome.WRONG_CODE).count() == 5


def test_codes_are_not_guessed_from_many_networks(client: Client) -> None:
    make_owner("publisher")
    for number in range(20):
        address = f"198.18.{number}.1"
        log_in(client, REMOTE_ADDR=address)
        assert client.post("/admin/login/code/", {"code": "000000"}, REMOTE_ADDR=address).status_code == 200
    log_in(client, REMOTE_ADDR="198.18.99.1")
    assert client.post("/admin/login/code/", {"code": app_code()}, REMOTE_ADDR="198.18.99.1").status_code == 429


def test_the_step_between_ends_after_ten_minutes_and_with_the_password(client: Client) -> None:
    user = make_owner("publisher")
    log_in(client)
    session = client.session
    session["login_pending"] = {**session["login_pending"], "at": session["login_pending"]["at"] - 601}
    session.save()
    assert give(client, app_code()).url == "/admin/login/"
    log_in(client)
    user.set_password("another secret")
    user.save()
    assert give(client, app_code()).url == "/admin/login/"
    assert Client().get("/admin/login/code/").url == "/admin/login/"


def test_who_may_publish_must_set_one_up(client: Client, enforced: None) -> None:
    user = make_user("publisher", username="jana", email="jana@example.org", language="en")
    assert log_in(client).url == "/admin/login/set-up/"
    page = client.get("/admin/login/set-up/")
    assert "<svg" in page.text
    assert not re.search(r"\sstyle=", page.text)
    assert not is_in(client)
    assert client.post("/admin/login/set-up/", {"code": "000000"}).status_code == 200
    assert not is_in(client)

    key = client.session["new_app"]
    codes = re.findall(r"<li><code>([\w-]+)", client.post("/admin/login/set-up/", {"code": app_code(key)}).text)
    assert len(codes) == 10
    assert is_in(client)
    assert [mail.template for mail in Mail.objects.all()] == ["second-factor-set"]
    assert second_factor.has(user)

    other = Client()
    log_in(other)
    assert give(other, codes[0].upper()).url == "/admin/"
    third = Client()
    log_in(third)
    assert give(third, codes[0]).status_code == 200, "each is good once"
    assert not StaticToken.objects.filter(token__in=[code.replace("-", "") for code in codes]).exists(), "hashes"


def test_editors_need_none_and_superusers_do(client: Client, enforced: None) -> None:
    make_user("editor", username="tom")
    assert log_in(client, username="tom").url == "/admin/"
    make_user(username="chief", is_superuser=True)
    assert log_in(Client(), username="chief").url == "/admin/login/set-up/"


def test_in_development_nobody_needs_one(client: Client) -> None:
    make_user(username="admin", is_superuser=True)
    assert log_in(client, username="admin").url == "/admin/"


def test_a_session_from_before_counts_no_longer_once_a_second_factor_is_needed(client: Client, settings: Any) -> None:
    client.force_login(make_user("publisher"))
    assert is_in(client)
    settings.SECOND_FACTOR_GROUPS = ["publisher"]
    assert not is_in(client)


def test_a_device_is_trusted_for_thirty_days(client: Client, enforced: None) -> None:
    make_owner("publisher")
    log_in(client)
    give(client, app_code(), trust="on")
    client.post("/admin/logout/")
    assert log_in(client).url == "/admin/"
    assert is_in(client)
    client.post("/admin/logout/")
    KnownDevice.objects.update(trusted_until=timezone.now() - timedelta(seconds=1))
    assert log_in(client).url == "/admin/login/code/"


def test_trust_is_of_a_device_and_an_account(client: Client, enforced: None) -> None:
    make_owner("publisher")
    log_in(client)
    give(client, app_code(), trust="on")
    device = client.cookies["device"].value
    make_owner("publisher", username="tom")
    assert log_in(client, username="tom").url == "/admin/login/code/"
    other = Client()
    other.cookies["device"] = device[:-1] + ("A" if device[-1] != "A" else "B")
    assert log_in(other).url == "/admin/login/code/"


def test_the_command_takes_it_away_and_ends_the_sessions(client: Client, enforced: None, capsys: Any) -> None:
    user = make_owner("publisher")
    log_in(client)
    give(client, app_code(), trust="on")
    second_factor.new_recovery_codes(user)
    call_command("reset_second_factor", "jana")
    assert "sets up a new one at the next login" in capsys.readouterr().out
    assert not is_in(client)
    assert not TOTPDevice.objects.exists()
    assert not StaticToken.objects.exists()
    assert log_in(client).url == "/admin/login/set-up/"
    assert [mail.template for mail in Mail.objects.all()] == ["second-factor-reset"]
    with pytest.raises(CommandError, match="There is no account 'nobody'"):
        call_command("reset_second_factor", "nobody")


def test_nobody_sees_the_secrets_of_others_in_the_admin(client: Client) -> None:
    make_owner("publisher")
    client.force_login(make_user(is_superuser=True, language="en"))
    for path in ("otp_totp/totpdevice", "otp_static/staticdevice", "django_otp_webauthn/webauthncredential"):
        assert client.get(f"/admin/{path}/").status_code == 404
    people = client.get("/admin/sccon/user/").text
    assert "set up" in people
    assert KEY not in people


def test_one_sets_up_an_app_oneself(client: Client) -> None:
    user = make_user("editor", language="en")
    client.force_login(user)
    assert client.get("/admin/sccon/user/me/security/").status_code == 200
    client.get("/admin/sccon/user/me/security/app/")
    answer = client.post("/admin/sccon/user/me/security/app/", {"code": app_code(client.session["new_app"])})
    assert answer.text.count("<li><code>") == 10
    again = client.post("/admin/sccon/user/me/security/", {"codes": "1"})
    assert again.text.count("<li><code>") == 10
    assert StaticToken.objects.count() == 10


def test_odd_answers_of_a_passkey_are_no_error(client: Client) -> None:
    user = make_owner("publisher")
    WebAuthnCredential.objects.create(user=user, name="k", credential_id=b"1", public_key=b"2")
    for odd in ("{}", "[]", "x", "null", '{"id": 1, "rawId": "AA", "type": "public-key", "response": {}}'):
        log_in(client)
        answer = client.post("/admin/login/code/", {"passkey": odd}, REMOTE_ADDR="203.0.113.9")
        assert answer.status_code == 200, odd
        wait(100)
        assert not is_in(client)
    client.force_login(user)
    for odd in ("{}", "[]", "x", '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}'):
        assert client.post("/admin/sccon/user/me/security/", {"passkey": odd, "name": "k"}).status_code == 302
    assert WebAuthnCredential.objects.count() == 1


def test_the_last_second_factor_stays_where_one_is_needed(client: Client, enforced: None) -> None:
    user = make_user("publisher", language="en")
    key = WebAuthnCredential.objects.create(user=user, name="k", credential_id=b"1", public_key=b"2")
    client.force_login(user)
    LoginSession.objects.update(verified=True)
    page = client.post("/admin/sccon/user/me/security/", {"remove": key.pk}, follow=True)
    assert "first set up another one" in page.text
    TOTPDevice.objects.create(user=user, name="app", key=KEY)
    client.post("/admin/sccon/user/me/security/", {"remove": key.pk})
    assert not WebAuthnCredential.objects.exists()
