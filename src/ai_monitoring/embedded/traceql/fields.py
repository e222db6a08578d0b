"""What a field of a query is on a span."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ai_monitoring.embedded.store.records import Span
from ai_monitoring.embedded.traceql.syntax import Attribute, Intrinsic, Reference
from ai_monitoring.embedded.traceql.trace import Trace
from ai_monitoring.embedded.traceql.values import Duration, Kind, Status, Value

_INTRINSICS: dict[str, Callable[[Span, Trace], Value]] = {
    "name": lambda span, _: span.name,
    "duration": lambda span, _: span.end - span.begin,
    "status": lambda span, _: status(span),
    "statusMessage": lambda span, _: span.status_message,
    "kind": lambda span, _: kind(span),
    "span:id": lambda span, _: span.span_id.lstrip("0"),
    "span:parentID": lambda span, _: span.parent_id.lstrip("0"),
    "span:childCount": lambda span, trace: len(trace.children.get(span.span_id, ())),
    "trace:id": lambda span, _: span.trace_id.lstrip("0"),
    "traceDuration": lambda _, trace: trace.duration,
    "rootName": lambda _, trace: trace.root.name if trace.root else "",
    "rootServiceName": lambda _, trace: trace.root.service if trace.root else "",
    "event:name": lambda span, _: _each(event["name"] for event in span.events),
    "event:timeSinceStart": lambda span, _: _each(Duration(event["time"] - span.begin) for event in span.events),
    "link:traceID": lambda span, _: _each(link["trace_id"].lstrip("0") for link in span.links),
    "link:spanID": lambda span, _: _each(link["span_id"].lstrip("0") for link in span.links),
    # Of Tempo's numbering of a trace's tree, that which people ask for: whether a span is a root.
    "nestedSetParent": lambda span, _: 1 if span.parent_id else -1,
    "instrumentation:name": lambda span, _: span.scope or None,
}


def value(field: Reference, span: Span, trace: Trace) -> Value:
    """The field's value; a list where a span has several, as of its events; None where there is none."""
    if isinstance(field, Intrinsic):
        return _INTRINSICS[field.name](span, trace)
    return _attribute(field, span)


def status(span: Span) -> Status:
    return Status(span.status) if 0 <= span.status <= 2 else Status.UNSET


def kind(span: Span) -> Kind:
    return Kind(span.kind) if 0 <= span.kind <= 5 else Kind.UNSPECIFIED


def _attribute(field: Attribute, span: Span) -> Value:
    match field.scope:
        case "span":
            return span.attributes.get(field.name)
        case "resource":
            return span.resource.get(field.name)
        case "event":
            return _of_each(span.events, field.name)
        case "link":
            return _of_each(span.links, field.name)
    found = span.attributes.get(field.name)
    return span.resource.get(field.name) if found is None else found


def _of_each(parts: Iterable[Mapping[str, Any]], name: str) -> Value:
    return _each(part["attributes"][name] for part in parts if name in part["attributes"])


def _each(values: Iterable[Any]) -> Value:
    return list(values) or None
