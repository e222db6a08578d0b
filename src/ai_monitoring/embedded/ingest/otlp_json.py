"""OTLP's JSON: protobuf's, but identifiers are hexadecimal."""

import base64
import json
from typing import Any, TypeVar

from google.protobuf.json_format import MessageToDict, ParseDict  # type: ignore[import-untyped]
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from ai_monitoring.embedded.ingest.refusals import Refused
from ai_monitoring.embedded.ingest.wire import LOGS, SPANS, Fields, check_messages

_IDENTIFIERS = ("traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id")
_DEPTH = 60
_FIELDS: dict[Any, Fields] = {ExportLogsServiceRequest: LOGS, ExportTraceServiceRequest: SPANS}

Message = TypeVar("Message")


def from_json(content: Any, kind: type[Message]) -> Message:
    """The message that the JSON says; fields that it does not know are passed over. Changes `content`.

    Raises Refused.
    """
    if not isinstance(content, dict):
        raise Refused(400, f"the body is not {kind.__name__}: an object is expected")
    try:
        _translate(content)
        message: Message = ParseDict(content, kind(), ignore_unknown_fields=True)
    except Exception as error:  # protobuf lets through whatever its converters raise, OverflowError among them
        raise Refused(400, f"the body is not {kind.__name__}: {str(error)[:300]}") from error
    return message


def from_protobuf(body: bytes, kind: Any, messages: int) -> Any:
    """The message that the bytes say, with at most so many messages inside. Raises Refused."""
    check_messages(body, _FIELDS[kind], messages)
    try:
        return kind.FromString(body)
    except DecodeError as error:
        raise Refused(400, f"the body is not {kind.__name__}: {error}") from error


def to_json(message: Any) -> bytes:
    return json.dumps(MessageToDict(message)).encode()


def _translate(content: Any, depth: int = 0) -> None:
    """Write identifiers in base64, as protobuf's JSON wants them."""
    if depth > _DEPTH:
        raise Refused(400, f"the body is nested more than {_DEPTH} deep")
    if isinstance(content, list):
        for part in content:
            _translate(part, depth + 1)
    elif isinstance(content, dict):
        for name, part in content.items():
            if name in _IDENTIFIERS and isinstance(part, str):
                content[name] = _base64(part)
            else:
                _translate(part, depth + 1)


def _base64(digits: str) -> str:
    try:
        return base64.b64encode(bytes.fromhex(digits)).decode()
    except ValueError as error:
        raise Refused(400, f"{digits[:50]!r} is no identifier: hexadecimal digits are expected") from error
