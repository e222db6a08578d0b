"""Log lines out of Loki's answer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ai_monitoring.embedded.viewer.explore.levels import kind_of

_TRACE = re.compile(r"[0-9a-fA-F]{16}(?:[0-9a-fA-F]{16})?")
_TRACE_NAMES = ("trace_id", "traceid", "traceID", "traceId")
_LEVEL_NAMES = ("detected_level", "level", "severity_text")


@dataclass(frozen=True, slots=True)
class LogLine:
    """`time` in nanoseconds since 1970; `labels` are the stream's, `metadata` the line's own, `parsed` the query's."""

    time: int
    text: str
    labels: Mapping[str, str]
    metadata: Mapping[str, str]
    parsed: Mapping[str, str]

    @property
    def seconds(self) -> float:
        return self.time / 1e9

    @property
    def service(self) -> str:
        return self._value("service_name") or self._value("service")

    @property
    def level(self) -> str:
        return next((value for name in _LEVEL_NAMES if (value := self._value(name))), "unknown")

    @property
    def kind(self) -> str:
        return kind_of(self.level)

    @property
    def trace_id(self) -> str:
        """The trace that it was written in; empty when it names none."""
        found = next((value for name in _TRACE_NAMES if (value := self._value(name))), "")
        return found.lower() if _TRACE.fullmatch(found) else ""

    @property
    def key(self) -> str:
        """What tells it from other lines while a page is updated."""
        return f"l{self.time}-{sha256(self.text.encode(errors='replace')).hexdigest()[:8]}"

    def _value(self, name: str) -> str:
        return next((part[name] for part in (self.metadata, self.labels, self.parsed) if part.get(name)), "")


def lines(result: Sequence[Mapping[str, Any]], backward: bool) -> list[LogLine]:
    """The lines of all streams, in one order."""
    found = [_line(stream.get("stream", {}), value) for stream in result for value in stream["values"]]
    return sorted(found, key=lambda line: line.time, reverse=backward)


def _line(labels: Mapping[str, str], value: Sequence[Any]) -> LogLine:
    """Loki sends a third value once it is asked to keep labels apart."""
    apart = value[2] if len(value) > 2 else {}
    return LogLine(int(value[0]), value[1], labels, apart.get("structuredMetadata", {}), apart.get("parsed", {}))
