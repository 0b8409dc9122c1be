"""What the tests of the tickets' admin share."""

import pytest
from django.test import Client

from tests.factories import make_user


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(make_user("tickets", language="en"))
    return client
