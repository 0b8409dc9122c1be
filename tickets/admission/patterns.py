"""The tile pattern of tickets and shop as SVG: drawn from a seed, so that each ticket has its own."""

from dataclasses import dataclass
from random import Random

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

# The house's violet in nine steps of fixed lightness, and the signal; see the look's tokens.
NIGHT, DEEP, NAVY, BRAND, MID, LIGHT, TINT, WHITE = (
    "#100941", "#210f73", "#2d1697", "#3d21c1", "#5f5ee6", "#97a1f7", "#c8cffe", "#f9fafe",
)  # fmt: skip
SIGNAL = "#d9f74e"
PAIRS = [
    (LIGHT, BRAND), (TINT, NAVY), (BRAND, DEEP), (MID, DEEP), (WHITE, BRAND),
    (BRAND, TINT), (NAVY, LIGHT), (MID, NAVY), (DEEP, MID),
]  # fmt: skip
KINDS = ["disc", "disc", "ring", "ring", "rings", "half", "circle", "bars", "dots", "triangle", "plain"]

# The wordmark's letters on a grid of five, drawn as strokes, with their widths.
LETTERS = {
    "S": (4.3, "M4.2 .6H1.55A.95 .95 0 0 0 1.55 2.5H2.75A.95 .95 0 0 1 2.75 4.4H.1"),
    "C": (4.2, "M4.2 .6H2.5A1.9 1.9 0 0 0 2.5 4.4H4.2"),
    "O": (5, "M2.5 .6A1.9 1.9 0 0 1 2.5 4.4A1.9 1.9 0 0 1 2.5 .6Z"),
    "N": (5, "M.6 5V2.5A1.9 1.9 0 0 1 4.4 2.5V5"),
}
WORD = "SCCON"
SHARE_OF_LETTERS = 0.18
SIZE = 20  # of a tile, in the drawing's units


@dataclass(frozen=True)
class Tile:
    """A square of the pattern: its figure, its rotation in quarter turns, its two colours."""

    x: int
    y: int
    kind: str
    turn: int
    figure: str
    ground: str

    def svg(self) -> str:
        # Slightly larger than its square, or hairlines would show between the tiles.
        ground = f'<path fill="{self.ground}" d="M0 0h{SIZE}.1v{SIZE}.1H0z"/>'
        turn = f" rotate({self.turn * 90} 10 10)" if self.turn and self.kind not in LETTERS else ""
        return f'<g transform="translate({self.x * SIZE} {self.y * SIZE}){turn}">{ground}{self._figure()}</g>'

    def _figure(self) -> str:
        fill, stroke = f'fill="{self.figure}"', f'fill="none" stroke="{self.figure}"'
        if self.kind in LETTERS:
            width, path = LETTERS[self.kind]
            left = (SIZE - width * 3.2) / 2
            return f'<path transform="translate({left:.2f} 2) scale(3.2)" {stroke} stroke-width="1.2" d="{path}"/>'
        return {
            "disc": f'<path {fill} d="M0 0h20A20 20 0 0 1 0 20z"/>',
            "ring": f'<path {stroke} stroke-width="7" d="M16.5 0A16.5 16.5 0 0 1 0 16.5"/>',
            "rings": f'<path {stroke} stroke-width="5" d="M17.5 0A17.5 17.5 0 0 1 0 17.5M7.5 0A7.5 7.5 0 0 1 0 7.5"/>',
            "half": f'<path {fill} d="M0 20A10 10 0 0 1 20 20z"/>',
            "circle": f'<circle {fill} cx="10" cy="10" r="7"/>',
            "bars": f'<path {fill} d="M0 0h4v20H0zM8 0h4v20H8zM16 0h4v20h-4z"/>',
            "dots": f'<path {stroke} stroke-width="3.4" stroke-linecap="round" stroke-dasharray="0 6.6" d="M3.4 3.4h14M3.4 10h14M3.4 16.6h14"/>',
            "triangle": f'<path {fill} d="M0 0h20v20z"/>',
            "plain": "",
        }[self.kind]


def tiles(seed: int | str, columns: int, rows: int, *, signals: int = 1) -> list[Tile]:
    """`columns` × `rows` random tiles from `seed`; no colours twice in a row, `signals` of them lime."""
    lot = Random(seed)  # noqa: S311 – a drawing, not a secret
    spots = set(lot.sample(range(columns * rows), signals))
    drawn: list[Tile] = []
    letters, last = 0, PAIRS[0]
    for number in range(columns * rows):
        figure, ground = last = lot.choice([pair for pair in PAIRS if pair != last])
        kind = lot.choice(KINDS)
        if lot.random() < SHARE_OF_LETTERS:
            kind, letters = WORD[letters % len(WORD)], letters + 1
        if number in spots:
            kind, figure, ground = lot.choice(WORD), NIGHT, SIGNAL
        drawn.append(Tile(number % columns, number // columns, kind, lot.randrange(4), figure, ground))
    return drawn


def pattern(seed: int | str, columns: int, rows: int, *, signals: int = 1) -> SafeString:
    """The pattern as inline SVG that fills its box; hidden from screen readers."""
    drawing = "".join(tile.svg() for tile in tiles(seed, columns, rows, signals=signals))
    return format_html(
        '<svg class="pattern" viewBox="0 0 {} {}" preserveAspectRatio="xMidYMid slice" aria-hidden="true">{}</svg>',
        columns * SIZE,
        rows * SIZE,
        mark_safe(drawing),  # noqa: S308 – made of the constants above
    )
