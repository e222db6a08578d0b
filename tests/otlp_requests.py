"""OTLP requests as tests send them."""

from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
PARENT = "53995c3f42cd8ad8"


def attribute(name: str, value: str) -> KeyValue:
    return KeyValue(key=name, value=AnyValue(string_value=value))


def logs(now: int, *texts: str) -> ExportLogsServiceRequest:
    """A line for each text, a nanosecond apart, of the service shop."""
    request = ExportLogsServiceRequest()
    of_resource = request.resource_logs.add()
    for name, value in {"service.name": "shop", "deployment.environment.name": "dev", "host.name": "a"}.items():
        of_resource.resource.attributes.append(attribute(name, value))
    of_scope = of_resource.scope_logs.add()
    of_scope.scope.name, of_scope.scope.version = "orders", "1.2"
    for number, text in enumerate(texts or ["hello"]):
        record = of_scope.log_records.add(time_unix_nano=now + number, observed_time_unix_nano=now + 5)
        record.body.string_value = text
        record.severity_number, record.severity_text, record.flags = 17, "ERROR", 1
        record.trace_id, record.span_id = bytes.fromhex(TRACE), bytes.fromhex(SPAN)
        record.attributes.append(attribute("user.id", "ada"))
    return request


def logs_json(now: int) -> dict[str, Any]:
    """The same as `logs(now)`, in JSON, with a field that nobody knows."""
    record = {
        "timeUnixNano": str(now),
        "observedTimeUnixNano": str(now + 5),
        "severityNumber": 17,
        "severityText": "ERROR",
        "flags": 1,
        "body": {"stringValue": "hello"},
        "traceId": TRACE.upper(),
        "spanId": SPAN,
        "attributes": [{"key": "user.id", "value": {"stringValue": "ada"}}],
        "unknown": [{}],
    }
    resource = {"service.name": "shop", "deployment.environment.name": "dev", "host.name": "a"}
    attributes = [{"key": name, "value": {"stringValue": value}} for name, value in resource.items()]
    scope = {"scope": {"name": "orders", "version": "1.2"}, "logRecords": [record]}
    return {"resourceLogs": [{"resource": {"attributes": attributes}, "scopeLogs": [scope]}]}


def traces(now: int) -> ExportTraceServiceRequest:
    """One span of the service shop, with an event and a link."""
    request = ExportTraceServiceRequest()
    of_resource = request.resource_spans.add()
    of_resource.resource.attributes.append(attribute("service.name", "shop"))
    of_scope = of_resource.scope_spans.add()
    of_scope.scope.name = "web"
    span = of_scope.spans.add(
        trace_id=bytes.fromhex(TRACE),
        span_id=bytes.fromhex(SPAN),
        parent_span_id=bytes.fromhex(PARENT),
        name="GET /",
        kind=2,
        start_time_unix_nano=now,
        end_time_unix_nano=now + 1000,
    )
    span.attributes.append(KeyValue(key="http.response.status_code", value=AnyValue(int_value=500)))
    span.status.code, span.status.message = 2, "broken"
    span.events.add(name="exception", time_unix_nano=now + 1).attributes.append(attribute("exception.type", "OSError"))
    span.links.add(trace_id=bytes.fromhex(TRACE), span_id=bytes.fromhex(PARENT))
    return request


def traces_json(now: int) -> dict[str, Any]:
    """The same as `traces(now)`, in JSON."""
    span = {
        "traceId": TRACE,
        "spanId": SPAN,
        "parentSpanId": PARENT,
        "name": "GET /",
        "kind": 2,
        "startTimeUnixNano": str(now),
        "endTimeUnixNano": str(now + 1000),
        "attributes": [{"key": "http.response.status_code", "value": {"intValue": "500"}}],
        "status": {"code": 2, "message": "broken"},
        "events": [
            {
                "name": "exception",
                "timeUnixNano": str(now + 1),
                "attributes": [{"key": "exception.type", "value": {"stringValue": "OSError"}}],
            }
        ],
        "links": [{"traceId": TRACE, "spanId": PARENT}],
    }
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "web"}, "spans": [span]}]}]}
