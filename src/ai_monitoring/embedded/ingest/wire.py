"""How many records a protobuf body has, before it is parsed: an empty one takes two bytes there and fifty in memory."""

from collections.abc import Sequence

from ai_monitoring.embedded.ingest.refusals import Refused, check_count

_SMALL_BYTES = 2**20
"""Parsed without a look: whatever it holds, the memory lasts."""
_LAST = 127


def check_records(body: bytes, path: Sequence[int], limit: int) -> None:
    """Raises Refused for more than `limit` messages at `path`: numbers of fields, outermost first."""
    if len(body) > _SMALL_BYTES:
        try:
            check_count(_count(body, 0, len(body), path, limit), limit)
        except IndexError as error:
            raise Refused(400, "the body is not protobuf: it ends too early") from error


def _count(body: bytes, begin: int, end: int, path: Sequence[int], limit: int) -> int:
    """The number, or one beyond the limit."""
    total = 0
    while begin < end and total <= limit:
        tag, begin = _varint(body, begin)
        if tag & 7 != 2:
            begin = _after(body, begin, tag & 7)
            continue
        size, begin = _varint(body, begin)
        if tag >> 3 == path[0]:
            inside = min(begin + size, end)
            total += _count(body, begin, inside, path[1:], limit - total) if len(path) > 1 else 1
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
