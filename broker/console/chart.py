"""Bars, as numbers for an SVG that a template draws; the same numbers stand in a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 100
"""Units of the longest bar."""

_STEP = 22
_SHORTEST = 0.5


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what it counts, how often, how far down it is drawn and how long, in units of the drawing."""

    name: str
    times: int
    top: int
    length: float


@dataclass(frozen=True, slots=True)
class Chart:
    """All bars, and the height of the drawing."""

    bars: tuple[Bar, ...]
    height: int


def bars(counts: Sequence[tuple[str, int]]) -> Chart:
    """A bar for each count, the longest as wide as the drawing."""
    most = max((times for _, times in counts), default=1)
    drawn = tuple(
        Bar(name, times, place * _STEP, max(_SHORTEST, round(WIDTH * times / most, 1)))
        for place, (name, times) in enumerate(counts)
    )
    return Chart(drawn, _STEP * len(counts))
