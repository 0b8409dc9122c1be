"""Text as people paste it, and what remains of it where it was cleaned."""

import re
import unicodedata

from hypothesis import strategies as st

UNSEEN = "\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u202a\u202e\u2060\u2066\u2800\u3164\ufe0f\ufeff\ufff9\U000e0041"
BREAKS = "\0\t\n\r\x0b\x0c\x1b\x1c\x7f\x85\x9f\u2028\u2029\u00a0\u202f\u3000"
MARKS = "\u0301\u0308\u0338\u20e3\u0903"
# Letters and other signs among what should not be there.
ODD = st.lists(
    st.sampled_from([*"aU<&-1", "ن", "क", "👩", "葛", "\ud800", *UNSEEN, *BREAKS, *MARKS]) | st.characters(),
    max_size=30,
).map("".join)


def is_clean(line: str) -> bool:
    """Whether `line` is one: composed, single spaces, no control, no unseen sign, no accent without its letter."""
    categories = [unicodedata.category(character) for character in line]
    joined = {"\u200c", "\u200d"}  # inside emojis and words; `test_characters` says where
    unseen = [
        character
        for character, category in zip(line, categories, strict=True)
        if category in {"Cc", "Cs", "Zl", "Zp"} or (character in UNSEEN and character not in {*joined, "\ufe0f"})
    ]
    lone = re.search(r"(?:^|\s)\u0301|(?:^|\s)\u0308", line) or (categories and categories[0].startswith("M"))
    single = line == line.strip() and not re.search(r"\s\s", line)
    return not unseen and not lone and single and unicodedata.is_normalized("NFC", line)
