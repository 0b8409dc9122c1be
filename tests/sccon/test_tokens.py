"""Signed links hold for one purpose and, where it says so, for a while."""

from datetime import timedelta

import pytest
from django.core import signing

from sccon import tokens


def test_a_token_says_what_it_was_made_for():
    assert tokens.read("confirm", tokens.make("confirm", 7)) == 7


def test_a_token_is_worthless_for_another_purpose():
    with pytest.raises(tokens.BadToken):
        tokens.read("unsubscribe", tokens.make("confirm", 7))


@pytest.mark.parametrize("token", ["", "x", "Nw:1abc:xyz", tokens.__name__ * 40, "ä"])
def test_what_we_did_not_make_is_refused(token: str):
    with pytest.raises(tokens.BadToken):
        tokens.read("confirm", token)


def test_a_changed_token_is_refused():
    token = tokens.make("confirm", 7)
    with pytest.raises(tokens.BadToken):
        tokens.read("confirm", "OA" + token[2:])


def test_a_late_token_still_tells_what_it_held():
    with pytest.raises(tokens.ExpiredToken) as expired:
        tokens.read("confirm", tokens.make("confirm", 7), max_age=timedelta(seconds=-1))
    assert expired.value.value == 7


def test_what_a_former_key_signed_is_read_and_nothing_new_is_signed_with_it(settings):
    before = signing.dumps(7, salt="sccon.tokens.confirm")  # as SECRET_KEY signed before links had a key of their own
    former = tokens.make("confirm", 8)
    settings.LINK_KEY_FALLBACKS = [settings.LINK_KEY, settings.SECRET_KEY]
    settings.LINK_KEY = "a new one, which nobody knows"
    assert (tokens.read("confirm", before), tokens.read("confirm", former)) == (7, 8)
    new = tokens.make("confirm", 9)
    settings.SECRET_KEY, settings.LINK_KEY_FALLBACKS = "another", []
    assert tokens.read("confirm", new) == 9
    for gone in (before, former):
        with pytest.raises(tokens.BadToken):
            tokens.read("confirm", gone)
