"""Expressions from what the grammar finds, checked as Loki checks them."""

from collections.abc import Iterable
from typing import Any

from lark import Token

from ai_monitoring.embedded.logql import units
from ai_monitoring.embedded.logql.errors import SyntaxProblemError
from ai_monitoring.embedded.logql.expressions import (
    BinaryOperation,
    Grouping,
    LabelReplace,
    LogQuery,
    Matching,
    Metric,
    Number,
    RangeAggregation,
    Vector,
    VectorAggregation,
)
from ai_monitoring.embedded.logql.matching import Matcher, compiled
from ai_monitoring.embedded.logql.pipeline_builder import Items, PipelineBuilder, placed, refused, text
from ai_monitoring.embedded.logql.stages.label_filter import Both, Either, QuantityFilter, TextFilter
from ai_monitoring.embedded.logql.stages.stage import Stage
from ai_monitoring.embedded.logql.stages.unwrap import Unwrap

_COUNTING = {"count_over_time", "bytes_over_time", "bytes_rate"}
_GROUPED = {f"{name}_over_time" for name in ("avg", "stddev", "stdvar", "quantile", "max", "min", "first", "last")}
_SETS = {"and", "or", "unless"}
_COMPARISONS = {"==", "!=", ">", ">=", "<", "<="}
_LABEL_FILTERS = (TextFilter, QuantityFilter, Both, Either)
_NO_MATCHER = (
    "queries require at least one regexp or equality matcher that does not have an empty-compatible value. "
    'For instance, app=~".*" does not meet this requirement, but app=~".+" will'
)


class Builder(PipelineBuilder):
    """The transformer of the whole grammar."""

    def log_query(self, items: Items) -> LogQuery:
        query, unwrap = _log_query(items[0], items[1] if len(items) > 1 else ())
        if unwrap:
            raise SyntaxProblemError("unwrap stands only within a range aggregation, such as sum_over_time(… [5m])")
        return query

    def offset(self, items: Items) -> tuple[str, int]:
        return "offset", placed(items[1], lambda: units.duration(str(items[1])))

    def log_range_inner(self, items: Items) -> Items:
        return items

    def log_range(self, items: Items) -> dict[str, Any]:
        if isinstance(items[0], list):  # in parentheses
            items = [*items[0], *items[1:]]
        (token,) = (item for item in items if isinstance(item, Token))
        selector, *parts = (item for item in items if not isinstance(item, Token))
        offset = next((part[1] for part in parts if part[:1] == ("offset",)), 0)
        pipelines = [part for part in parts if part[:1] != ("offset",)]
        query, unwrap = _log_query(selector, tuple(stage for pipeline in pipelines for stage in pipeline))
        length = placed(token, lambda: units.prometheus_duration(str(token)[1:-1]))
        if length <= 0:
            raise refused(token, "a range must be longer than 0")
        return {"query": query, "range": length, "offset": offset, "unwrap": unwrap}

    def labels(self, items: Items) -> tuple[str, ...]:
        return tuple(str(item) for item in items if item is not None)

    def grouping(self, items: Items) -> Grouping:
        return Grouping(items[1], without=items[0].type == "WITHOUT")

    def range_aggregation(self, items: Items) -> RangeAggregation:
        token, rest = items[0], items[1:]
        operation = str(token).lower()
        parameter = next((float(item) for item in rest if isinstance(item, Token)), None)
        grouping = next((item for item in rest if isinstance(item, Grouping)), None)
        (inside,) = (item for item in rest if isinstance(item, dict))
        if message := _range_problem(operation, inside["unwrap"], parameter, grouping):
            raise refused(token, message)
        return RangeAggregation(operation, parameter=parameter, grouping=grouping, **inside)

    def vector_aggregation(self, items: Items) -> VectorAggregation:
        token, rest = items[0], items[1:]
        operation = str(token).lower()
        groupings = [item for item in rest if isinstance(item, Grouping)]
        numbers = [item for item in rest if isinstance(item, Token)]
        (operand,) = (item for item in rest if not isinstance(item, Grouping | Token))
        if message := _vector_problem(operation, groupings, numbers, operand):
            raise refused(token, message)
        return VectorAggregation(operation, operand, next(iter(groupings), None), *(int(number) for number in numbers))

    def scalar(self, items: Items) -> Number:
        return Number(items[0])

    def vector(self, items: Items) -> Vector:
        return Vector(items[1])

    def variants(self, items: Items) -> None:
        raise refused(items[0], "variants() is not supported here: ask for each of its metrics in a query of its own")

    def label_replace(self, items: Items) -> LabelReplace:
        token, operand, *arguments = items
        if isinstance(operand, Number):
            raise refused(token, "label_replace works on series, not on a number")
        target, replacement, source, regex = (text(argument) for argument in arguments)
        placed(arguments[3], lambda: compiled(regex, whole=True))
        if not target.isidentifier() or not target.isascii():
            raise refused(arguments[0], f"invalid label name in label_replace: {target}")
        return LabelReplace(operand, target, replacement, source, regex)

    def matching(self, items: Items) -> Matching:
        return Matching(items[1], on=items[0].type == "ON")

    def group(self, items: Items) -> None:
        raise refused(
            items[0], f"{items[0]} is not supported here: aggregate the larger side with by (…) to the labels of both"
        )

    def modifier(self, items: Items) -> dict[str, Any]:
        matching = [item for item in items if isinstance(item, Matching)]
        return {
            "bool": any(isinstance(item, Token) for item in items),
            "matching": matching[0] if matching else Matching(),
        }

    def binary(self, items: Items) -> BinaryOperation:
        left, token, modifier, right = items
        operator = str(token).lower()
        if operator in _SETS and (isinstance(left, Number) or isinstance(right, Number)):
            raise refused(token, f"unexpected literal for the operation {operator}: it joins series")
        if modifier["bool"] and operator not in _COMPARISONS:
            raise refused(token, f"bool stands only after a comparison, not after {operator}")
        if operator in _COMPARISONS and isinstance(left, Number) and isinstance(right, Number):
            modifier = modifier | {"bool": True}  # as Loki: a number cannot be left out
        return BinaryOperation(operator, left, right, **modifier)


def _log_query(matchers: tuple[Matcher, ...], stages: Iterable[Stage | Unwrap]) -> tuple[LogQuery, Unwrap | None]:
    if all(matcher.matches("") for matcher in matchers):
        raise SyntaxProblemError(_NO_MATCHER)
    plain: list[Stage] = []
    unwrap: Unwrap | None = None
    for stage in stages:
        if isinstance(stage, Unwrap):
            if unwrap:
                raise SyntaxProblemError("a query has one unwrap at most")
            unwrap = stage
        elif unwrap is None:
            plain.append(stage)
        elif isinstance(stage, _LABEL_FILTERS):
            unwrap = Unwrap(unwrap.label, unwrap.conversion, (*unwrap.filters, stage))
        else:
            raise SyntaxProblemError("only label filters may stand after unwrap")
    return LogQuery(matchers, tuple(plain)), unwrap


def _range_problem(
    operation: str, unwrap: Unwrap | None, parameter: float | None, grouping: Grouping | None
) -> str | None:
    if (parameter is not None) != (operation == "quantile_over_time"):
        needed = "parameter required for" if parameter is None else "parameter not supported for"
        return f"{needed} operation {operation}"
    if grouping and operation not in _GROUPED:
        return f"grouping not allowed for {operation} aggregation: put it on sum by (…) around it"
    if operation in ("rate", "absent_over_time"):
        return None
    if unwrap and operation in _COUNTING:
        return f"invalid aggregation {operation} with unwrap"
    if not unwrap and operation not in _COUNTING:
        return f"invalid aggregation {operation} without unwrap: it needs a number, such as | unwrap duration_ms"
    return None


def _vector_problem(operation: str, groupings: Items, numbers: Items, operand: Metric) -> str | None:
    if operation == "approx_topk":
        return "approx_topk is not supported here: use topk"
    if len(groupings) > 1:
        return f"{operation} has one grouping at most"
    if operation in ("topk", "bottomk"):
        if not numbers:
            return f"parameter required for operation {operation}"
        if not str(numbers[0]).isdigit() or int(numbers[0]) < 1:
            return f"invalid parameter (must be greater than 0) {operation}({numbers[0]}"
    elif numbers:
        return f"unsupported parameter for operation {operation}({numbers[0]},"
    if operation in ("sort", "sort_desc") and groupings:
        return f"{operation} has no grouping"
    return f"{operation} works on series, not on a number" if isinstance(operand, Number) else None
