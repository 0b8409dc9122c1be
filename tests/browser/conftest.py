"""Real browsers, and the site as in production: granian, hashed and compressed files, the worker, no DEBUG."""

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

from tests import production, provide
from tests.browser import engines
from tests.browser.kinds import fill
from tests.conftest import unavailable
from tests.databases import empty_tables
from tests.processes import DEADLINE, free_port, manage, wait_until
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
        "SECOND_FACTOR_GROUPS": "",  # test_login.py has its own
        "PORT": str(port),
        "WEB_WORKERS": "1",
        "STATIC_ROOT": str(folder / "static"),
        "MEDIA_ROOT": str(running.media),
    }

    def ready() -> bool:
        assert process.poll() is None, (folder / "serve.log").read_text()
        try:
            with urlopen(f"{running.url}/readyz", timeout=DEADLINE) as answer:
                return answer.status == 200
        except URLError:
            return False

    with django_db_blocker.unblock(), manage("serve", log=folder / "serve.log", **environment) as process:
        wait_until(ready, f"ready: {running.url}")
        with django_db_blocker.block():
            yield running


class Content:
    """Something of every kind (`tests.browser.kinds`), filled in once for all tests that ask for it."""

    def __init__(self) -> None:
        self.patch: pytest.MonkeyPatch | None = None  # as long as it is there

    def begin(self, site: Site) -> None:
        if self.patch:
            return
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: None)
        try:
            with override_settings(MEDIA_ROOT=str(site.media)):
                fill()
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        if not self.patch:
            return
        self.patch.undo()
        self.patch = None
        empty_tables()
        # While Playwright runs, Django keeps another connection than before and after; nobody else would close it.
        connection.close()


filled = Content()


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Those that find the site empty come first."""
    places = [place for place, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    ordered = sorted([items[place] for place in places], key=lambda item: "content" in item.fixturenames)
    for place, item in zip(places, ordered, strict=True):
        items[place] = item


@pytest.fixture(autouse=True)
def only_content_that_is_asked_for(request: pytest.FixtureRequest, django_db_blocker: Any) -> None:
    if "content" not in request.fixturenames:
        with django_db_blocker.unblock():
            filled.end()


@pytest.fixture(scope="package")
def content_of_the_package(site: Site, django_db_blocker: Any) -> Iterator[Content]:
    yield filled
    with django_db_blocker.unblock():
        filled.end()


@pytest.fixture
def content(content_of_the_package: Content, site: Site, django_db_blocker: Any) -> None:
    """See `Content`. What a test adds, the others find."""
    with django_db_blocker.unblock():
        content_of_the_package.begin(site)


@pytest.fixture
def real_passwords(settings: Any) -> None:
    """The server knows only the hash of production."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]


@pytest.fixture(scope="session")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[engines.Bidi]:
    """Started once for all its tests."""
    if provide.firefox() is None:
        unavailable("There is no Firefox here (firefox-esr), so nothing was tried in it.")
    with engines.firefox_started(tmp_path_factory.mktemp("firefox")) as running:
        yield running


@pytest.fixture(scope="session")
def webkit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[engines.WebDriver]:
    """Started once for all its tests."""
    if provide.webkit() is None:
        unavailable("There is no WebKit here (webkit2gtk-driver, xvfb), so nothing was tried in Safari's engine.")
    with engines.webkit_started(tmp_path_factory.mktemp("webkit")) as running:
        yield running


@pytest.fixture(params=["firefox", "webkit"])
def window(request: pytest.FixtureRequest) -> Iterator[engines.Window]:
    """A window of Firefox, then of WebKit."""
    opened = {"firefox": engines.firefox_window, "webkit": engines.webkit_window}[request.param]
    with opened(request.getfixturevalue(request.param)) as window:
        yield window
