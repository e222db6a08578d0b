"""Spans as OTLP, the form in which they came and in which Tempo gives them out."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

from ai_monitoring.embedded.store.records import Span


def traces_data(spans: Iterable[Span]) -> trace_pb2.TracesData:
    """The message: spans of a resource and a scope stand together, in the order in which they are given."""
    data = trace_pb2.TracesData()
    resources: dict[str, trace_pb2.ResourceSpans] = {}
    scopes: dict[tuple[str, str], trace_pb2.ScopeSpans] = {}
    for span in spans:
        key = json.dumps(span.resource, sort_keys=True)
        if key not in resources:
            resources[key] = data.resource_spans.add()
            resources[key].resource.SetInParent()
            resources[key].resource.attributes.extend(key_values(span.resource))
        if (key, span.scope) not in scopes:
            scopes[key, span.scope] = resources[key].scope_spans.add()
            scopes[key, span.scope].scope.SetInParent()
            scopes[key, span.scope].scope.name = span.scope
        scopes[key, span.scope].spans.append(_span(span))
    return data


def to_json(message: Any) -> dict[str, Any]:
    """A message as Tempo writes it: OTLP's names, identifiers in base64."""
    found: dict[str, Any] = MessageToDict(message)
    return found


def key_values(attributes: Mapping[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=any_value(value)) for key, value in attributes.items()]


def any_value(value: Any) -> AnyValue:
    """A value of JSON as OTLP's; a whole number beyond 64 bits as text."""
    found = AnyValue()
    match value:
        case bool():
            found.bool_value = value
        case int() if -(2**63) <= value < 2**63:
            found.int_value = value
        case float():
            found.double_value = value
        case list():
            found.array_value.values.extend(map(any_value, value))
        case dict():
            found.kvlist_value.values.extend(key_values(value))
        case None:
            pass
        case _:
            found.string_value = str(value)
    return found


def _span(span: Span) -> trace_pb2.Span:
    found = trace_pb2.Span(
        trace_id=bytes.fromhex(span.trace_id),
        span_id=bytes.fromhex(span.span_id),
        parent_span_id=bytes.fromhex(span.parent_id),
        name=span.name,
        start_time_unix_nano=span.begin,
        end_time_unix_nano=span.end,
        attributes=key_values(span.attributes),
    )
    # Numbers that the enumerations do not name are kept.
    found.kind = span.kind  # type: ignore[assignment]
    found.status.code = span.status  # type: ignore[assignment]
    found.status.SetInParent()
    found.status.message = span.status_message
    for event in span.events:
        attributes = key_values(event["attributes"])
        found.events.add(name=event["name"], time_unix_nano=event["time"], attributes=attributes)
    for link in span.links:
        identifiers = {name: bytes.fromhex(link[name]) for name in ("trace_id", "span_id")}
        found.links.add(**identifiers, attributes=key_values(link["attributes"]))
    return found
