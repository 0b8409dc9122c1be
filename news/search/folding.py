"""Words as search compares them: München, Munchen and Muenchen are one word, whoever writes it.

The database folds what is published (`news_fold`, migration 0001_functions), this module what is searched for; both
must do exactly the same, and a test compares them.
"""

import re
import unicodedata

PLAIN = {
    "a": "äàáâãåāăąæ",
    "c": "çćč",
    "d": "ďđ",
    "e": "éèêëēėęě",
    "g": "ğģ",
    "i": "íìîïīįı",
    "k": "ķ",
    "l": "łľĺļ",
    "n": "ñńňņ",
    "o": "öóòôõøőōœ",
    "r": "řŕ",
    "s": "śšşș",
    "t": "ťțţ",
    "u": "üúùûůűūų",
    "y": "ýÿ",
    "z": "źżž",
}
# Combining accents, soft hyphens and other invisible characters.
UNSEEN = "\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff"
_UNSEEN = re.compile(f"[{UNSEEN}]+")
_ONE_LETTER = str.maketrans("æÆœŒøØłŁđĐı", "aaoooollddi", "") | {ord("ß"): "ss", ord("ẞ"): "ss"}
# ae, oe, ue, but not after a vowel or q, where the e is no umlaut: neue, Bauer, Quelle.
_TWO_LETTERS = re.compile(r"(?<![aeiouq])([aou])e")

WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """`text` in lower case, without umlauts and accents; ae, oe and ue become a, o and u."""
    letters = _UNSEEN.sub("", unicodedata.normalize("NFD", text))
    return _TWO_LETTERS.sub(r"\1", letters.translate(_ONE_LETTER).lower())


def composed(text: str) -> str:
    """`text` in composed form (each umlaut one character), without invisible characters."""
    return _UNSEEN.sub("", unicodedata.normalize("NFC", text))


def spellings(word: str) -> set[str]:
    """Possible spellings of `word`, for finding its stem: with umlauts, or with ae, oe, ue instead."""
    word = composed(word).lower()
    umlauts = word.replace("ae", "ä").replace("oe", "ö").replace("ue", "ü")
    letters = word.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return {word, umlauts, letters, word.replace("ß", "ss")}


def pattern(folded: str) -> str:
    """A regular expression for every spelling of a word that folds to `folded`."""
    return re.sub("ss|.", lambda found: _spelt(found[0]), folded)


def _spelt(letter: str) -> str:
    if letter == "ss":
        return f"(?:{_spelt('s') * 2}|ß)"
    if letter not in PLAIN:
        return re.escape(letter)
    mute = "e?" if letter in "aou" else ""
    return f"[{letter}{PLAIN[letter]}]{mute}[{UNSEEN}]*"
