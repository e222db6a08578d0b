"""A search's answer as Tempo gives it: what is zero or empty is left out, 64 bits are text."""

from collections import Counter
from typing import Any

from ai_monitoring.embedded.store.records import Span
from ai_monitoring.embedded.tempo.otlp import any_value, to_json
from ai_monitoring.embedded.traceql import fields
from ai_monitoring.embedded.traceql.evaluation import Spanset
from ai_monitoring.embedded.traceql.search import Found, Scan
from ai_monitoring.embedded.traceql.syntax import Intrinsic, Reference
from ai_monitoring.embedded.traceql.trace import Trace
from ai_monitoring.embedded.traceql.values import Duration, Kind, Status, Value

_ERROR = 2
_ROOT_MISSING = "<root span not yet received>"
# What a trace or span says of itself in other places of the answer.
_ELSEWHERE = {"name", "duration", "traceDuration", "rootName", "rootServiceName", "trace:id", "span:id"}


def search_answer(found: list[Found], references: tuple[Reference, ...], spans: int, scan: Scan) -> dict[str, Any]:
    """The traces with their spansets, of each at most `spans` spans."""
    traces = [_summary(one.trace) | _details(one, references, spans) for one in found]
    return {"traces": traces, "metrics": _metrics(scan)}


def plain_answer(found: list[Found], scan: Scan) -> dict[str, Any]:
    """The traces alone, as a search by tags gives them."""
    return {"traces": [_summary(one.trace) for one in found], "metrics": _metrics(scan)}


def _metrics(scan: Scan) -> dict[str, Any]:
    counted = {"inspectedTraces": scan.traces} if scan.traces else {}
    return {**counted, "inspectedSpans": str(scan.spans), "completedJobs": 1, "totalJobs": 1}


def _summary(trace: Trace) -> dict[str, Any]:
    found = {
        "traceID": trace.trace_id.lstrip("0"),
        "rootServiceName": trace.root.service if trace.root else _ROOT_MISSING,
        "rootTraceName": trace.root.name if trace.root else "",
        "startTimeUnixNano": str(trace.begin),
        "durationMs": trace.duration // 1_000_000,
    }
    return {name: value for name, value in found.items() if value}


def _details(found: Found, references: tuple[Reference, ...], spans: int) -> dict[str, Any]:
    sets = [_spanset(given, found.trace, references, spans) for given in found.sets]
    return {"spanSet": sets[0], "spanSets": sets, "serviceStats": _services(found.trace)}


def _services(trace: Trace) -> dict[str, dict[str, int]]:
    spans = Counter(span.service for span in trace.spans)
    errors = Counter(span.service for span in trace.spans if span.status == _ERROR)
    return {
        service: {"spanCount": count} | ({"errorCount": errors[service]} if service in errors else {})
        for service, count in spans.items()
    }


def _spanset(given: Spanset, trace: Trace, references: tuple[Reference, ...], spans: int) -> dict[str, Any]:
    found: dict[str, Any] = {"spans": [_span(span, trace, references) for span in given.spans[:spans]]}
    found["matched"] = len(given.spans)
    if given.attributes:
        found["attributes"] = [_key_value(name, value) for name, value in given.attributes.items()]
    return found


def _span(span: Span, trace: Trace, references: tuple[Reference, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {"spanID": span.span_id.zfill(16)}
    if Intrinsic("name") in references:
        found["name"] = span.name
    found["startTimeUnixNano"] = str(span.begin)
    if span.end > span.begin:
        found["durationNanos"] = str(span.end - span.begin)
    if attributes := _attributes(span, trace, references):
        found["attributes"] = attributes
    return found


def _attributes(span: Span, trace: Trace, references: tuple[Reference, ...]) -> list[dict[str, Any]]:
    """What the query names, as far as the span has it."""
    found = []
    for field in references:
        if isinstance(field, Intrinsic) and field.name in _ELSEWHERE:
            continue
        value = fields.value(field, span, trace)
        if value is not None:
            found.append(_key_value(field.name, value))
    return found


def _key_value(name: str, value: Value) -> dict[str, Any]:
    if isinstance(value, list) and len(value) == 1:
        (value,) = value
    shown = str(value) if isinstance(value, Status | Kind | Duration) else value
    return {"key": name, "value": to_json(any_value(shown))}
