"""Bar charts for the dashboard: plain SVG without script or style, with the same numbers as a table behind.

All lengths are in the units of the chart's viewBox.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, GAP = 360, 120, 4


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


def columns(values: Sequence[tuple[str, float, str]]) -> list[Column]:
    """`values` (label, value, text) as columns side by side, the highest as high as the chart."""
    most = max((value for _label, value, _text in values), default=0) or 1
    width = (WIDTH + GAP) / max(len(values), 1) - GAP
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
