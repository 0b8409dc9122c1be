"""What our typeface can set of a text, for what is drawn here and not by a browser, which would borrow from other fonts.

A sign that the typeface lacks becomes the nearest that it has, one that means nothing by itself goes, and a text with
words in another script cannot be set.
"""

import re
import unicodedata
from functools import cache

from django.conf import settings
from PIL import ImageFont

# Signs that Unicode itself does not lead back to one of the typeface's.
NEAREST = (
    dict.fromkeys("→⇒⟶⟹➔➜➝➞➡➙⇨↗↘▶►▸", "›")
    | dict.fromkeys("←⇐⟵⟸⬅⇦↖↙◀◄◂", "‹")
    | dict.fromkeys("↔⇔⟷⟺↕", "–")
    | {"↑": "+", "⇑": "+", "⬆": "+", "↓": "−", "⇓": "−", "⬇": "−"}
    | dict.fromkeys("■□▪▫●○◦‣⁃∙⋅", "•")
    | {
        "′": "’",
        "″": "”",
        "‴": "”’",
        "ʼ": "’",
        "ʻ": "‘",
        "‛": "‘",
        "‟": "“",
        "⁄": "/",
        "∕": "/",
        "∶": ":",
        "∼": "~",
        "μ": "µ",
    }
    | {"❗": "!", "❕": "!", "❓": "?", "❔": "?"}
)
EMOJI = re.compile("[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u2bff\u3030\u303d]")
HELPERS = ("C", "M")  # categories: joiners, directions, variants, marks that no letter took
GONE = "\0"


@cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(settings.FONT_FILE), 24, layout_engine=ImageFont.Layout.BASIC)


@cache
def has_sign(sign: str) -> bool:
    """Whether the typeface has a glyph of its own for this sign, and not the box that stands for all others."""
    return bytes(_font().getmask(sign)) != bytes(_font().getmask("\U0010ffff"))


def settable(text: str) -> str:
    """`text` in signs that the typeface has; empty if it cannot be set without losing words."""
    composed = unicodedata.normalize("NFC", text)  # a letter and its umlaut dots are one glyph
    signs = [_nearest(sign) for sign in composed]
    if None in signs:
        return ""
    line = "".join(sign for sign in signs if sign)
    line = re.sub(rf"(?<=\w){GONE}+(?=\w)", " ", line)
    line = re.sub(rf" ?{GONE}+(?=[.,;:!?])|{GONE}", "", line)
    return re.sub(r" +(?=[ \u00a0])", "", line).strip()


@cache
def _nearest(sign: str) -> str | None:
    """What stands for a sign: itself, others, '' or `GONE` (which parts words); None if only its own would do."""
    kind = unicodedata.category(sign)
    if sign.isspace():
        return "\N{NO-BREAK SPACE}" if sign in "\u00a0\u2007\u202f" else " "
    if kind.startswith(HELPERS):
        return ""
    if has_sign(sign):
        return sign
    if sign in NEAREST:
        return NEAREST[sign]
    if kind == "Pd":
        return "-" if sign in "\N{HYPHEN}\N{NON-BREAKING HYPHEN}" else "–"
    compatible = unicodedata.normalize("NFKC", sign)
    if compatible != sign:
        parts = [_nearest(part) for part in compatible]
        return None if None in parts else "".join(part for part in parts if part)
    bare = unicodedata.normalize("NFD", sign)[0]
    if bare != sign and bare.isascii():  # a Latin letter with more marks than the typeface knows
        return bare
    return GONE if EMOJI.match(sign) else None
