"""Who must not be mailed is remembered by a keyed hash, through changes of the key."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from newsletter.models import Suppression
from newsletter.subscribers import suppressing

pytestmark = pytest.mark.django_db


def keys_in_use() -> list[str]:
    out = StringIO()
    call_command("suppression_keys", stdout=out)
    return out.getvalue().splitlines()


def test_what_the_secret_key_hashed_before_an_upgrade_is_not_forgotten(settings):
    settings.SUPPRESSION_KEY_FALLBACKS = ["the former secret key"]
    made = suppressing.email_hash("jana@example.org", "the former secret key")
    Suppression.objects.create(email_hash=made, reason="erased")
    assert suppressing.of("Jana@example.org").get().reason == "erased"
    assert keys_in_use()[-1] == "Before keys had names, by the SECRET_KEY of then: 1"
    suppressing.suppress("jana@example.org", Suppression.Reason.ERASED)
    now = Suppression.objects.get()
    assert now.key_id == suppressing.key_id(settings.SUPPRESSION_KEY), "whoever is seen again moves to the new key"
    assert keys_in_use() == ["SUPPRESSION_KEY: 1", "SUPPRESSION_KEY_FALLBACKS, no. 1: 0"]


def test_a_key_that_is_still_needed_is_missed_aloud(settings):
    suppressing.suppress("jana@example.org", Suppression.Reason.ERASED)
    former, settings.SUPPRESSION_KEY = settings.SUPPRESSION_KEY, "new"
    settings.SUPPRESSION_KEY_FALLBACKS = []
    assert not suppressing.of("jana@example.org").exists()
    with pytest.raises(CommandError, match="The keys of 1 suppressions are missing"):
        keys_in_use()
    settings.SUPPRESSION_KEY_FALLBACKS = [former]
    assert suppressing.of("jana@example.org").exists()


def test_a_complaint_is_not_overwritten_by_a_deletion():
    for reason in (Suppression.Reason.COMPLAINED, Suppression.Reason.ERASED):
        suppressing.suppress("jana@example.org", reason)
    assert Suppression.objects.get().reason == "complained"
