"""OTLP's JSON: protobuf's, but identifiers are hexadecimal."""

import base64
import json
from typing import Any, TypeVar

from google.protobuf.json_format import MessageToDict, ParseDict  # type: ignore[import-untyped]
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from ai_monitoring.embedded.ingest.refusals import Refused
from ai_monitoring.embedded.ingest.wire import check_records

_IDENTIFIERS = ("traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id")
_DEPTH = 60
_RECORDS = (1, 2, 2)
"""Numbers of the fields that lead to them: of a resource, of a scope, of the record."""

Message = TypeVar("Message")


def from_json(content: Any, kind: type[Message]) -> Message:
    """The message that the JSON says; fields that it does not know are passed over. Raises Refused."""
    if not isinstance(content, dict):
        raise Refused(400, f"the body is not {kind.__name__}: an object is expected")
    try:
        message: Message = ParseDict(_translated(content), kind(), ignore_unknown_fields=True)
    except Exception as error:  # protobuf lets through whatever its converters raise, OverflowError among them
        raise Refused(400, f"the body is not {kind.__name__}: {str(error)[:300]}") from error
    return message


def from_protobuf(body: bytes, kind: Any, records: int) -> Any:
    """The message that the bytes say, with at most so many log records or spans. Raises Refused."""
    check_records(body, _RECORDS, records)
    try:
        return kind.FromString(body)
    except DecodeError as error:
        raise Refused(400, f"the body is not {kind.__name__}: {error}") from error


def to_json(message: Any) -> bytes:
    return json.dumps(MessageToDict(message)).encode()


def _translated(content: Any, depth: int = 0) -> Any:
    """Identifiers in base64, as protobuf's JSON wants them."""
    if depth > _DEPTH:
        raise Refused(400, f"the body is nested more than {_DEPTH} deep")
    match content:
        case list():
            return [_translated(part, depth + 1) for part in content]
        case dict():
            return {
                name: _base64(part) if name in _IDENTIFIERS and isinstance(part, str) else _translated(part, depth + 1)
                for name, part in content.items()
            }
    return content


def _base64(digits: str) -> str:
    try:
        return base64.b64encode(bytes.fromhex(digits)).decode()
    except ValueError as error:
        raise Refused(400, f"{digits[:50]!r} is no identifier: hexadecimal digits are expected") from error
