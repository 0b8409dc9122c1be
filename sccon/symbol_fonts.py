"""The signs that fonts of pictures draw in place of letters: an "à" in Wingdings is an arrow, in Word's own words."""

# By the font's first name: a place in the font, and the signs from there on; a space is one without a sign of Unicode.
_RUNS = {
    "wingdings": {
        0x21: "✏✂✁👓🔔📖🕯☎✆✉✉📪📫📬📭📁📂📄📄📄🗄⌛⌨🖱🖲💻🖴💾💾✇✍✍✌👌👍👎☜☞☝☟✋☺😐☹💣☠🏳⚐✈☼💧❄✝✞✝✠✡☪☯ॐ☸",
        0x5E: "♈♉♊♋♌♍♎♏♐♑♒♓&&●❍■□❐❑❒⬧⧫◆❖⬥⌧ ⌘❀✿❝❞",
        0x80: "⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿",
        0x9E: "·•▪○  ◉  ▪◻ ✦★✶✴✹✵ ⌖ ⌑ ✪✰🕐🕑🕒🕓🕔🕕🕖🕗🕘🕙🕚🕛",
        0xD5: "⌫⌦ ➢   ➲  ←→↑↓↖↗↙↘⬅➔⬆⬇    ⇦⇨⇧⇩⬄⇳",
        0xFB: "✗✓☒☑",
    },
    "symbol": {
        0x22: "∀",
        0x24: "∃",
        0x27: "∋",
        0x2A: "∗",
        0x2D: "−",
        0x40: "≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥",
        0x61: "αβχδεφγηιϕκλμνοπθρστυϖωξψζ",
        0x7E: "∼",
        0xA1: "ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…  ↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊⟨®©™∑",
        0xF1: "⟩∫",
    },
    "wingdings 2": {0x4F: "✗✓☒☑☒☒", 0x81: "①②③④⑤⑥⑦⑧⑨⑩", 0x98: "●", 0xA2: "■□"},
    "wingdings 3": {0x66: "←→↑↓↖↗↙↘", 0x70: "▲▼△▽◀▶◁▷", 0x7D: "▶"},
    "webdings": {0x33: "◀▶▲▼", 0x61: "✔", 0x69: "ℹ", 0x6E: "●", 0x72: "✗"},
}
# A browser shows 0x80 to 0x9F of such a font as the letters that Windows has there.
_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)}


def _letters(runs: dict[int, str]) -> dict[str, str]:
    signs = {start + place: sign for start, run in runs.items() for place, sign in enumerate(run) if sign != " "}
    return {letter: sign for code, sign in signs.items() for letter in (chr(code), _WINDOWS.get(code, chr(code)))}


FONTS = {name: _letters(runs) for name, runs in _RUNS.items()}


def signs(text: str, font: str) -> str:
    """What `text` looks like in `font`, in Unicode; a sign that has none is left out."""
    letters = FONTS[font]
    kept = ""
    for letter in text:
        if "\uf000" <= letter <= "\uf0ff":  # where Word keeps the places of such a font
            letter = chr(ord(letter) - 0xF000)
        if letter in letters:
            kept += letters[letter]
        elif letter.isspace() or (font == "symbol" and letter.isascii()) or ord(letter) > 0x2FF:
            kept += letter  # digits; what such a font does not have is drawn in another
    return kept
