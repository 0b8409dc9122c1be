"""What the tests of logins share: someone at the login, an app, and time that passes."""

from datetime import timedelta
from typing import Any

from django.db.models import F
from django.test import Client
from django_otp.oath import totp

from sccon.accounts import second_factor
from sccon.models import Limit, User
from tests.factories import make_user

KEY = "3132333435363738393031323334353637383930"


def log_in(client: Client, password: str = "secret", *, username: str = "jana", **extra: Any) -> Any:
    """Name and password, sent to the login."""
    extra = {"REMOTE_ADDR": "203.0.113.9", **extra}
    return client.post("/admin/login/?next=/admin/", {"username": username, "password": password}, **extra)


def app_code(key: str = KEY, *, step: int = 0) -> str:
    """What an app shows now, or `step` half minutes later."""
    return f"{totp(bytes.fromhex(key), drift=step):06d}"


def make_owner(*groups: str, **fields: Any) -> User:
    """Jana, with an app."""
    user = make_user(*groups, **{"username": "jana", "email": "jana@example.org", "language": "en", **fields})
    second_factor.TOTPDevice.objects.create(user=user, name="app", key=KEY)
    return user


def half_in() -> dict[str, Client]:
    """Browsers of two superusers who gave their password alone: one owes the code of an app, the other the app.

    The test has set that superusers need one.
    """
    make_owner(username="code", is_superuser=True)
    make_user(username="set_up", is_superuser=True)
    clients = {"code": Client(), "set_up": Client()}
    for name, client in clients.items():
        log_in(client, username=name)
    return clients


def wait(seconds: float) -> None:
    """As if so much time had passed since the last failure."""
    Limit.objects.update(ends_at=F("ends_at") - timedelta(seconds=seconds))


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200
