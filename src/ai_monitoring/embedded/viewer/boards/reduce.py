"""Calculations that make one value of a field's many: Grafana's reducers."""

import itertools
import math
import statistics
from collections.abc import Callable, Sequence
from typing import Any

Values = Sequence[Any]
NAMES = {
    "lastNotNull": "Last *",
    "last": "Last",
    "firstNotNull": "First *",
    "first": "First",
    "mean": "Mean",
    "min": "Min",
    "max": "Max",
    "sum": "Total",
    "count": "Count",
    "range": "Range",
    "delta": "Delta",
    "diff": "Difference",
    "diffperc": "Difference percent",
    "step": "Step",
    "logmin": "Min (above zero)",
    "allIsZero": "All zeros",
    "allIsNull": "All nulls",
    "changeCount": "Change count",
    "distinctCount": "Distinct count",
    "stdDev": "StdDev",
    "variance": "Variance",
    "median": "Median",
    "uniqueValues": "All unique values",
}
"""What Grafana calls them."""


def reduced(values: Values, calculation: str) -> Any:
    """A number, or for `last` and `first` whatever the field holds; None where there is nothing to calculate.

    Raises ValueError for a calculation that is not known here.
    """
    try:
        found = _reduced(values, calculation)
    except OverflowError:
        return None
    return None if isinstance(found, float) and not math.isfinite(found) else found


def _reduced(values: Values, calculation: str) -> Any:
    if calculation in _OF_ALL:
        return _OF_ALL[calculation](values)
    present = [value for value in values if value is not None]
    if calculation in _OF_PRESENT:
        return _OF_PRESENT[calculation](present) if present else None
    numbers = [value for value in present if isinstance(value, (int, float))]
    if calculation in _OF_NUMBERS:
        return _OF_NUMBERS[calculation](numbers) if numbers else None
    if calculation[:1] == "p" and calculation[1:].isdigit() and 0 < int(calculation[1:]) < 100:
        return _percentile(numbers, int(calculation[1:])) if numbers else None
    raise ValueError(f"The calculation {calculation!r} is not known here.")


def name_of(calculation: str) -> str:
    return NAMES.get(calculation, calculation)


def _delta(numbers: Sequence[float]) -> float:
    """How far a counter moved; after a reset it starts from zero."""
    steps = itertools.pairwise(numbers)
    return math.fsum(later if later < earlier else later - earlier for earlier, later in steps)


def _step(numbers: Sequence[float]) -> float:
    return min((later - earlier for earlier, later in itertools.pairwise(numbers)), default=0)


def _share(numbers: Sequence[float]) -> float | None:
    return (numbers[-1] - numbers[0]) / numbers[0] if numbers[0] else None


def _percentile(numbers: Sequence[float], share: int) -> float:
    """The smallest number that so many of a hundred do not exceed, as Grafana finds it."""
    ordered = sorted(numbers)
    return ordered[max(math.ceil(share * len(ordered) / 100) - 1, 0)]


_OF_ALL: dict[str, Callable[[Values], Any]] = {
    "last": lambda values: values[-1] if values else None,
    "first": lambda values: values[0] if values else None,
    "count": len,
    "allIsNull": lambda values: all(value is None for value in values),
    "allIsZero": lambda values: bool(values) and all(value == 0 for value in values),
    "changeCount": lambda values: sum(a != b for a, b in itertools.pairwise(values)),
    "distinctCount": lambda values: len(set(values)),
}
_OF_PRESENT: dict[str, Callable[[list[Any]], Any]] = {
    "lastNotNull": lambda present: present[-1],
    "firstNotNull": lambda present: present[0],
    "uniqueValues": lambda present: ", ".join(map(str, dict.fromkeys(present))),
}
_OF_NUMBERS: dict[str, Callable[[list[float]], float | None]] = {
    "mean": statistics.fmean,
    "median": statistics.median,
    "min": min,
    "max": max,
    "sum": math.fsum,
    "range": lambda numbers: max(numbers) - min(numbers),
    "delta": _delta,
    "diff": lambda numbers: numbers[-1] - numbers[0],
    "diffperc": _share,
    "step": _step,
    "logmin": lambda numbers: min((number for number in numbers if number > 0), default=None),
    "stdDev": statistics.pstdev,
    "variance": statistics.pvariance,
}
