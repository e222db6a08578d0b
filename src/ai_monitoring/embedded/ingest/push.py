"""Bodies of Loki's push API: JSON, JSON of its first version, and protobuf."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from ai_monitoring.embedded.ingest import label_sets
from ai_monitoring.embedded.ingest.entries import Entry, Stream
from ai_monitoring.embedded.ingest.messages import PushRequest
from ai_monitoring.embedded.ingest.refusals import Refused, check_count
from ai_monitoring.embedded.ingest.wire import PUSH, check_messages
from ai_monitoring.embedded.store.records import Labels

_MOMENT_LENGTH = 64
_FRACTION = re.compile(r"\.(\d{1,9})\d*(?=Z|[+-]|\Z)")


def from_json(content: Any, records: int) -> list[Stream]:
    """Streams of `{"streams": [{"stream": {…}, "values": [["<ns>", "line", {…}]]}]}`. Raises Refused."""
    return [
        Stream(label_sets.with_service(_labels(stream.get("stream"))), [*map(_entry, _list(stream.get("values")))])
        for stream in _streams(content, "values", records)
    ]


def from_first_json(content: Any, records: int) -> list[Stream]:
    """Streams of `{"streams": [{"labels": "{…}", "entries": [{"ts": "<RFC 3339>", "line": "…"}]}]}`. Raises Refused."""
    return [
        Stream(
            label_sets.with_service(label_sets.parse(_text(stream.get("labels"), "labels"))),
            [*map(_first_entry, _list(stream.get("entries")))],
        )
        for stream in _streams(content, "entries", records)
    ]


def from_protobuf(body: bytes, records: int, messages: int) -> list[Stream]:
    """Streams of a `logproto.PushRequest` with at most so many entries, and messages of any kind. Raises Refused."""
    check_messages(body, PUSH, messages)
    try:
        request = PushRequest.FromString(body)
    except DecodeError as error:
        raise Refused(400, f"the body is not a logproto.PushRequest: {error}") from error
    if not request.streams:
        raise no_streams()
    check_count(sum(len(stream.entries) for stream in request.streams), records)
    return [
        Stream(label_sets.with_service(label_sets.parse(stream.labels)), [*map(_message_entry, stream.entries)])
        for stream in request.streams
    ]


def _streams(content: Any, entries: str, records: int) -> Iterator[dict[str, Any]]:
    if content is not None and not isinstance(content, dict):
        raise Refused(400, "the body is not a JSON object")
    streams = content and content.get("streams")
    if not streams:
        raise no_streams()
    count = 0
    for stream in _list(streams):
        if not isinstance(stream, dict):
            raise Refused(400, "a stream is a JSON object")
        count += len(_list(stream.get(entries)))
        check_count(count, records)
        yield stream


def no_streams() -> Refused:
    """Loki's answer to a push of nothing."""
    return Refused(422, "error at least one valid stream is required for ingestion", "missing_streams")


def _labels(content: Any) -> Labels:
    if content is None:
        return ()
    if not isinstance(content, dict):
        raise Refused(400, "a stream has its labels in an object, 'stream'")
    return label_sets.named({name: _label(value) for name, value in content.items()})


def _label(value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case None:
            return "null"
    raise Refused(400, "the value of a label is a string")


def _entry(value: Any) -> Entry:
    match value:
        case [str(time), str(text)]:
            return Entry(_nanoseconds(time), text)
        case [str(time), str(text), dict(metadata)]:
            if not all(isinstance(value, str) for value in metadata.values()):
                raise Refused(400, "the values of structured metadata are strings")
            return Entry(_nanoseconds(time), text, metadata)
    raise Refused(400, 'a value is ["<nanoseconds since 1970>", "<line>"], with structured metadata in an object third')


def _nanoseconds(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise Refused(400, f"{text[:50]!r} is no time: nanoseconds since 1970 are expected, as a string") from error


def _first_entry(value: Any) -> Entry:
    if not isinstance(value, dict):
        raise Refused(400, 'an entry is {"ts": "<RFC 3339>", "line": "…"}')
    return Entry(_moment(_text(value.get("ts"), "ts")), _text(value.get("line"), "line"))


def _moment(text: str) -> int:
    fraction = _FRACTION.search(text[:_MOMENT_LENGTH])
    try:
        if len(text) > _MOMENT_LENGTH:
            raise ValueError
        moment = datetime.fromisoformat(_FRACTION.sub("", text))
        seconds = int(moment.timestamp()) if moment.tzinfo else None
    except (ValueError, OverflowError):
        seconds = None
    if seconds is None:
        raise Refused(400, f"{text[:50]!r} is no time: RFC 3339 with an offset is expected")
    return seconds * 10**9 + int(fraction[1].ljust(9, "0") if fraction else 0)


def _message_entry(message: Any) -> Entry:
    metadata = {pair.name: pair.value for pair in message.structuredMetadata}
    return Entry(message.timestamp.seconds * 10**9 + message.timestamp.nanos, message.line, metadata)


def _list(content: Any) -> list[Any]:
    if content is not None and not isinstance(content, list):
        raise Refused(400, "a list is expected in 'streams', 'values' and 'entries'")
    return content or []


def _text(content: Any, name: str) -> str:
    if not isinstance(content, str):
        raise Refused(400, f"{name!r} is a string")
    return content
