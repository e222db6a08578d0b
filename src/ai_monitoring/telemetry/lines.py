"""A record as it leaves: redacted, and as one line of JSON."""

import json
import math
import time
from collections.abc import Mapping
from typing import Any

from ai_monitoring.telemetry.capture import Captured
from ai_monitoring.telemetry.redaction import redact, redact_attributes


def redacted(record: Captured) -> Captured:
    """The same record without personal data and secrets. What cannot be redacted is withheld."""
    try:
        record.message = redact(record.message)
        if record.attributes:
            record.attributes = redact_attributes(record.attributes)
        if record.exception:
            kind, text, stack = record.exception
            record.exception = kind, redact(text), redact(stack)
    except Exception:
        record.message, record.attributes, record.exception = "[withheld: it could not be redacted]", None, None
    return record


class JSONLines:
    """Writes records of one service as JSON: time (RFC 3339, UTC), level, service, logger, message; trace_id and
    span_id within a span; attributes, what `extra` holds; exception with type, message and stacktrace.
    """

    def __init__(self, service: str) -> None:
        self._service = service
        self._second = -1
        self._date = ""

    def __call__(self, record: Captured) -> str:
        line: dict[str, Any] = {
            "time": self._time(record.seconds),
            "level": record.level_name,
            "service": self._service,
            "logger": record.logger,
            "message": record.message,
        }
        if record.trace:
            line["trace_id"], line["span_id"] = f"{record.trace[0]:032x}", f"{record.trace[1]:016x}"
        if record.attributes:
            line["attributes"] = record.attributes
        if record.exception:
            line["exception"] = dict(zip(("type", "message", "stacktrace"), record.exception, strict=True))
        return _json(line)

    def _time(self, seconds: float) -> str:
        second = int(seconds)
        if second != self._second:
            self._second = second
            self._date = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._date}.{int((seconds - second) * 1000):03d}Z"


def _json(value: Any) -> str:
    """JSON without NaN and infinity, which it has no names for."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_finite(part) for part in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
