"""Loki's queries as functions: what the HTTP API answers, and what the viewer asks in the same process."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from ai_monitoring.embedded.logql.errors import LogQLError
from ai_monitoring.embedded.logql.evaluation import Evaluation, samples_at
from ai_monitoring.embedded.logql.expressions import Expression, LogQuery, Metric, RangeAggregation, VectorAggregation
from ai_monitoring.embedded.logql.lines import found_lines
from ai_monitoring.embedded.logql.parser import parse
from ai_monitoring.embedded.logql.table import Steps, Table
from ai_monitoring.embedded.logql.vectors import sorted_by_value
from ai_monitoring.embedded.loki import answers
from ai_monitoring.embedded.loki.answers import Answer
from ai_monitoring.embedded.loki.limits import Limits
from ai_monitoring.embedded.store.reader import Reader, reading

_NOT_INSTANT = "log queries are not supported as an instant query type, please change your query to a range query type"


class Queries:
    """Over the store in `file`. Times in nanoseconds since 1970.

    Every method raises LogQLError for what cannot be answered, and QueryTimeoutError for what takes too long.
    """

    def __init__(self, file: Path, limits: Limits | None = None) -> None:
        self.file = file
        self.limits = limits or Limits()

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """A reader inside the block, within the time that a query may take."""
        with reading(self.file, self.limits.timeout) as reader:
            yield reader

    def instant(self, query: str, moment: int) -> Answer:
        """A metric query's value at one moment."""
        expression = parse(query)
        if isinstance(expression, LogQuery):
            raise LogQLError(_NOT_INSTANT)
        self.limits.check_length(_reach(expression))
        with self.reader() as reader:
            value = Evaluation(reader, Steps(moment, moment)).value(expression)
        if not isinstance(value, dict):
            return answers.scalar(value, moment)
        self.limits.check_series(len(value))
        samples = sorted(samples_at(value, 0))
        if descending := _order(expression):
            samples = sorted_by_value(samples, descending=descending == "descending")
        return answers.vector(samples, moment)

    def range(
        self,
        query: str,
        begin: int,
        end: int,
        step: int,
        limit: int,
        *,
        backward: bool = True,
        categorized: bool = False,
    ) -> Answer:
        """Lines in [begin, end), at most `limit` of them, or a metric query's values at each `step` of the range."""
        expression = parse(query)
        self.limits.check_length(end - begin)
        if isinstance(expression, LogQuery):
            self.limits.check_entries(limit)
            with self.reader() as reader:
                lines = found_lines(reader, expression, begin, end, limit, backward=backward)
                return answers.streams(lines, categorized=categorized)
        return self._metric(expression, begin, end, step)

    def _metric(self, expression: Metric, begin: int, end: int, step: int) -> Answer:
        self.limits.check_points(end - begin, step)
        self.limits.check_length(_reach(expression))
        # Loki evaluates at multiples of the step, so that the same panel asks for the same moments again.
        steps = Steps(begin // step * step, -(-end // step) * step, step)
        with self.reader() as reader:
            value = Evaluation(reader, steps).value(expression)
        table: Table = value if isinstance(value, dict) else {(): [value] * len(steps.moments)}
        self.limits.check_series(len(table))
        return answers.matrix(table, steps.moments)


def _reach(expression: Expression) -> int:
    """How far back the widest range of the query looks."""
    if isinstance(expression, RangeAggregation):
        return expression.range
    parts = (getattr(expression, name, None) for name in ("left", "right", "operand"))
    return max(chain((0,), (_reach(part) for part in parts if part is not None)))


def _order(expression: Expression) -> str:
    """Whether an instant answer goes by value, as Loki orders it: without sort even topk goes by labels."""
    orders = {"sort": "ascending", "sort_desc": "descending"}
    return orders.get(expression.operation, "") if isinstance(expression, VectorAggregation) else ""
