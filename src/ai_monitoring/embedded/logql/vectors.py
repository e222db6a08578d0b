"""Aggregations over series: sum, topk and their kin, at each step."""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence

from ai_monitoring.embedded.logql.expressions import Grouping
from ai_monitoring.embedded.logql.table import Table, each_step, grouped
from ai_monitoring.embedded.logql.windows import variance
from ai_monitoring.embedded.store.records import Labels

Reduction = Callable[[Sequence[float]], float]
REDUCTIONS: dict[str, Reduction] = {
    "sum": sum,
    "avg": lambda values: sum(values) / len(values),
    "min": min,
    "max": max,
    "count": lambda values: float(len(values)),
    "stddev": lambda values: math.sqrt(variance(values)),
    "stdvar": variance,
}


def reduced(table: Table, operation: str, grouping: Grouping | None) -> Table:
    """One series for each group."""
    reduce, groups = REDUCTIONS[operation], defaultdict[Labels, list[Labels]](list)
    for labels in table:
        groups[grouped(labels, grouping)].append(labels)
    result: Table = {}
    for group, members in groups.items():
        rows = zip(*(table[labels] for labels in members), strict=True)
        present = ([value for value in row if value is not None] for row in rows)
        result[group] = [reduce(values) if values else None for values in present]
    return result


def ranked(table: Table, operation: str, count: int, grouping: Grouping | None, steps: int) -> Table:
    """topk or bottomk: at each step the `count` first of each group; the series themselves stay as they are."""
    result: Table = {}
    for step, present in enumerate(each_step(table.items(), steps)):
        taken: dict[Labels, int] = defaultdict(int)
        for labels, value in sorted(present, key=_order(descending=operation == "topk")):
            group = grouped(labels, grouping)
            taken[group] += 1
            if taken[group] <= count:
                result.setdefault(labels, [None] * steps)[step] = value
    return result


def _order(*, descending: bool) -> Callable[[tuple[Labels, float]], tuple[bool, float]]:
    """Not-a-number comes last either way."""
    return lambda sample: (math.isnan(sample[1]), -sample[1] if descending else sample[1])


def sorted_by_value(samples: Sequence[tuple[Labels, float]], *, descending: bool) -> list[tuple[Labels, float]]:
    return sorted(samples, key=_order(descending=descending))
