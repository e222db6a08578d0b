"""OTLP's spans as the store keeps them."""

from collections.abc import Iterator
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1 import trace_pb2

from ai_monitoring.embedded.ingest.limits import IngestLimits
from ai_monitoring.embedded.ingest.refusals import Refused, Rejections, check_count
from ai_monitoring.embedded.ingest.values import attributes
from ai_monitoring.embedded.store.records import Span


def spans(request: ExportTraceServiceRequest, limits: IngestLimits, now: int, rejections: Rejections) -> Iterator[Span]:
    """The spans that can be kept; `rejections` gets the others. Raises Refused.

    `now` in nanoseconds since 1970.
    """
    check_count(
        sum(len(of.spans) for resource in request.resource_spans for of in resource.scope_spans), limits.records
    )
    for of_resource in request.resource_spans:
        if (size := of_resource.resource.ByteSize()) > limits.metadata_bytes:
            raise Refused(
                400, f"a resource has {size} bytes, the limit is {limits.metadata_bytes}", "resource_too_large"
            )
        resource = attributes(of_resource.resource.attributes)
        for of_scope in of_resource.scope_spans:
            for span in of_scope.spans:
                if problem := _problem(span, limits, now):
                    rejections.add(*problem)
                else:
                    yield _span(span, of_scope.scope.name, resource)


def _problem(span: trace_pb2.Span, limits: IngestLimits, now: int) -> tuple[str, str] | None:
    if len(span.trace_id) != 16 or len(span.span_id) != 8 or not any(span.trace_id) or not any(span.span_id):
        return "invalid_id", "a span has a trace_id of 16 bytes and a span_id of 8, not all of them zero"
    if span.start_time_unix_nano < now - limits.age_ns:
        return "too_old", f"a span begins before the oldest acceptable time, {limits.age_ns / 86_400e9:g} days ago"
    if max(span.start_time_unix_nano, span.end_time_unix_nano) > now + limits.ahead_ns:
        return "too_far_in_future", f"a span is more than {limits.ahead_ns / 60e9:g} minutes in the future"
    if (size := span.ByteSize()) > limits.line_bytes:
        return "span_too_large", f"a span has {size} bytes, the limit is {limits.line_bytes}"
    return None


def _span(span: trace_pb2.Span, scope: str, resource: dict[str, Any]) -> Span:
    return Span(
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex() if any(span.parent_span_id) else "",
        str(resource.get("service.name") or "unknown_service"),
        span.name,
        span.kind,
        span.start_time_unix_nano,
        span.end_time_unix_nano,
        span.status.code,
        span.status.message,
        scope,
        attributes(span.attributes),
        resource,
        tuple(_event(event) for event in span.events),
        tuple(_link(link) for link in span.links),
    )


def _event(event: trace_pb2.Span.Event) -> dict[str, Any]:
    return {"name": event.name, "time": event.time_unix_nano, "attributes": attributes(event.attributes)}


def _link(link: trace_pb2.Span.Link) -> dict[str, Any]:
    return {
        "trace_id": link.trace_id.hex(),
        "span_id": link.span_id.hex(),
        "attributes": attributes(link.attributes),
    }
