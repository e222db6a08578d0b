"""A metric query's answer: each series with its last value, and between what it moved."""

from collections.abc import Sequence
from typing import Any, NamedTuple

MOST = 200


class Numbers(NamedTuple):
    """One series over the range; a query's single value is a series without labels."""

    name: str
    last: float
    least: float
    most: float
    points: int


def numbers(kind: str, result: Any) -> list[Numbers]:
    """From a matrix, a vector or a scalar; the highest last value first, and MOST of them."""
    if kind == "scalar":
        return [_numbers({}, [result])]
    found = [_numbers(series["metric"], series.get("values") or [series["value"]]) for series in result]
    return sorted(found, key=lambda series: series.last, reverse=True)[:MOST]


def _numbers(labels: dict[str, str], points: Sequence[Sequence[Any]]) -> Numbers:
    values = [float(value) for _, value in points]
    name = ", ".join(f"{label}={value}" for label, value in sorted(labels.items()))
    return Numbers(name or "all", values[-1], min(values), max(values), len(values))
