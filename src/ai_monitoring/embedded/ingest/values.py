"""Values of OTLP: as text, the way Loki stores them, and as JSON."""

import base64
import json
import math
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from ai_monitoring.embedded.ingest.names import sanitised

_TOO_MUCH = 2**20
"""Characters of names and values: many times what a line may have."""


def as_text(value: AnyValue) -> str:
    """A string as it is, lists and maps as JSON, bytes in base64."""
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value
        case "int_value":
            return str(value.int_value)
        case "double_value":
            return _number(value.double_value)
        case "bool_value":
            return "true" if value.bool_value else "false"
        case "bytes_value":
            return base64.b64encode(value.bytes_value).decode()
        case "kvlist_value" | "array_value":
            try:
                return _json(_raw(value))
            except ValueError:  # not a number, or infinite: Go writes nothing then
                return ""
    return ""


def as_json(value: AnyValue) -> Any:
    """What JSON can hold: bytes in base64, numbers that JSON lacks as text."""
    return _finite(_raw(value))


def attributes(pairs: Iterable[KeyValue]) -> dict[str, Any]:
    """Attributes under their own names, as JSON can hold them."""
    return {pair.key: as_json(pair.value) for pair in pairs}


def flattened(pairs: Iterable[KeyValue]) -> Iterator[tuple[str, str]]:
    """Attributes as structured metadata: names sanitised, maps opened, `a: {b: 1}` is `a_b`. Raises Refused."""
    size = 0
    for name, value in _opened(pairs, ""):
        yield name, value
        size += len(name) + len(value)
        # A long name stands again before each name inside. So much is refused by whoever asks.
        if size > _TOO_MUCH:
            return


def _opened(pairs: Iterable[KeyValue], prefix: str) -> Iterator[tuple[str, str]]:
    for pair in pairs:
        name = sanitised(f"{prefix}_{pair.key}" if prefix else pair.key)
        if pair.value.WhichOneof("value") == "kvlist_value":
            yield from _opened(pair.value.kvlist_value.values, name)
        else:
            yield name, as_text(pair.value)


def _raw(value: AnyValue) -> Any:
    match value.WhichOneof("value"):
        case None:
            return None
        case "kvlist_value":
            return {pair.key: _raw(pair.value) for pair in value.kvlist_value.values}
        case "array_value":
            return [_raw(part) for part in value.array_value.values]
        case "bytes_value":
            return base64.b64encode(value.bytes_value).decode()
        case kind:
            return getattr(value, kind)


def _finite(value: Any) -> Any:
    match value:
        case float() if not math.isfinite(value):
            return _number(value)
        case dict():
            return {name: _finite(part) for name, part in value.items()}
        case list():
            return [_finite(part) for part in value]
    return value


def _json(value: Any) -> str:
    """JSON as Go writes it: names sorted, numbers as short as they can be. Raises ValueError for NaN."""
    match value:
        case dict():
            return "{" + ",".join(f"{_json(name)}:{_json(value[name])}" for name in sorted(value)) + "}"
        case list():
            return "[" + ",".join(map(_json, value)) + "]"
        case float() if not math.isfinite(value):
            raise ValueError(value)
        case float():
            return _number(value)
    return json.dumps(value, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _number(number: float) -> str:
    """As JavaScript writes it: 1, 0.5, 1e+21."""
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    if number and not 1e-6 <= abs(number) < 1e21:
        return repr(number).replace("e-0", "e-")
    text = format(Decimal(repr(number)), "f")
    return text.removesuffix(".0")
