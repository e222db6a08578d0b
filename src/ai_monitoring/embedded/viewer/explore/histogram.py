"""How many lines there are over time, by level: numbers for a small bar chart."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ai_monitoring.embedded.viewer.levels import ORDER, level_of
from ai_monitoring.embedded.viewer.times import TimeRange

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
_BARS = 60
HEIGHT = 100.0
"""What the tallest bar measures."""


@dataclass(slots=True)
class Bar:
    """The lines of one step up to `time`, seconds since 1970. Each piece is a level, its count, and where it stands."""

    time: float
    counts: dict[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        return sum(self.counts.values())

    def pieces(self, tallest: float) -> list[tuple[str, float, float, float]]:
        """Level, count, upper edge and height; the worst level lies at the bottom."""
        found, bottom = [], HEIGHT
        for level in ORDER:
            if count := self.counts.get(level):
                height = count / tallest * HEIGHT
                bottom -= height
                found.append((level, count, bottom, height))
        return found


@dataclass(frozen=True, slots=True)
class Histogram:
    """`step` in seconds."""

    step: int
    bars: list[Bar]

    @property
    def tallest(self) -> float:
        return max((bar.total for bar in self.bars), default=0) or 1

    @property
    def totals(self) -> list[tuple[str, int]]:
        """How many lines of each level there are."""
        sums = {level: sum(bar.counts.get(level, 0) for bar in self.bars) for level in ORDER}
        return [(level, round(total)) for level, total in sums.items() if total]


def step_of(chosen: TimeRange) -> int:
    """Seconds a bar stands for: round ones, and no more than about sixty bars."""
    wanted = chosen.length / 1000 / _BARS
    return next((step for step in _STEPS if step >= wanted), math.ceil(wanted / 86_400) * 86_400)


def counting(logql: str, step: int) -> str:
    """The query that counts a query's lines by level."""
    return f"sum by (detected_level) (count_over_time({logql} [{step}s]))"


def aligned(chosen: TimeRange, step: int) -> tuple[int, int]:
    """The first and the last bar, in seconds since 1970: at multiples of the step, so that bars stand still."""
    begin, end = (math.ceil(time / step) * step for time in chosen.seconds)
    return begin, end


def histogram(result: Sequence[Mapping[str, Any]], chosen: TimeRange, step: int) -> Histogram:
    """The bars of Loki's matrix, those without lines among them."""
    first, last = aligned(chosen, step)
    bars = {time: Bar(time) for time in range(first, last + 1, step)}
    for series in result:
        level = level_of(series["metric"].get("detected_level", ""))
        for time, value in series["values"]:
            if bar := bars.get(round(float(time))):
                bar.counts[level] = bar.counts.get(level, 0) + float(value)
    return Histogram(step, list(bars.values()))
