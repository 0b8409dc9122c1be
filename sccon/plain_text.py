"""Plain text, derived from HTML: the text part of a mail, the words of a piece of a text, its first sentences.

Our own converter, because a mail's body is a handful of known elements: inscriptis would bring lxml and requests
along, html2text is under the GPL.
"""

import re
from html import unescape
from html.parser import HTMLParser

from django.utils.translation import gettext as _

BLOCKS = {"blockquote", "div", "h1", "h2", "h3", "li", "ol", "p", "section", "table", "tr", "ul"}
TIGHT = {"li", "tr"}  # these follow each other without an empty line
SILENT = {"head", "script", "style", "title"}

RAISED = {
    "sup": str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ"),
    "sub": str.maketrans("0123456789+-−=()aeox", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₒₓ"),
}
STRUCK = re.compile(r"<s>.*?</s>")
HIGH_OR_LOW = re.compile(r"<(su[bp])>(.*?)</\1>")
QUOTED = re.compile(r"<q>(.*?)</q>")
MARK = re.compile(r"</?(?:a|em|strong|q|sub|sup)\b[^>]*>")
ELEMENT = re.compile(r"<[^>]*>")


def raised(tag: str, text: str) -> str:
    """`text` as it stands high or low, in Unicode where there are such signs: 10⁶ must not become 106."""
    if all(ord(sign) in RAISED[tag] for sign in text):
        return text.translate(RAISED[tag])
    if not re.search(r"\d", text) or re.fullmatch(r"\[\w+\]", text):
        return text  # 1st, a footnote
    return ("^" if tag == "sup" else "_") + text


def words(html: str) -> str:
    """The words of sanitised `html` in one line, without what is struck out: nobody could see there that it is."""
    return " ".join(unescape(ELEMENT.sub(" ", MARK.sub("", _valid(html)))).split())


def _valid(html: str) -> str:
    """`html` with its signs as plain text has them: what is struck out is not there, a quotation has its marks."""
    text = HIGH_OR_LOW.sub(lambda found: raised(found[1], MARK.sub("", found[2])), STRUCK.sub("", html))
    return QUOTED.sub(lambda found: _("“%(text)s”") % {"text": found[1]}, text)


class _Reader(HTMLParser):
    """Collects lines; a link is its text, followed by its address unless the text is the address."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.line = ""
        self.silent = 0
        self.link: tuple[str, int] | None = None
        self.numbers: list[int | None] = []  # of the lists we are in; None in a bulleted one
        self.cells = 0
        self.raised = 0  # where what stands high or low begins

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.silent += 1
        elif tag == "br":
            self.end_line()
        elif tag == "hr":
            self.begin_block(tag)
            self.line = "-" * 40
            self.begin_block(tag)
        elif tag in RAISED:
            self.raised = len(self.line)
        elif tag == "s":
            self.line += f"[{_('struck out:')} "
        elif tag == "q":
            self.line += _("“%(text)s”").partition("%(text)s")[0]
        elif tag == "a":
            self.link = (dict(attrs).get("href") or "", len(self.line))
        elif tag in {"td", "th"}:
            self.line += "  " if self.cells else ""
            self.cells += 1
        elif tag in BLOCKS:
            self.begin_block(tag)
            if tag in {"ol", "ul"}:
                start = dict(attrs).get("start") or "1"
                self.numbers.append(int(start) - 1 if tag == "ol" else None)
            elif tag == "li":
                self.line = self.bullet()

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self.silent -= 1
        elif tag in RAISED:
            self.line = self.line[: self.raised] + raised(tag, self.line[self.raised :])
        elif tag == "s":
            self.line += "]"
        elif tag == "q":
            self.line += _("“%(text)s”").partition("%(text)s")[2]
        elif tag == "a" and self.link:
            address, start = self.link
            self.link = None
            text = self.line[start:].strip()
            if address and text not in {address, address.removeprefix("mailto:")}:
                self.line += f" <{address}>" if text else address  # the brackets keep a full stop out of it
        elif tag in BLOCKS:
            self.begin_block(tag)
            if tag in {"ol", "ul"}:
                self.numbers.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            text = re.sub(r"[ \t\r\n\f]+", " ", data)  # a no-break space stays one
            self.line += text.lstrip(" ") if not self.line or self.line.endswith(" ") else text

    def bullet(self) -> str:
        if self.numbers and self.numbers[-1] is not None:
            self.numbers[-1] += 1
            return f"{self.numbers[-1]}. "
        return "- "

    def begin_block(self, tag: str) -> None:
        self.end_line()
        self.cells = 0
        if tag not in TIGHT and self.lines and self.lines[-1]:
            self.lines.append("")

    def end_line(self) -> None:
        if line := self.line.strip(" "):
            self.lines.append(line)
        self.line = ""


def plain_text(html: str) -> str:
    """What a reader without HTML sees of `html`: paragraphs, lists, addresses of links. Lines are not wrapped."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end_line()
    return "\n".join(reader.lines).strip() + "\n"


# --- The first sentences of a text ---------------------------------------------------------------

ENOUGH, MOST = 160, 300  # characters; what lists and shared links show

_ASIDE = re.compile(r"<(h[1-6]|figure|table)\b.*?(?:</\1>|\Z)", re.DOTALL)  # no sentences
_LINE = re.compile(r"</(?:p|li|blockquote)>|<[uo]l\b[^>]*>")
_TAG = re.compile(r"<[^>]*(?:>|\Z)")
AFTER_AN_END = '“”’»«")'
# An end with its quotation mark, before a space; not the point of a day (3. Mai), a letter (z. B.) or an abbreviation.
_END = re.compile(
    r"(?<![\s.(][0-9])(?<![\s.(][0-9]{2})(?<![\s.(][^\W\d_])(?<!\b(?:Dr|Nr|St|ca|Mr|Ms|vs|No))(?<!\b(?:bzw|etc|usw|Str|Mrs|ggf))"
    rf"(?<!\bProf)[.!?…][{AFTER_AN_END}]*(?= )"
)


def first_sentences(html: str) -> str:
    """The first sentences of a text of the house in one line, no more than `MOST` characters; '' if it has none.

    `html` may be cut off. A sentence that is longer is cut between words.
    """
    lines = _TAG.sub("", _LINE.sub("\n", _ASIDE.sub("\n", _valid(html)).replace("<br>", " ")))
    text = ""
    for line in lines.split("\n"):
        for sentence in _sentences(re.sub("  +", " ", unescape(line)).strip()):
            longer = f"{text} {sentence}".strip()
            if len(longer) > MOST:
                return text or _cut(longer)
            text = longer
            if len(text) >= ENOUGH:
                return text
    return text


def _sentences(line: str) -> list[str]:
    ends = [found.end() for found in _END.finditer(line)]
    parts = [line[start:end].strip() for start, end in zip([0, *ends], [*ends, len(line)], strict=True)]
    return [part for part in parts if part]


def _cut(text: str) -> str:
    head = text[: MOST - 1]
    return f"{head.rpartition(' ')[0] or head[:-1]} …"
