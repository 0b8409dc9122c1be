"""How tests read what pages show."""

import re


def headline(card: str) -> str:
    """The title on a card, without the places at which it may break."""
    found = re.search("<h3><a [^>]*>(.*?)</a></h3>", card)
    assert found, card
    return found[1].replace("\u00ad", "")
