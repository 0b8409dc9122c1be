"""Bar charts for the dashboard: plain SVG without script or style, with the same numbers as a table behind.

All lengths are in the units of the chart's viewBox.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, GAP = 360, 120, 4
WIDEST = 48  # of a column: one alone would be no column


@dataclass(frozen=True)
class Column:
    """One bar of a chart over time."""

    label: str
    value: float
    text: str  # the value as people read it
    x: float = 0
    y: float = 0
    width: float = 0
    height: float = 0


@dataclass(frozen=True)
class Bar:
    """One bar of a chart that compares things."""

    label: str
    value: int
    width: float


def bars(values: Sequence[tuple[str, int]]) -> list[Bar]:
    """`values` as bars below each other, the longest as wide as the chart."""
    most = max((value for _label, value in values), default=0) or 1
    return [Bar(label, value, round(WIDTH * value / most, 1)) for label, value in values]


@dataclass(frozen=True)
class Pair:
    """Two bars of a chart over time: one above its line, one below."""

    label: str
    up: int
    down: int
    x: float
    width: float
    y: float
    height: float
    depth: float


def both_ways(values: Sequence[tuple[str, int, int]]) -> tuple[list[Pair], float]:
    """`values` (label, up, down) side by side on one scale, and where the line between them is."""
    most_up = max((up for _label, up, _down in values), default=0)
    most_down = max((down for _label, _up, down in values), default=0)
    unit = (HEIGHT - 1) / ((most_up + most_down) or 1)
    line = round(unit * most_up, 1) if most_up + most_down else HEIGHT - 1
    width = (WIDTH + GAP) / max(len(values), 1) - GAP
    pairs = [
        Pair(
            label,
            up,
            down,
            x=round(number * (width + GAP), 1),
            width=round(width, 1),
            y=round(line - unit * up, 1),
            height=round(unit * up, 1),
            depth=round(unit * down, 1),
        )
        for number, (label, up, down) in enumerate(values)
    ]
    return pairs, line


def columns(values: Sequence[tuple[str, float, str]]) -> list[Column]:
    """`values` (label, value, text) as columns side by side, the highest as high as the chart."""
    most = max((value for _label, value, _text in values), default=0) or 1
    width = min((WIDTH + GAP) / max(len(values), 1) - GAP, WIDEST)
    return [
        Column(
            label,
            value,
            text,
            x=round(number * (width + GAP), 1),
            y=round(HEIGHT * (1 - value / most), 1),
            width=round(width, 1),
            height=round(HEIGHT * value / most, 1),
        )
        for number, (label, value, text) in enumerate(values)
    ]
