"""What the tickets' tests share."""

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def german() -> Iterator[None]:
    """Whatever language the request of an earlier test has left behind."""
    with translation.override("de"):
        yield
