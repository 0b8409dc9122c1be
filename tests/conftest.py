"""What tests share: a site with real Postgres, emptied after every test that commits."""

import os
import signal
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn

import pytest
from django.conf import settings as site
from django.test import Client, TransactionTestCase
from django.utils import translation
from hypothesis import settings

from tests.databases import empty_tables, own_database

MOST_PROCESSES = 8  # each has a browser and servers of its own
TESTS_PER_PROCESS = 10  # fewer are done before one more process has begun


def pytest_configure(config: pytest.Config) -> None:
    # The same examples in every run, so that a red suite means a change; `-m full` looks for new ones.
    settings.register_profile("same", derandomize=config.option.markexpr == "not full")
    settings.load_profile("same")
    # Playwright's sync API runs an event loop in the test's thread; Django must not refuse to work beside it.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> Generator[None, int, int]:
    """As many processes as there are cores; this one alone for a few tests, and where somebody wants to look on."""
    cores = yield
    if config.option.keyword or config.option.capture == "no":
        return 0
    processes = min(cores, MOST_PROCESSES, _selected(config.args) // TESTS_PER_PROCESS)
    return processes if processes > 1 else 0


def _selected(arguments: list[str]) -> int:
    """About how many tests the command line selects, without importing them."""
    number = 0
    for path, _, name in (argument.partition("::") for argument in arguments):
        files = Path(path).rglob("test_*.py") if Path(path).is_dir() else [Path(path)]
        number += 1 if name else sum(file.read_text().count("\ndef test_") for file in files if file.exists())
    return number


@pytest.hookimpl(tryfirst=True)  # before xdist reads the mark
def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    """Tests that share what is dear to set up stay together, in their order: those of one package or module.

    What proves something at full size may take its time.
    """
    for item in items:
        scopes = {made.scope for found in item._fixtureinfo.name2fixturedefs.values() for made in found}
        together = item.path.parent if "package" in scopes else item.path if "module" in scopes else None
        if together and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(together.stem))
        if item.get_closest_marker("full"):
            item.add_marker(pytest.mark.timeout(0))


@pytest.hookimpl(tryfirst=True)
def pytest_keyboard_interrupt() -> None:
    """xdist interrupts its processes once more while they clean up after Ctrl-C: they must not leave anything behind."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


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


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """Instead of pytest-django's, which would run all migrations in each process."""
    with ExitStack() as stack:
        with django_db_blocker.unblock():
            stack.enter_context(own_database())
        yield


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
