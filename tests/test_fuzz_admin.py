"""Whatever comes to an address of the admin, from someone who may do everything: an answer, never a 500.

Addresses, parameters and forms are walked from the URLconf, so that a new page is asked too. The suite asks each with a
few odd values, chosen by a seed; `-m full` with all of them.
"""

import re
from collections.abc import Iterable
from random import Random
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client, RequestFactory

from tests import admin_addresses
from tests.admin_addresses import Address
from tests.factories import make_user
from tests.sccon.accounts.logins import half_in
from tests.test_fuzz import ODD as ODD_ANYWHERE

pytestmark = pytest.mark.django_db

ODD = [
    *ODD_ANYWHERE,
    *("//[x", "http://[x/", "https://a]b/", "[", "]", "[]", "{", "\ufeff", "\u2028", "\r\nBcc: a@example.org", "x"),
    *(
        "99999999999",
        "9223372036854775808",
        "-9223372036854775809",
        "1,2,999999999999999999999",
        "²",
        "١٢",
        "nan",
        "Infinity",
    ),
    *("0000-01-01", "0001-01-01", "9999-12-31", "99999-12-31", "2027-02-30", "24:61", "00:00:00.0000001"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "_5B0_5D", "_", "order", "None"),
]
# What Django's lists read out of an address besides their filters, and what other pages of the admin read.
LISTS = ["q", "o", "p", "e", "all", "_popup", "_to_field", "_facets"]
PAGES = [
    *("_popup", "_to_field", "_changelist_filters", "q", "page", "of", "next", "language", "path", "at", "address"),
    *("publication", "at_date", "at_time", "at_fold", "left", "right", "from", "to", "view", "preview", "version"),
    *("app_label", "model_name", "field_name", "term", "window", "number", "a[]"),
]
FIELD = re.compile(r'<(?:input|textarea|select|button)\b[^>]*?\bname="([^"]+)"')
EVERY = admin_addresses.every()
LEAVES = {"logout"}


def few(odd: Iterable[str], seed: str, number: int) -> list[str]:
    return Random(seed).sample(list(odd), number)  # noqa: S311 – no secret


class Asking:
    """A superuser who notes what was answered with a 500; whatever a request does is undone."""

    def __init__(self) -> None:
        self.client = Client(raise_request_exception=False)
        self.client.force_login(make_user(is_superuser=True))
        self.broken: list[tuple[str, str, Any]] = []

    def ask(self, method: str, address: str, data: Any = None) -> Any:
        with transaction.atomic():
            response = getattr(self.client, method)(address, data or {})
            transaction.set_rollback(True)
        if response.status_code >= 500:
            self.broken.append((method, address[:200], data))
        return response


def parameters(address: Address) -> list[str]:
    """What a list filters by, and what a form could be filled with: each is asked by itself."""
    model_admin = admin.site._registry.get(address.model) if address.model else None
    if model_admin and address.name.endswith("_changelist"):
        return [*LISTS, *sorted(model_admin.named_lookups(RequestFactory().get("/")))]  # type: ignore[attr-defined]
    if model_admin and address.name.endswith("_add"):
        return ["_popup", *sorted(field.name for field in model_admin.model._meta.get_fields())]
    return []


def fuzz_words(asking: Asking, number: int) -> None:
    """Odd words where an address takes one."""
    for address in EVERY:
        for odd in few(ODD, address.pattern, number) if address.words else []:
            url = address.at({word: quote(odd, safe="/") or "x" for word in address.words})
            asking.ask("get", url)
            asking.ask("post", url)


def fuzz_parameters(asking: Asking, number: int) -> None:
    """Odd values of each parameter that an address may read."""
    things = admin_addresses.things()
    for address in EVERY:
        url = address.at(admin_addresses.words_for(address, things))
        for name in parameters(address):
            for odd in few(ODD, url + name, number):
                asking.ask("get", url, {name: odd})
        for turn in range(0 if parameters(address) else number + 1):
            asking.ask("get", url, dict(zip(PAGES, few(ODD, f"{url}{turn}", len(PAGES)), strict=True)))


def fuzz_forms(asking: Asking, number: int) -> None:
    """Odd values in all fields of each form at once."""
    things = admin_addresses.things()
    for address in EVERY:
        if address.name in LEAVES:
            continue
        url = address.at(admin_addresses.words_for(address, things))
        page = asking.ask("get", url)
        html = page.text if page.get("Content-Type", "").startswith("text/html") else ""
        names = sorted(set(FIELD.findall(html)) - {"csrfmiddlewaretoken", "language"})
        for turn in range(number):
            odd = few(ODD, f"{url}{turn}", min(len(ODD), 30)) * (1 + len(names) // 30)
            form = dict(zip(names, odd, strict=False))
            whole = {name: "0" for name in names if name.endswith(("_FORMS",))}
            asking.ask("post", url, form)
            asking.ask("post", url, form | whole)


def fuzz_logins(asking: Asking, number: int) -> None:
    """Odd parameters and fields for the pages before one is in, also between the password and the second factor."""
    pages = [address for address in EVERY if address.name.startswith(("login", "password_forgotten", "password_new"))]
    things, seen = admin_addresses.things(), set()
    for client in (Client(), *half_in().values()):
        client.raise_request_exception = False
        asking.client = client
        for address in pages:
            url = address.at(admin_addresses.words_for(address, things))
            names = sorted(set(FIELD.findall(asking.ask("get", url).text)) - {"csrfmiddlewaretoken", "language"})
            for turn in range(number + 1):
                odd = few(ODD, f"{url}{turn}", len(PAGES))
                asking.ask("get", url, dict(zip(PAGES, odd, strict=True)))
                asking.ask("post", f"{url}?next={quote(odd[0])}", dict(zip([*names, "next"], odd, strict=False)))
            seen.update(names)
    assert seen >= {"username", "code", "trust", "name", "new_password1"}


KINDS = [fuzz_words, fuzz_parameters, fuzz_forms, fuzz_logins]


@pytest.mark.parametrize("kind", KINDS)
def test_anything_at_all_gets_an_answer(kind: Any, settings: Any):
    settings.SECOND_FACTOR_FOR_SUPERUSERS = kind is fuzz_logins
    asking = Asking()
    kind(asking, 1)
    assert asking.broken == []


@pytest.mark.full
@pytest.mark.parametrize("kind", KINDS)
def test_everything_gets_an_answer(kind: Any, settings: Any):
    settings.SECOND_FACTOR_FOR_SUPERUSERS = kind is fuzz_logins
    asking = Asking()
    kind(asking, len(ODD) if kind is fuzz_words else 6)
    assert asking.broken == []
