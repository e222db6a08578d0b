"""Records as OpenTelemetry's protobuf: https://opentelemetry.io/docs/specs/otlp/"""

import gzip
import json
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from ai_monitoring.telemetry.capture import Captured

_EXCEPTION = ("exception.type", "exception.message", "exception.stacktrace")


def encode(records: Sequence[Captured], resource: Mapping[str, str]) -> bytes:
    """A request with these records, a scope for each logger."""
    scopes: dict[str, list[LogRecord]] = {}
    for record in records:
        scopes.setdefault(record.logger, []).append(_record(record))
    logs = ResourceLogs(
        resource=Resource(attributes=_attributes(resource)),
        scope_logs=[
            ScopeLogs(scope=InstrumentationScope(name=_text(name)), log_records=found) for name, found in scopes.items()
        ],
    )
    request: bytes = ExportLogsServiceRequest(resource_logs=[logs]).SerializeToString()
    return request


def compress(request: bytes) -> bytes:
    """Gzipped, as it is sent and kept."""
    return gzip.compress(request, compresslevel=1, mtime=0)


def rejected(answer: bytes) -> int:
    """How many records the receiver says that it has left out; 0 where its answer is none of OTLP."""
    try:
        count: int = ExportLogsServiceResponse.FromString(answer).partial_success.rejected_log_records
    except Exception:  # protobuf's own, which has no types
        return 0
    return max(0, count)


def _record(record: Captured) -> LogRecord:
    encoded = LogRecord(
        time_unix_nano=int(record.seconds * 1e9),
        observed_time_unix_nano=int(record.seconds * 1e9),
        severity_number=_severity(record.level),
        severity_text=_text(record.level_name),
        body=AnyValue(string_value=_text(record.message)),
    )
    if record.attributes:
        encoded.attributes.extend(_attributes(record.attributes))
    if record.exception:
        encoded.attributes.extend(_attributes(dict(zip(_EXCEPTION, record.exception, strict=True))))
    if record.trace:
        encoded.trace_id = record.trace[0].to_bytes(16, "big")
        encoded.span_id = record.trace[1].to_bytes(8, "big")
    return encoded


def _severity(level: int) -> Any:
    """DEBUG 5, INFO 9, WARNING 13, ERROR 17, CRITICAL 21, as OpenTelemetry's data model maps them."""
    return max(1, min(21, 1 + level // 10 * 4))


def _attributes(values: Mapping[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=_text(str(name)), value=_value(value)) for name, value in values.items()]


def _value(value: Any) -> AnyValue:
    match value:
        case bool():
            return AnyValue(bool_value=value)
        case int() if -(2**63) <= value < 2**63:
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case str():
            return AnyValue(string_value=_text(value))
        case _:
            return AnyValue(string_value=_text(json.dumps(value, ensure_ascii=False, default=str)))


def _text(text: str) -> str:
    """Protobuf takes Unicode alone, and no half of a surrogate pair."""
    return text if text.isascii() else text.encode("utf-8", errors="replace").decode()
