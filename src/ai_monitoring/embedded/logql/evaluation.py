"""A metric query's value at each step, over the store."""

import re
from collections.abc import Iterator
from typing import TypeGuard

from ai_monitoring.embedded.logql.binary import Operand, applied
from ai_monitoring.embedded.logql.counts import counted
from ai_monitoring.embedded.logql.errors import LogQLError
from ai_monitoring.embedded.logql.expressions import (
    BinaryOperation,
    Grouping,
    LabelReplace,
    Metric,
    Number,
    RangeAggregation,
    Vector,
    VectorAggregation,
)
from ai_monitoring.embedded.logql.matching import compiled
from ai_monitoring.embedded.logql.samples import sampled
from ai_monitoring.embedded.logql.table import Steps, Table, labels_of
from ai_monitoring.embedded.logql.vectors import ranked, reduced
from ai_monitoring.embedded.store.reader import Reader
from ai_monitoring.embedded.store.records import Labels

_ADDED_UP = ("count_over_time", "rate", "bytes_over_time", "bytes_rate", "sum_over_time")


class Evaluation:
    """Of metric queries at these steps. Raises LogQLError, PipelineError, LimitError, QueryTimeoutError."""

    def __init__(self, reader: Reader, steps: Steps) -> None:
        self._reader, self._steps = reader, steps
        self._count = len(steps.moments)

    def value(self, expression: Metric) -> Operand:
        """Series, or a number."""
        self._reader.check_time()
        match expression:
            case RangeAggregation():
                return self._range(expression)
            case VectorAggregation():
                return self._vector(expression)
            case BinaryOperation():
                left, right = self.value(expression.left), self.value(expression.right)
                return applied(expression, left, right, self._count)
            case Number(value):
                return value
            case Vector(value):
                return {(): [value] * self._count}
            case LabelReplace():
                return _relabelled(self._table(expression.operand), expression)

    def _table(self, expression: Metric) -> Table:
        value = self.value(expression)
        return value if isinstance(value, dict) else {(): [value] * self._count}

    def _range(self, expression: RangeAggregation) -> Table:
        if expression.operation == "absent_over_time":
            return self._absent(expression)
        grouping = expression.grouping
        whole = grouping is not None and not grouping.labels and not grouping.without
        return self._aggregated(expression, grouping, whole=whole)

    def _aggregated(self, expression: RangeAggregation, grouping: Grouping | None, *, whole: bool) -> Table:
        table = counted(self._reader, expression, self._steps, grouping, whole=whole)
        if table is None:
            table = sampled(self._reader, expression, self._steps, grouping, whole=whole)
        return table

    def _absent(self, expression: RangeAggregation) -> Table:
        present = sampled(self._reader, expression, self._steps, None, whole=True).get((), [None] * self._count)
        named: dict[str, str] = {}
        for matcher in expression.query.matchers:
            known = matcher.name in named
            named[matcher.name] = "" if known or matcher.operator != "=" else matcher.value
        absent = [1.0 if value is None else None for value in present]
        return {labels_of(named): absent} if any(absent) else {}

    def _vector(self, expression: VectorAggregation) -> Table:
        grouping, operand = expression.grouping, expression.operand
        if expression.operation == "sum" and _adds_up(operand):
            # Lines that a sum joins anyway are joined as they are read; parsers look only for what it groups by.
            whole = grouping is None or (not grouping.labels and not grouping.without)
            return self._aggregated(operand, grouping, whole=whole)
        table = self._table(operand)
        if expression.operation in ("topk", "bottomk"):
            return ranked(table, expression.operation, expression.parameter, grouping, self._count)
        if expression.operation in ("sort", "sort_desc"):
            return table
        return reduced(table, expression.operation, grouping)


def _adds_up(operand: Metric) -> TypeGuard[RangeAggregation]:
    return isinstance(operand, RangeAggregation) and operand.operation in _ADDED_UP


def _relabelled(table: Table, expression: LabelReplace) -> Table:
    regex = compiled(expression.regex, whole=True)
    result: Table = {}
    for labels, values in table.items():
        named = dict(labels)
        if found := regex.fullmatch(named.get(expression.source, "")):
            named[expression.target] = _expanded(expression.replacement, found)
        changed = labels_of(named)
        if changed in result:
            raise LogQLError("label_replace makes two series with the same labels")
        result[changed] = values
    return result


def _expanded(replacement: str, found: "re.Match[str]") -> str:
    """Go's `$1`, `${1}` and `${name}`; `$$` is a dollar."""

    def group(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if reference[0] == "$$":
            return "$"
        try:
            return found[int(name) if name.isdigit() else name] or ""
        except (IndexError, KeyError):
            return ""

    return re.sub(r"\$\$|\$\{(\w+)\}|\$(\w+)", group, replacement)


def samples_at(table: Table, step: int) -> Iterator[tuple[Labels, float]]:
    """The series that have a sample at that step."""
    for labels, values in table.items():
        value = values[step]
        if value is not None:
            yield labels, value
