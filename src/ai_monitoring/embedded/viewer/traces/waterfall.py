"""A trace as the rows of a waterfall: who called whom, when, and for how long."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ai_monitoring.embedded.store.records import Span
from ai_monitoring.embedded.traceql.fields import kind, status
from ai_monitoring.embedded.traceql.trace import Trace
from ai_monitoring.embedded.traceql.values import Status

MOST_ROWS = 1000
"""Spans that a page shows; a browser handles so many at ease."""
_DEEPEST = 12
_SERIES = 8
_NARROWEST = 0.25
_MARGIN_MS = 60_000
_SECOND = 10**9


@dataclass(frozen=True)
class Row:
    """A span's line. `left` and `width` in per cent of the trace, `offset` and `duration` in seconds."""

    span: Span
    depth: int
    below: int
    series: int
    offset: float
    duration: float
    left: float
    width: float
    orphan: bool
    logs: str

    @property
    def failed(self) -> bool:
        return status(self.span) is Status.ERROR

    @property
    def kind(self) -> str:
        return str(kind(self.span))

    @property
    def status(self) -> str:
        return str(status(self.span))

    @property
    def indent(self) -> int:
        """The depth as far as it is drawn."""
        return min(self.depth, _DEEPEST)

    @property
    def events(self) -> list[tuple[float, Mapping[str, Any]]]:
        """Each event, and how many seconds after the span's begin."""
        return [((event["time"] - self.span.begin) / _SECOND, event) for event in self.span.events]


@dataclass(frozen=True)
class Service:
    name: str
    series: int
    spans: int
    errors: int


class Waterfall:
    """At most MOST_ROWS rows, a span's children below it, earliest first."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.services = _services(trace)
        self._series = {service.name: service.series for service in self.services}
        walked = list(_walk(trace))
        self.rows = [self._row(span, depth) for span, depth in walked[:MOST_ROWS]]
        self.left_out = len(walked) - len(self.rows)

    @property
    def title(self) -> Span:
        """The root, or what comes nearest to it."""
        return self.trace.root or self.trace.spans[0]

    @property
    def begin(self) -> float:
        """Seconds since 1970."""
        return self.trace.begin / _SECOND

    @property
    def seconds(self) -> float:
        return self.trace.duration / _SECOND

    @property
    def errors(self) -> int:
        return sum(service.errors for service in self.services)

    @property
    def ticks(self) -> list[tuple[int, float]]:
        """Per cent of the width, and seconds since the trace's begin."""
        return [(percent, self.seconds * percent / 100) for percent in (0, 25, 50, 75)]

    def logs(self, service: str) -> str:
        """The address of the service's log lines of this trace."""
        query = f'{{service_name={_quoted(service)}}} | trace_id="{self.trace.trace_id}"'
        begin, end = self.trace.begin // 10**6 - _MARGIN_MS, self.trace.end // 10**6 + _MARGIN_MS
        return "/explore?" + urlencode({"query": query, "from": max(begin, 0), "to": end})

    def _row(self, span: Span, depth: int) -> Row:
        whole = self.trace.duration or 1
        left = 100 * (span.begin - self.trace.begin) / whole
        width = max(100 * (span.end - span.begin) / whole, _NARROWEST)
        return Row(
            span=span,
            depth=depth,
            below=len(self.trace.children.get(span.span_id, ())),
            series=self._series[span.service],
            offset=(span.begin - self.trace.begin) / _SECOND,
            duration=(span.end - span.begin) / _SECOND,
            left=round(min(left, 100 - _NARROWEST), 3),
            width=round(width, 3),
            orphan=bool(span.parent_id) and span.parent_id not in self.trace.by_id,
            logs=self.logs(span.service),
        )


def _services(trace: Trace) -> list[Service]:
    """In the order in which they come in."""
    spans: dict[str, list[Span]] = {}
    for span in trace.spans:
        spans.setdefault(span.service, []).append(span)
    return [
        Service(name, number % _SERIES + 1, len(own), sum(status(span) is Status.ERROR for span in own))
        for number, (name, own) in enumerate(spans.items())
    ]


def _walk(trace: Trace) -> Iterator[tuple[Span, int]]:
    """Every span once, with its depth; spans whose parent is missing, and circles, begin anew."""
    seen: set[str] = set()
    tops = [span for span in trace.spans if span.parent_id not in trace.by_id]
    for top in [*tops, *trace.spans]:
        waiting = [(top, 0)]
        while waiting:
            span, depth = waiting.pop()
            if span.span_id in seen:
                continue
            seen.add(span.span_id)
            yield span, depth
            waiting.extend((child, depth + 1) for child in reversed(trace.children.get(span.span_id, ())))


def flat(attributes: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Attributes by their names, as text."""
    return sorted((name, value if isinstance(value, str) else _shown(value)) for name, value in attributes.items())


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(_shown, value)) if isinstance(value, list) else str(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
