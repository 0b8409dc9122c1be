"""What tests share: a site with real Postgres, emptied after every test that commits."""

import os
from collections import Counter
from collections.abc import Generator, Iterator
from typing import Any, NoReturn

import pytest
from django.conf import settings as site
from django.db import connection
from django.test import Client, TransactionTestCase
from django.utils import translation

# Written by migrations, or by a worker that lives through several tests.
KEPT = {
    "procrastinate_workers",
    "django_migrations",
    "sccon_pageversion",  # only ever counts up: pages of an earlier test are known as such
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
}


def pytest_configure() -> None:
    # Playwright's sync API runs an event loop in the test's thread; Django must not refuse to work beside it.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def unavailable(sentence: str) -> NoReturn:
    """The machine lacks what a test needs: it is skipped and `sentence` says so, or fails where CI promises it."""
    if os.environ.get("CI") == "true":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None, None, None]:
    """Says just before the closing line what was skipped, and why."""
    yield
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", [])
    )
    for reason, times in reasons.items():
        terminalreporter.write_line(f"Skipped {times}: {reason}", yellow=True)


def empty_tables(test_case: TransactionTestCase | None = None) -> None:
    """Empties every table but those migrations fill. The record's triggers would refuse: they are off meanwhile."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name not in KEPT]
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"TRUNCATE {', '.join(map(connection.ops.quote_name, tables))}")
        cursor.execute("SET session_replication_role = origin")


@pytest.fixture(autouse=True, scope="session")
def emptying() -> Iterator[None]:
    """Django's flush would also throw away the groups, and the record would refuse it."""
    original = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = empty_tables
    yield
    TransactionTestCase._fixture_teardown = original


@pytest.fixture
def remembering(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing kept by an earlier test, and a look for each request: what changed shows at once."""
    from sccon import pagecache  # only now is Django set up

    pagecache.cache.forget()
    monkeypatch.setattr(pagecache, "LOOK_EVERY", 0)
    yield
    pagecache.cache.forget()


@pytest.fixture
def visitor(remembering: None) -> Client:
    """Comes to the configured host, as visitors do; other tests' requests name another, for which nothing is kept."""
    return Client(headers={"host": site.SITE_URL.removeprefix("http://")}, raise_request_exception=False)


@pytest.fixture(autouse=True)
def fast_and_private(settings: Any, tmp_path: Any) -> None:
    """Cheap passwords, files in a directory of the test's own, static files as they lie in the sources.

    And the site's first language: the page that the test before asked for may have left another.
    """
    translation.activate(settings.LANGUAGE_CODE)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
