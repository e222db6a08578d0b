"""Series as an evaluation makes them: labels, and a value at each step."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ai_monitoring.embedded.logql.expressions import Grouping
from ai_monitoring.embedded.store.records import Labels

Values = list[float | None]
"""One for each step, None where the series has no sample."""
Table = dict[Labels, Values]


@dataclass(frozen=True)
class Steps:
    """The moments at which a query is evaluated, in nanoseconds. A step of 0 is one moment."""

    start: int
    end: int
    step: int = 0

    @property
    def moments(self) -> range:
        return range(self.start, self.end + 1, self.step) if self.step else range(self.start, self.start + 1)


def labels_of(named: Mapping[str, str]) -> Labels:
    """Sorted by name. A label without a value is none."""
    return tuple(sorted((name, value) for name, value in named.items() if value))


def grouped(labels: Labels, grouping: Grouping | None) -> Labels:
    """What a grouping leaves of the labels; without one, nothing."""
    if grouping is None:
        return ()
    return tuple(pair for pair in labels if (pair[0] in grouping.labels) != grouping.without)


def each_step(table: Iterable[tuple[Labels, Values]], count: int) -> Iterable[list[tuple[Labels, float]]]:
    """For each step the series that have a sample there."""
    series = list(table)
    for step in range(count):
        yield [(labels, value) for labels, values in series if (value := values[step]) is not None]


def mapped(table: Table, change: Callable[[float], float | None]) -> Table:
    """The table with each value changed; series of which nothing is left go."""
    changed = {
        labels: [None if value is None else change(value) for value in values] for labels, values in table.items()
    }
    return {labels: values for labels, values in changed.items() if any(value is not None for value in values)}
