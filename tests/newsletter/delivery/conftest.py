"""The relay of the tests of sending, which does what each test tells it to."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.newsletter.relays import ScriptedRelay
from tests.newsletter.senders import use


@pytest.fixture
def relay(settings: Any) -> Iterator[ScriptedRelay]:
    with ScriptedRelay() as relay:
        use(settings, relay)
        yield relay
