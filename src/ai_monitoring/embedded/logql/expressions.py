"""A query as the parser gives it. Times and durations in nanoseconds; stages are in `stages`, they run as they are."""

from dataclasses import dataclass

from ai_monitoring.embedded.logql.matching import Matcher
from ai_monitoring.embedded.logql.stages.stage import Stage
from ai_monitoring.embedded.logql.stages.unwrap import Unwrap


@dataclass(frozen=True)
class LogQuery:
    """Streams, and what happens to each of their lines."""

    matchers: tuple[Matcher, ...]
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True)
class Grouping:
    """`by` these labels, or `without` them."""

    labels: tuple[str, ...]
    without: bool = False


@dataclass(frozen=True)
class RangeAggregation:
    """`rate({…}[5m])` and its kin. `parameter` is the quantile of quantile_over_time."""

    operation: str
    query: LogQuery
    range: int
    offset: int = 0
    unwrap: Unwrap | None = None
    parameter: float | None = None
    grouping: Grouping | None = None


@dataclass(frozen=True)
class VectorAggregation:
    """`sum by (level) (…)` and its kin. `parameter` is the k of topk and bottomk."""

    operation: str
    operand: "Metric"
    grouping: Grouping | None = None
    parameter: int = 0


@dataclass(frozen=True)
class Matching:
    """Which labels must be equal for two series to meet: `on` these, or all but these."""

    labels: tuple[str, ...] = ()
    on: bool = False


@dataclass(frozen=True)
class BinaryOperation:
    """`left operator right`. With `bool` a comparison gives 0 or 1 instead of leaving series out."""

    operator: str
    left: "Metric"
    right: "Metric"
    bool: bool = False
    matching: Matching = Matching()


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Vector:
    """`vector(1)`: one series without labels."""

    value: float


@dataclass(frozen=True)
class LabelReplace:
    """`label_replace(operand, target, replacement, source, regex)`; the expression is checked already."""

    operand: "Metric"
    target: str
    replacement: str
    source: str
    regex: str


Metric = RangeAggregation | VectorAggregation | BinaryOperation | Number | Vector | LabelReplace
Expression = LogQuery | Metric
