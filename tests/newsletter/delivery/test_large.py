"""A million recipients, planned: how long it takes, and that they never pass through the worker."""

import resource
import time

import pytest
from django.db import transaction

from newsletter.delivery import planning
from newsletter.models import Delivery
from tests.newsletter.issues.made import make_issue
from tests.newsletter.issues_factory import freeze, make_subscribers

MILLION = 1_000_000


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_a_million_recipients_are_planned_in_half_a_minute():
    make_subscribers(MILLION)
    issue = make_issue()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    with transaction.atomic():
        freeze(issue)
        assert planning.plan(issue) == MILLION
    took = time.monotonic() - began
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{MILLION} recipients planned in {took:.1f} s, {more:.1f} MB more memory")
    assert Delivery.objects.filter(issue=issue).count() == MILLION
    assert took <= 30
    assert more <= 20
