"""Which spans of a trace a query finds."""

from dataclasses import dataclass, field, replace

from ai_monitoring.embedded.store.records import Span
from ai_monitoring.embedded.traceql import structure
from ai_monitoring.embedded.traceql.errors import TraceQLError
from ai_monitoring.embedded.traceql.expressions import holds, result
from ai_monitoring.embedded.traceql.syntax import (
    Aggregate,
    Coalesce,
    Filter,
    Group,
    Intrinsic,
    Pipeline,
    ScalarFilter,
    Select,
    SpansetOperation,
    Stage,
)
from ai_monitoring.embedded.traceql.trace import Trace
from ai_monitoring.embedded.traceql.values import Duration, Value, compare

_DURATIONS = (Intrinsic("duration"), Intrinsic("traceDuration"))


@dataclass(frozen=True)
class Spanset:
    """Spans of one trace, never none, and what the pipeline said of them: `count()`, `by(…)` with their values."""

    spans: tuple[Span, ...]
    attributes: dict[str, Value] = field(default_factory=dict)


def evaluate(pipeline: Pipeline, trace: Trace) -> list[Spanset]:
    """The spansets that the pipeline leaves of the trace. Raises TraceQLError where a query cannot be worked out."""
    return _stage(pipeline, [Spanset(tuple(trace.spans))], trace)


def _stage(stage: Stage, sets: list[Spanset], trace: Trace) -> list[Spanset]:
    match stage:
        case Pipeline(stages):
            for part in stages:
                sets = _stage(part, sets, trace)
            return sets
        case Coalesce():
            return [Spanset(tuple(span for given in sets for span in given.spans))] if sets else []
        case Select():
            return sets
        case _:
            return [found for given in sets for found in _each(stage, given, trace)]


def _each(stage: Filter | SpansetOperation | ScalarFilter | Group, given: Spanset, trace: Trace) -> list[Spanset]:
    match stage:
        case Filter(condition):
            spans = tuple(span for span in given.spans if holds(condition, span, trace))
            return [replace(given, spans=spans)] if spans else []
        case SpansetOperation():
            return _operated(stage, given, trace)
        case ScalarFilter():
            return _measured(stage, given, trace)
        case Group():
            return _groups(stage, given, trace)


def _operated(stage: SpansetOperation, given: Spanset, trace: Trace) -> list[Spanset]:
    left = _stage(stage.first, [given], trace)
    for sign, part in stage.rest:
        right = _stage(part, [given], trace)
        spans = structure.join(sign, _spans(left, sign), _spans(right, sign), trace)
        left = [replace(given, spans=tuple(spans))] if spans else []
    return left


def _spans(sets: list[Spanset], sign: str) -> list[Span]:
    if len(sets) > 1 and sign not in {"&&", "||"}:
        raise TraceQLError(f"{sign} stands between single spansets: put | coalesce() behind the by() before it")
    return [span for given in sets for span in given.spans]


def _measured(stage: ScalarFilter, given: Spanset, trace: Trace) -> list[Spanset]:
    value = _aggregate(stage.aggregate, given, trace)
    if value is not None and stage.aggregate.operand in _DURATIONS:
        value = Duration(value)
    if not compare(stage.sign, value, stage.value):
        return []
    return [replace(given, attributes={**given.attributes, stage.aggregate.text: value})]


def _aggregate(aggregate: Aggregate, given: Spanset, trace: Trace) -> int | float | None:
    if aggregate.operand is None:
        return len(given.spans)
    found = [result(aggregate.operand, span, trace) for span in given.spans]
    numbers = [value for value in found if isinstance(value, int | float)]
    if not numbers:
        return None
    match aggregate.function:
        case "avg":
            return sum(numbers) / len(numbers)
        case "sum":
            return sum(numbers)
    return max(numbers) if aggregate.function == "max" else min(numbers)


def _groups(stage: Group, given: Spanset, trace: Trace) -> list[Spanset]:
    groups: dict[str, tuple[Value, list[Span]]] = {}
    for span in given.spans:
        value = result(stage.by, span, trace)
        groups.setdefault(repr(value), (value, []))[1].append(span)
    return [Spanset(tuple(spans), {**given.attributes, stage.text: value}) for value, spans in groups.values()]
