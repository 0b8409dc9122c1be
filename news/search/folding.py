"""Words as search compares them: München, Munchen and Muenchen are one word, whoever writes it.

Likewise CO₂ and CO2, Ⅳ and IV, 10.000 and 10000.

The database folds what is published (`news_fold`, migration 0006_compatible_letters), this module what is searched for; both
must do exactly the same, and a test compares them.
"""

import re
import unicodedata

from sccon.characters import WITHIN_WORDS

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
UNSEEN = "\u0300-\u036f" + WITHIN_WORDS  # accents that stand by themselves, too
_UNSEEN = re.compile(f"[{UNSEEN}]+")
_ONE_LETTER = str.maketrans("æÆœŒøØłŁđĐı", "aaoooollddi", "") | {ord("ß"): "ss", ord("ẞ"): "ss"}
# ae, oe, ue, but not after a vowel or q, where the e is no umlaut: neue, Bauer, Quelle.
_TWO_LETTERS = re.compile(r"(?<![aeiouq])([aou])e")

# Between the thousands of a number. A plain space there may as well part two numbers.
THOUSANDS = ".,'’\u00a0\u2009\u202f"
_BETWEEN_THOUSANDS = re.compile(f"(?<=[0-9])[{THOUSANDS}](?=[0-9]{{3}}(?![0-9]))")
_NO_LETTERS = str.maketrans("™℠", "  ")  # or a word would end in "tm"

WORD = re.compile(r"[^\W_]+")


def _joined(text: str) -> str:
    return _BETWEEN_THOUSANDS.sub("", text.translate(_NO_LETTERS))


def fold(text: str) -> str:
    """`text` in lower case and plain letters and digits, without umlauts and accents; ae, oe and ue become a, o and u."""
    letters = _UNSEEN.sub("", unicodedata.normalize("NFKD", _joined(text)))
    return _TWO_LETTERS.sub(r"\1", letters.translate(_ONE_LETTER).lower())


def composed(text: str) -> str:
    """`text` in composed form (each umlaut one character) and plain letters and digits, without invisible characters."""
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", _joined(text)))


def spellings(word: str) -> set[str]:
    """Possible spellings of `word`, for finding its stem: with umlauts, or with ae, oe, ue instead."""
    word = composed(word).lower()
    umlauts = word.replace("ae", "ä").replace("oe", "ö").replace("ue", "ü")
    letters = word.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return {word, umlauts, letters, word.replace("ß", "ss")}


def _compatible() -> dict[str, str]:
    """Characters that stand for one or several letters or digits, by these, folded: ligatures, ², Ⅳ, ５."""
    found: dict[str, str] = {}
    ranges = [(0xAA, 0xBE), (0x2070, 0x20A0), (0x2100, 0x2190), (0x2460, 0x2500), (0xFB00, 0xFB07), (0xFF10, 0xFF5B)]
    for sign in (*(chr(code) for first, end in ranges for code in range(first, end)), *"ŀŉſǆǉǌĳ㎏㎜㎝㎞㎡㎢㎥"):
        if re.fullmatch("[a-z0-9]{1,4}", letters := fold(sign)):
            found[letters] = found.get(letters, "") + sign
    return found


COMPATIBLE = _compatible()
WHOLE = COMPATIBLE | {"ss": "ß"}
_PARTS = re.compile("|".join(sorted((part for part in WHOLE if len(part) > 1), key=len, reverse=True)) + "|.")


def pattern(folded: str) -> str:
    """A regular expression for every spelling of a word that folds to `folded`."""
    return _PARTS.sub(lambda found: _spelt(found[0]), folded)


def _spelt(letters: str) -> str:
    if len(letters) > 1:
        # As one character, or in any way that it can be parted: ﬃ, ﬀi, fﬁ, ffi.
        parts = [size for size in range(1, len(letters)) if size == 1 or letters[:size] in WHOLE]
        apart = [_spelt(letters[:size]) + pattern(letters[size:]) for size in parts]
        return f"(?:{'|'.join([f'[{WHOLE[letters]}][{UNSEEN}]*', *apart])})"
    same = re.escape(letters) + PLAIN.get(letters, "") + COMPATIBLE.get(letters, "")
    mute = "e?" if letters in "aou" else ""
    between = f"(?:[{THOUSANDS}](?=[0-9]{{3}}))?" if letters.isdecimal() else ""
    return f"[{same}]{mute}[{UNSEEN}]*{between}"
