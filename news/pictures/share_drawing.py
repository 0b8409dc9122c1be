"""Draws share pictures (1200 × 630): title and topic on the left, in our type and colours.

On the right the article's picture, cropped round its focal point, or quarter rings in the topic's colour.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from io import BytesIO
from typing import NamedTuple

import PIL.Image
from django.conf import settings
from PIL import ImageDraw, ImageFont

from news.pictures.lettering import settable
from news.pictures.library import crop_box
from sccon.typography import SHY, soft_hyphens

WIDTH, HEIGHT = 1200, 630
MARGIN = 64
PICTURE_LEFT = 744  # where the article's picture begins
MOST_BYTES = 300_000  # some programs show no larger ones

TITLE_SIZES = (104, 90, 78, 70, 62, 56, 50, 45, 40, 36, 32)
TITLE_WEIGHT, TITLE_TRACKING, TITLE_LEADING = 820, -0.032, 1.06
TITLE_TOP, TITLE_BOTTOM = 124, 496
KICKER_SIZE, KICKER_WEIGHT = 28, 650

FINER = 3  # shapes are drawn larger by this factor and scaled down, for smooth edges


class Colours(NamedTuple):
    ground: str
    dark: str
    light: str
    ink: str
    second: str  # of the text beside the title


DEEP = Colours("#210f73", "#2d1697", "#3d21c1", "#ffffff", "#cbccf8")
ACCENTS = {  # the colours of `.type-tile` in static/css/components.css
    "violet": Colours("#4a22b6", "#390d95", "#6e59e2", "#ffffff", "#e5dfff"),
    "indigo": Colours("#322bb0", "#241c8a", "#525ae0", "#ffffff", "#dddfff"),
    "blue": Colours("#003bb5", "#002e8a", "#356ddc", "#ffffff", "#dbe7ff"),
    "teal": Colours("#015259", "#013d44", "#0b7a82", "#ffffff", "#d3f0f2"),
    "apricot": Colours("#f8b978", "#f08f47", "#f9dcb6", "#100f2d", "#100f2d"),
    "coral": Colours("#f28058", "#d45b3b", "#fcb58b", "#100f2d", "#100f2d"),
}


@dataclass(frozen=True)
class Card:
    """What a share picture shows."""

    title: str
    kicker: str
    accent: str
    language: str
    picture: PIL.Image.Image | None = None
    focal_x: float = 0.5
    focal_y: float = 0.5


def draw(card: Card) -> bytes:
    """The card as a JPEG, in what our typeface can set of its words."""
    card = replace(card, title=settable(card.title), kicker=settable(card.kicker))
    colours = DEEP if card.picture else ACCENTS.get(card.accent, ACCENTS["violet"])
    canvas = _ground(colours, rings=card.picture is None).copy()
    text_right = 912
    if card.picture:
        canvas.paste(_cut(card.picture, card.focal_x, card.focal_y), (PICTURE_LEFT, 0))
        text_right = PICTURE_LEFT - 56
    pen = ImageDraw.Draw(canvas)
    if card.kicker:
        kicker = _shortened(card.kicker, _font(KICKER_SIZE, KICKER_WEIGHT), text_right - MARGIN)
        pen.text((MARGIN, 70), kicker, colours.second, _font(KICKER_SIZE, KICKER_WEIGHT))
    _title(pen, card, colours.ink, text_right - MARGIN)
    return _jpeg(canvas)


def _cut(picture: PIL.Image.Image, focal_x: float, focal_y: float) -> PIL.Image.Image:
    width = WIDTH - PICTURE_LEFT
    box = crop_box(*picture.size, Fraction(width, HEIGHT), focal_x, focal_y)
    return picture.convert("RGB").resize((width, HEIGHT), PIL.Image.Resampling.LANCZOS, box, reducing_gap=3.0)


def _jpeg(canvas: PIL.Image.Image) -> bytes:
    for quality in (90, 82, 72, 60, 45):
        buffer = BytesIO()
        canvas.save(buffer, "JPEG", quality=quality, subsampling=0, progressive=True, optimize=True)
        if buffer.tell() <= MOST_BYTES:
            break
    return buffer.getvalue()


# --- Shapes -----------------------------------------------------------------------------------


@cache
def _ground(colours: Colours, *, rings: bool) -> PIL.Image.Image:
    """All that does not change with the article: drawn once a process, for it takes longer than the rest."""
    canvas = PIL.Image.new("RGB", (WIDTH, HEIGHT), colours.ground)
    if rings:
        _shapes(canvas, colours, _rings)
    _shapes(canvas, colours, _wordmark)
    return canvas


def _shapes(canvas: PIL.Image.Image, colours: Colours, draw_on: Callable[[ImageDraw.ImageDraw, Colours], None]) -> None:
    """Calls `draw_on` on the canvas scaled up, and scales the result down again, for smooth edges."""
    large = canvas.resize((WIDTH * FINER, HEIGHT * FINER), PIL.Image.Resampling.NEAREST)
    draw_on(ImageDraw.Draw(large), colours)
    canvas.paste(large.resize((WIDTH, HEIGHT), PIL.Image.Resampling.BOX))


def _rings(pen: ImageDraw.ImageDraw, colours: Colours) -> None:
    """Quarter rings round the upper right corner."""
    for radius, colour in ((640, colours.dark), (480, colours.light), (320, colours.dark), (160, colours.light)):
        _arc(pen, WIDTH, 0, radius, 90, 180, 88, colour)


# The letters on a grid of five units, as in templates/components/wordmark.html: lines (x, y, x, y) and arcs
# (centre x, centre y, radius, from, to).
LINES = [(1.5, 0.6, 4.2, 0.6), (1.5, 2.5, 2.8, 2.5), (0.1, 4.4, 2.8, 4.4), (7.5, 0.6, 9.25, 0.6), (7.5, 4.4, 9.25, 4.4)]
LINES += [(12.45, 0.6, 14.2, 0.6), (12.45, 4.4, 14.2, 4.4), (21.3, 2.45, 21.3, 5.0), (25.1, 2.45, 25.1, 5.0)]
ARCS = [(1.55, 1.55, 0.95, 90, 270), (2.75, 3.45, 0.95, -90, 90), (7.55, 2.5, 1.9, 90, 270), (12.5, 2.5, 1.9, 90, 270)]
ARCS += [(17.45, 2.5, 1.9, 0, 360), (23.2, 2.5, 1.9, 180, 360)]
STROKE, UNIT = 1.2, 7.6
LEFT, TOP = MARGIN, HEIGHT - 58 - 5 * UNIT


def _wordmark(pen: ImageDraw.ImageDraw, colours: Colours) -> None:
    for x1, y1, x2, y2 in LINES:
        across, along = (STROKE / 2, 0.0) if x1 == x2 else (0.0, STROKE / 2)
        corners = (x1 - across, y1 - along, x2 + across, y2 + along)
        left, top, right, bottom = (UNIT * value * FINER for value in corners)
        pen.rectangle(
            (LEFT * FINER + left, TOP * FINER + top, LEFT * FINER + right - 1, TOP * FINER + bottom - 1), colours.ink
        )
    for x, y, radius, start, end in ARCS:
        _arc(pen, LEFT + x * UNIT, TOP + y * UNIT, radius * UNIT, start, end, STROKE * UNIT, colours.ink)


def _arc(
    pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, start: int, end: int, stroke: float, colour: str
) -> None:
    """An arc whose stroke lies half inside and half outside of `radius`, as in SVG."""
    outer = radius + stroke / 2
    box = tuple(round(value * FINER) for value in (x - outer, y - outer, x + outer, y + outer))
    pen.arc(box, start, end, colour, round(stroke * FINER))


# --- Type -------------------------------------------------------------------------------------


@cache
def _font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(str(settings.FONT_FILE), size, layout_engine=ImageFont.Layout.BASIC)
    font.set_variation_by_axes([weight])
    return font


def _title(pen: ImageDraw.ImageDraw, card: Card, colour: str, width: int) -> None:
    """Draws the title as large as it fits, with lines as even as possible."""
    room = TITLE_BOTTOM - TITLE_TOP
    words = _words(card.title, card.language)
    for size in TITLE_SIZES:
        setter = Setter(_font(size, TITLE_WEIGHT), size * TITLE_TRACKING)
        height = round(size * TITLE_LEADING)
        lines = setter.lines(words, width, whole_words=size != TITLE_SIZES[-1])
        if lines is not None and len(lines) * height <= room:
            break
    lines = setter.evened(words, width, lines or [])[: room // height]
    if sum(map(len, lines)) < len(card.title.replace(" ", "")) - len(lines):
        lines[-1] = lines[-1].rstrip(" ,.;:–-") + " …"
    for number, line in enumerate(lines):
        setter.write(pen, MARGIN, TITLE_TOP + number * height, line, colour)


def _words(title: str, language: str) -> list[str]:
    """The words of the title, long German ones with soft hyphens; a dash stays with the word before it."""
    text = soft_hyphens(title) if language == "de" else title
    return text.replace("\N{ZERO WIDTH SPACE}", "").replace("\N{NO-BREAK SPACE}– ", "\N{NO-BREAK SPACE}– ").split(" ")


@dataclass(frozen=True)
class Setter:
    """Measures and draws lines in one font with tracking (letter spacing)."""

    font: ImageFont.FreeTypeFont
    tracking: float

    def length(self, text: str) -> float:
        text = text.replace(SHY, "")
        return self.font.getlength(text) + self.tracking * max(0, len(text) - 1)

    def lines(self, words: list[str], width: float, *, whole_words: bool = True) -> list[str] | None:
        """`words` in lines of at most `width`; None if a word does not fit and may not be broken anywhere."""
        lines = [""]
        for word in words:
            rest = word
            if lines[-1] and self.length(f"{lines[-1]} {rest}") <= width:
                lines[-1] += f" {rest}"
                continue
            if lines[-1]:
                lines.append("")
            while self.length(rest) > width:
                head = self._head(rest, width, whole_words)
                if head is None:
                    return None
                lines[-1], rest = head[0], head[1]
                lines.append("")
            lines[-1] = rest
        return [line.replace(SHY, "") for line in lines if line]

    def _head(self, word: str, width: float, whole_words: bool) -> tuple[str, str] | None:
        """The longest part of a word that fits, with a hyphen, and the rest."""
        parts = word.split(SHY)
        for count in range(len(parts) - 1, 0, -1):
            head = "".join(parts[:count]) + "-"
            if self.length(head) <= width:
                return head, SHY.join(parts[count:])
        if whole_words:
            return None
        count = next(count for count in range(len(word) - 1, 0, -1) if self.length(word[:count]) <= width)
        return word[:count], word[count:]

    def evened(self, words: list[str], width: float, lines: list[str]) -> list[str]:
        """The same number of lines, broken at the smallest width that needs no more."""
        narrow, wide, best = width * 0.4, width, lines
        while wide - narrow > 4:
            middle = (narrow + wide) / 2
            found = self.lines(words, middle)
            if found is not None and len(found) <= len(lines):
                wide, best = middle, found
            else:
                narrow = middle
        return best

    def write(self, pen: ImageDraw.ImageDraw, x: float, y: float, line: str, colour: str) -> None:
        """Draws character by character, since Pillow has no tracking; kerning is kept."""
        for number, character in enumerate(line):
            before = self.font.getlength(line[: number + 1]) - self.font.getlength(character)
            pen.text((x + before + number * self.tracking, y), character, colour, self.font)


def _shortened(text: str, font: ImageFont.FreeTypeFont, width: float) -> str:
    while font.getlength(text) > width:
        text = text.rstrip("… ")[:-1].rstrip() + "…"
    return text
