"""Characters that nobody sees, and plain text without them: the one list for rich texts, fields, names and addresses."""

import re
import unicodedata

# Nobody sees them, so nobody can correct them; some make a text read otherwise than it is written.
UNSEEN = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x9f"  # control characters
    "\u00ad\u034f\u200b\u2060\ufeff"  # soft hyphen, grapheme joiner, zero-width spaces
    "\u061c\u200e\u200f\u202a-\u202e\u2061-\u206f"  # marks of direction, invisible operators
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # fillers, Mongolian selectors
    "\ud800-\udfff\ufdd0-\ufdef\ufff0-\ufffb\ufffe\uffff"  # halves of characters, none at all, annotations
    "\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a"  # of shorthand and music
    "]"
)
# Those that programs leave inside words; for what compares words. (A joiner stays where it shapes letters.)
WITHIN_WORDS = "\u00ad\u200b-\u200d\u2060\ufeff"
# They choose the shape of the emoji, symbol or ideograph before them; elsewhere they show nothing.
LONE_SELECTOR = re.compile(
    "(?<![#*0-9\u00a9\u00ae\u2030-\u33ff\u3400-\u9fff\U0001f000-\U0001faff\U00020000-\U0003ffff])"
    "[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
# Unseen letters, which spell the name of a region inside a flag.
LONE_TAG = re.compile("(\U0001f3f4[\U000e0030-\U000e007a]{2,6}\U000e007f)|[\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]")
# Joiners stay inside an emoji made of several, and between letters that they join or part: Arabic, Indic and others.
_EMOJI = "\u2600-\u27bf\U0001f000-\U0001faff"
_JOINING = "\u0600-\u0605\u0610-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17b3\u17b6-\u18af"
LONE_JOINER = re.compile(
    f"(?<![{_EMOJI}\ufe0f{_JOINING}])\u200d|\u200d(?![{_EMOJI}{_JOINING}])"
    f"|(?<![{_JOINING}])\u200c|\u200c(?![{_JOINING}])"
)
BLANK = "\u2800"  # of braille: what looks like a space is one

SPACES = re.compile(r"\s+")
UNBREAKABLE = {"\u00a0", "\u202f"}
LINE_END = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")


def visible(text: str) -> str:
    """`text` without what nobody sees."""
    if text.isascii() and text.isprintable():
        return text
    text = LONE_SELECTOR.sub("", UNSEEN.sub("", text.replace(BLANK, " ")))
    return LONE_JOINER.sub("", LONE_TAG.sub(lambda found: found[1] or "", text))


def one_line(text: str) -> str:
    """Plain `text` as one line: composed letters, nothing unseen, single spaces, no accent without its letter."""
    text = visible(SPACES.sub(_space, unicodedata.normalize("NFC", text)))
    text = SPACES.sub(_space, text).strip()  # those that something unseen kept apart
    return text if text.isascii() else unicodedata.normalize("NFC", _without_lone_accents(text)).strip()


def lines(text: str) -> str:
    """Plain `text` of several lines, each as `one_line` has it, with one empty line at most between two."""
    cleaned = "\n".join(map(one_line, LINE_END.split(text)))
    return re.sub("\n{3,}", "\n\n", cleaned).strip("\n")


def _space(run: re.Match[str]) -> str:
    return run[0] if run[0] in UNBREAKABLE else " "


def _without_lone_accents(text: str) -> str:
    kept = ""
    for character in text:
        lone = unicodedata.category(character).startswith("M") and (not kept or kept[-1].isspace())
        kept += "" if lone else character
    return SPACES.sub(_space, kept)
