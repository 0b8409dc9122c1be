"""How tests read what pages show."""

import re


def headline(card: str) -> str:
    """The title on a card, without the places at which it may break."""
    found = re.search("<h3><a [^>]*>(.*?)</a></h3>", card)
    assert found, card
    return found[1].replace("\u00ad", "")


def marked(html: str) -> tuple[list[str], list[str]]:
    """The words taken out and put in, without our own labels."""
    bare = re.sub(r'<span class="visually-hidden"[^>]*>.*?</span>', "", html)
    return tuple(  # type: ignore[return-value]
        [re.sub("<[^>]*>", "", part) for part in re.findall(rf"<{op}>(.*?)</{op}>", bare)] for op in ("del", "ins")
    )
