"""How many messages a protobuf body has, before it is parsed: an empty one takes 2 bytes there and 50 in memory."""

from collections.abc import Mapping

from ai_monitoring.embedded.ingest.refusals import Refused

Fields = Mapping[int, "Fields"]
"""The numbers of a message's fields that are messages themselves, with the same of each."""

_SMALL_BYTES = 2**18
"""Parsed without a look: whatever it holds, the memory lasts."""
_DEPTH = 100
"""Protobuf's own limit."""
_LAST = 127

_any: dict[int, Fields] = {}
_pair: Fields = {2: _any}
_any |= {5: {1: _any}, 6: {1: _pair}}
_resource: Fields = {1: _pair}
_scope: Fields = {3: _pair}
PUSH: Fields = {1: {2: {1: {}, 3: {}}}}
"""Loki's streams, their entries, of these the time and the metadata."""
LOGS: Fields = {1: {1: _resource, 2: {1: _scope, 2: {5: _any, 6: _pair}}}}
"""OTLP's resources, scopes and log records with their attributes."""
SPANS: Fields = {1: {1: _resource, 2: {1: _scope, 2: {9: _pair, 11: {3: _pair}, 13: {4: _pair}, 15: {}}}}}
"""OTLP's resources, scopes and spans with their attributes, events and links."""


def check_messages(body: bytes, fields: Fields, limit: int) -> None:
    """Raises Refused for a body with more messages than `limit`."""
    if len(body) <= _SMALL_BYTES:
        return
    try:
        count = _count(body, 0, len(body), fields, limit)
    except IndexError as error:
        raise Refused(400, "the body is not protobuf: it ends too early") from error
    if count > limit:
        text = f"the body has more than {limit} messages (lines, labels, attributes): send smaller batches"
        raise Refused(413, text, "body_too_large")


def _count(body: bytes, begin: int, end: int, fields: Fields, limit: int, depth: int = 0) -> int:
    """The number, or one beyond the limit."""
    if depth > _DEPTH:
        raise Refused(400, f"the body is nested more than {_DEPTH} deep")
    total = 0
    while begin < end and total <= limit:
        tag, begin = _varint(body, begin)
        if tag & 7 != 2:
            begin = _after(body, begin, tag & 7)
            continue
        size, begin = _varint(body, begin)
        if (inner := fields.get(tag >> 3)) is not None:
            total += 1
            if inner and size:
                total += _count(body, begin, min(begin + size, end), inner, limit - total, depth + 1)
        begin += size
    return total


def _after(body: bytes, begin: int, kind: int) -> int:
    """Where the field after a number of that kind begins."""
    match kind:
        case 0:
            return _varint(body, begin)[1]
        case 1:
            return begin + 8
        case 5:
            return begin + 4
    raise Refused(400, f"the body is not protobuf: it has a field of kind {kind}")


def _varint(body: bytes, begin: int) -> tuple[int, int]:
    """The number, and where it ends. Raises IndexError."""
    if (byte := body[begin]) <= _LAST:
        return byte, begin + 1
    number = shift = 0
    while byte > _LAST and shift < 70:
        number |= (byte & _LAST) << shift
        begin, shift = begin + 1, shift + 7
        byte = body[begin]
    return number | byte << shift, begin + 1
