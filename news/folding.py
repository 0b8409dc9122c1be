"""Words as search compares them: München, Munchen and Muenchen are one word, whoever writes it.

The database folds what is published (`news_fold`, migration 0009_search), this module what is searched for; both
must do exactly the same, and a test compares them.
"""

import re
import unicodedata

PLAIN = {
    "a": "äàáâãåāăąæÄÀÁÂÃÅĀĂĄÆ",
    "c": "çćčÇĆČ",
    "d": "ďđĎĐ",
    "e": "éèêëēėęěÉÈÊËĒĖĘĚ",
    "g": "ğģĞĢ",
    "i": "íìîïīįıİÍÌÎÏĪĮ",
    "k": "ķĶ",
    "l": "łľĺļŁĽĹĻ",
    "n": "ñńňņÑŃŇŅ",
    "o": "öóòôõøőōœÖÓÒÔÕØŐŌŒ",
    "r": "řŕŘŔ",
    "s": "śšşșŚŠŞȘ",
    "t": "ťțţŤȚŢ",
    "u": "üúùûůűūųÜÚÙÛŮŰŪŲ",
    "y": "ýÿÝŸ",
    "z": "źżžŹŻŽ",
}
# Accents written as characters of their own, soft hyphens and other marks that nobody sees.
UNSEEN = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030c\u0327\u0328\u00ad\u200b\u200c\u200d\u2060\ufeff"
_TABLE: dict[int, str | None] = {ord(letter): plain for plain, letters in PLAIN.items() for letter in letters}
_TABLE |= {ord(mark): None for mark in UNSEEN} | {ord("ß"): "ss", ord("ẞ"): "ss"}
# Not where the e belongs to the next vowel or is mute: neue, Bauer, Quelle stay as they are.
_TWO_LETTERS = re.compile(r"(?<![aeiouq])([aou])e")

WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """`text` in lower case without umlauts and accents, ae, oe and ue as a, o and u."""
    return _TWO_LETTERS.sub(r"\1", text.translate(_TABLE).lower())


def composed(text: str) -> str:
    """`text` with each umlaut in one character, and without what nobody sees."""
    return unicodedata.normalize("NFC", text).translate({ord(mark): None for mark in UNSEEN})


def spellings(word: str) -> set[str]:
    """How `word` may be spelt where its stem is looked for: with umlauts, or with two letters for each."""
    word = composed(word).lower()
    umlauts = word.replace("ae", "ä").replace("oe", "ö").replace("ue", "ü")
    letters = word.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return {word, umlauts, letters, word.replace("ß", "ss")}


def pattern(folded: str) -> str:
    """A regular expression for every spelling of a word that folds to `folded`."""
    return re.sub("ss|.", lambda found: _spelt(found[0]), folded)


def _spelt(letter: str) -> str:
    if letter == "ss":
        return f"(?:{_spelt('s') * 2}|[ßẞ])"
    if letter not in PLAIN:
        return re.escape(letter)
    mute = "e?" if letter in "aou" else ""
    return f"[{letter}{PLAIN[letter]}]{mute}[{UNSEEN}]*"
