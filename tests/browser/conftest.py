"""A real browser, and the site as in production: granian, hashed and compressed files, the worker, no DEBUG."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from django.db import connection
from django.test import TransactionTestCase, override_settings
from playwright.sync_api import BrowserContext, expect

from tests import production
from tests.browser.kinds import fill
from tests.conftest import unavailable
from tests.databases import empty_tables
from tests.processes import free_port, manage, wait_until
from tests.provide import chromium

# As root in a container there is no sandbox; the rest keeps Chromium from asking its maker for anything.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
FLAGS += ["--disable-sync", "--no-first-run"]

TICKET_KEY = "0" * 64


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = chromium() or unavailable("There is no Chromium here, so nothing was tried in a browser.")
    return {**browser_type_launch_args, "executable_path": path, "args": FLAGS}


@pytest.fixture
def context(context: BrowserContext) -> BrowserContext:
    """A minute for what does not come: it only catches a hang, also on a busy machine."""
    context.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    return context


@dataclass(frozen=True)
class Site:
    """The running site: where it answers, and where its uploads lie."""

    url: str
    media: Path


@pytest.fixture(scope="package")
def site(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The production server on the tests' database, while this package's tests run: its worker would take the jobs
    that the other tests queue and want to run themselves."""
    folder, port = tmp_path_factory.mktemp("site"), free_port()
    running = Site(f"http://127.0.0.1:{port}", folder / "media")
    environment = production.SETTINGS | {
        "SITE_URL": running.url,
        "SITE_DEMO": "1",
        "SMTP_URL": "",  # the demo keeps its mails, and the tests read them in its mailbox
        "TICKET_KEY": TICKET_KEY,
        "PORT": str(port),
        "WEB_WORKERS": "1",
        "STATIC_ROOT": str(folder / "static"),
        "MEDIA_ROOT": str(running.media),
    }

    def ready() -> bool:
        assert process.poll() is None, (folder / "serve.log").read_text()
        try:
            with urlopen(f"{running.url}/readyz") as answer:
                return answer.status == 200
        except URLError:
            return False

    with django_db_blocker.unblock(), manage("serve", log=folder / "serve.log", **environment) as process:
        wait_until(ready, f"ready: {running.url}")
        with django_db_blocker.block():
            yield running


@pytest.fixture(scope="module")
def content(site: Site, django_db_blocker: Any) -> Iterator[None]:
    """Something of every kind (`tests.browser.kinds`), for all tests of one module."""
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=str(site.media)),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: None)
        try:
            fill()
            yield
        finally:
            empty_tables()
            # While Playwright runs, Django keeps another connection than before and after; nobody else would close it.
            connection.close()
