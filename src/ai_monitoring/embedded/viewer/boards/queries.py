"""One query of a panel, as it is about to be asked."""

from dataclasses import dataclass, replace
from typing import Any

from ai_monitoring.embedded.viewer.boards.formats import Format, Value, glob, query
from ai_monitoring.embedded.viewer.boards.interpolation import among, first_of, interpolated
from ai_monitoring.embedded.viewer.boards.intervals import MAX_POINTS, duration
from ai_monitoring.embedded.viewer.boards.view import View
from ai_monitoring.embedded.viewer.times import TimeRange


@dataclass(frozen=True)
class Query:
    """`target` is Grafana's own; `interval` is the panel's, in milliseconds, at most `points` points apart.

    `alone`: no other query of the panel answers a table.
    """

    target: dict[str, Any]
    source: str
    view: View
    interval: int
    points: int
    alone: bool = True

    @property
    def ref(self) -> str:
        return str(self.target.get("refId", "A"))

    @property
    def range(self) -> TimeRange:
        return self.view.range

    @property
    def is_instant(self) -> bool:
        """Whether it is asked at the range's end alone, or there as well."""
        return bool(self.target.get("instant")) or self.target.get("queryType") == "instant"

    def expression(self, step: int, rate_interval: int) -> str:
        """The query's text with its variables written out for that step, in milliseconds."""
        values = {
            "__interval": duration(step),
            "__interval_ms": str(step),
            "__rate_interval": duration(rate_interval),
            "__rate_interval_ms": str(rate_interval),
            "__auto": f"{-(-self.range.length // 1000)}s" if self.is_instant else duration(step),
        }
        text = str(self.target.get("expr") or self.target.get("query") or "")
        return self._filled(text, values, query)

    def text(self, key: str, **values: str) -> str:
        """A text of the target with its variables written out; empty where there is none."""
        return self._filled(str(self.target.get(key) or ""), values, glob)

    def whole(self, key: str, otherwise: int, most: int) -> int:
        """A number of the target from 1 to `most`."""
        try:
            return min(max(int(self.text(key)), 1), most)
        except ValueError:
            return otherwise

    def within(self, found: TimeRange) -> "Query":
        return replace(self, view=replace(self.view, range=found))

    def _filled(self, text: str, values: dict[str, str], default: Format) -> str:
        known = {name: Value((value,), name=name) for name, value in values.items()}
        return interpolated(text, first_of(among(known), self.view.lookup), default)


def grid(found: dict[int, float | None], begin: int, end: int, step: int) -> tuple[list[int], list[float | None]]:
    """Times from `begin` to `end`, `step` milliseconds apart, and the value at each: None where there is none.

    The times follow the first point found, since a source may align them as it likes.
    """
    if not found:
        return [], []
    first = begin + (min(found) - begin) % step
    count = min((end - first) // step + 1, MAX_POINTS + 1)
    times = [first + number * step for number in range(count)]
    return times, [found.get(time) for time in times]
