"""OTLP's log records as Loki's lines, the way loki/loki.yml has Loki make them."""

import time
from collections.abc import Iterable, Iterator

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from ai_monitoring.embedded.ingest import label_sets
from ai_monitoring.embedded.ingest.entries import Entry, Stream
from ai_monitoring.embedded.ingest.limits import IngestLimits
from ai_monitoring.embedded.ingest.refusals import Refused, check_count
from ai_monitoring.embedded.ingest.values import as_text, flattened
from ai_monitoring.embedded.store.records import Labels

_LABELS = ("service.name", "deployment.environment.name")


def streams(request: ExportLogsServiceRequest, limits: IngestLimits) -> list[Stream]:
    """A stream for each resource and scope. Raises Refused for an attribute whose name cannot be one."""
    check_count(
        sum(len(of.log_records) for resource in request.resource_logs for of in resource.scope_logs), limits.records
    )
    return [
        Stream(labels, [_entry(record, {**resource, **scope}) for record in logs.log_records])
        for of_resource in request.resource_logs
        for labels, resource in [_resource(of_resource.resource.attributes)]
        for logs in of_resource.scope_logs
        for scope in [dict(_scope(logs.scope))]
        if _shareable({**resource, **scope}, limits)
    ]


def _shareable(metadata: dict[str, str], limits: IngestLimits) -> bool:
    """True. Raises Refused for more than a single line may have: each line would get it all."""
    size = sum(len(name) + len(value) for name, value in metadata.items())
    if len(metadata) > limits.metadata_names or size > limits.metadata_bytes:
        text = f"a resource and scope have {len(metadata)} attributes of {size} bytes together, the limits are"
        text = f"{text} {limits.metadata_names} and {limits.metadata_bytes}"
        raise Refused(400, text, "structured_metadata_too_large")
    return True


def _resource(attributes: Iterable[KeyValue]) -> tuple[Labels, dict[str, str]]:
    """The labels and the metadata of a resource."""
    pairs = list(attributes)
    labels = {name: value for name, value in flattened(pair for pair in pairs if pair.key in _LABELS) if value}
    labels.setdefault("service_name", "unknown_service")
    return label_sets.named(labels), dict(flattened(pair for pair in pairs if pair.key not in _LABELS))


def _scope(scope: InstrumentationScope) -> Iterator[tuple[str, str]]:
    yield from flattened(scope.attributes)
    if scope.name:
        yield "scope_name", scope.name
    if scope.version:
        yield "scope_version", scope.version
    if scope.dropped_attributes_count:
        yield "scope_dropped_attributes_count", str(scope.dropped_attributes_count)


def _entry(record: LogRecord, shared: dict[str, str]) -> Entry:
    moment = record.time_unix_nano or record.observed_time_unix_nano or time.time_ns()
    return Entry(moment, as_text(record.body), {**dict(_record(record)), **shared})


def _record(record: LogRecord) -> Iterator[tuple[str, str]]:
    attributes = record.attributes
    # The record's own field counts more than an attribute of its name.
    yield from flattened(pair for pair in attributes if not (record.event_name and pair.key == "event_name"))
    if record.time_unix_nano and record.observed_time_unix_nano:
        yield "observed_timestamp", str(record.observed_time_unix_nano)
    for name in ("severity_number", "severity_text", "dropped_attributes_count", "flags"):
        if value := getattr(record, name):
            yield name, str(value)
    if len(record.trace_id) == 16 and any(record.trace_id):
        yield "trace_id", record.trace_id.hex()
    if len(record.span_id) == 8 and any(record.span_id):
        yield "span_id", record.span_id.hex()
    if record.event_name:
        yield "event_name", record.event_name
