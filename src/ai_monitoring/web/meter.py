"""What every web framework's middleware measures, apart from how it hooks into requests.

The hot path is one dictionary look-up and four counter steps: the cost of a metrics middleware lies in label look-ups
and wrapper layers, not in counting, so each (method, route, status) keeps its children at hand.
"""

import logging
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic, perf_counter
from typing import Any, Final, Literal

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.metrics.declaration import OTHER
from ai_monitoring.metrics.instrument import instrument
from ai_monitoring.metrics.shortcut import adder, observer, stepper

UNMATCHED: Final = "unmatched"
"""The one `endpoint` of every path that no route answers."""

CLIENT_CLOSED: Final = 499
"""The status of a request whose client left before any answer: nginx's, as HTTP has none."""

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
SCOPE_KEY: Final = "ai_monitoring.request"
"""Where an ASGI scope keeps its measurement, so that it is made once and the metrics route can leave it out."""

EXEMPLAR_INTERVAL: Final = 1.0
"""Seconds between two exemplars of one series: Prometheus keeps one a scrape, so more would be thrown away."""

logger = logging.getLogger("ai_monitoring.web")
clock = perf_counter


class _Series:
    """The children that one (method, endpoint, status) moves."""

    __slots__ = ("count", "exemplar_due", "observe", "observe_with_exemplar")

    def __init__(self, request: Any, duration: Any) -> None:
        self.count = adder(request)
        self.observe = observer(duration)
        self.observe_with_exemplar = duration.observe
        self.exemplar_due = 0.0


class RequestMeter:
    """Counts and times requests under `<prefix>_requests_total` and its siblings.

    A middleware calls `started()`, then exactly one of `finished(...)` or `dropped()`. `slow_seconds` is when a request
    becomes a log line "Slow request"; by default AI_MONITORING_SLOW_REQUEST_SECONDS, or 3.
    """

    def __init__(
        self,
        prefix: Literal["django", "fastapi"],
        registry: CollectorRegistry = REGISTRY,
        slow_seconds: float | None = None,
    ) -> None:
        self.registry = registry
        self._requests = instrument(f"{prefix}_requests_total", registry)
        self._durations = instrument(f"{prefix}_request_duration_seconds", registry)
        self._exceptions = instrument(f"{prefix}_exceptions_total", registry)
        self.started, self.dropped = stepper(instrument(f"{prefix}_requests_in_progress", registry))
        self._errors = instrument("ai_monitoring_instrumentation_errors_total", registry)[f"{prefix}_middleware"]
        self._slow_seconds = slow_seconds if slow_seconds is not None else slow_request_seconds()
        self._series: dict[tuple[str, str, int], _Series] = {}

    def finished(self, method: str, endpoint: str, status: int, seconds: float, traceparent: Any = None) -> None:
        """Count one answered request. `traceparent` is called, now and then, for the W3C header's value."""
        self.dropped()
        try:
            series = self._series.get((method, endpoint, status)) or self._make_series(method, endpoint, status)
            series.count(1)
            now = monotonic()
            if now < series.exemplar_due:
                series.observe(seconds)
            else:
                series.exemplar_due = now + EXEMPLAR_INTERVAL
                series.observe_with_exemplar(seconds, current_trace(traceparent))
            if seconds > self._slow_seconds:
                log_slow_request(_label(method), endpoint, status, seconds)
        except Exception:
            self.failed()

    def raised(self, endpoint: str, exception: BaseException) -> None:
        """Count an exception that the application did not handle."""
        try:
            self._exceptions[endpoint, type(exception).__name__].inc()
        except Exception:
            self.failed()

    def failed(self) -> None:
        """Count and log an error of ours, and keep it from the application. Called in an except clause."""
        with suppress(Exception):
            self._errors.inc()
        logger.debug("The request could not be measured", exc_info=True)

    def _make_series(self, method: str, endpoint: str, status: int) -> _Series:
        label = _label(method)
        request = self._requests[label, endpoint, str(status)]
        # A route's first error would otherwise be invisible: increase() misses a new series' first value.
        # Not for a method that the route refuses: whoever tries them all would use up the cap of series.
        if status != 405:
            self._requests.prepare((label, endpoint, "500"))
        series = _Series(request, self._durations[label, endpoint])
        # Requests choose the method, and the application the routes: the cache is bounded as the instruments are.
        if label is method and len(self._series) < self._requests.metric.max_series:
            self._series[method, endpoint, status] = series
        return series


def _label(method: str) -> str:
    return method if method in METHODS else OTHER


def slow_request_seconds(environ: Mapping[str, str] = os.environ) -> float:
    """AI_MONITORING_SLOW_REQUEST_SECONDS, or 3. Raises ValueError when it is no number."""
    text = environ.get("AI_MONITORING_SLOW_REQUEST_SECONDS") or "3"
    try:
        return float(text)
    except ValueError:
        raise ValueError(
            f"AI_MONITORING_SLOW_REQUEST_SECONDS: {text!r} is not a number of seconds, such as 3"
        ) from None


def log_slow_request(method: str, endpoint: str, status: int, seconds: float) -> None:
    logger.warning(
        "Slow request: %s %s answered %d after %.2f s",
        method,
        endpoint,
        status,
        seconds,
        extra={"endpoint": endpoint, "status": status, "seconds": round(seconds, 3)},
    )


def current_trace(traceparent: Any) -> dict[str, str] | None:
    """The trace that a latency belongs to: OpenTelemetry's current span, else the request's W3C `traceparent`.

    None for one that sampling leaves out: nobody would find it.
    """
    if "opentelemetry.trace" in sys.modules:
        context = sys.modules["opentelemetry.trace"].get_current_span().get_span_context()
        if context.is_valid:
            found = {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}
            return found if context.trace_flags.sampled else None
    return parse_traceparent(traceparent()) if traceparent is not None else None


def parse_traceparent(header: str | None) -> dict[str, str] | None:
    """The trace and span of a W3C `traceparent` header; None where there is none, or it is malformed or unsampled."""
    match (header or "").split("-"):
        case [_, trace, span, flags] if _is_hex(trace, 32) and _is_hex(span, 16) and flags[-1:] in set("13579bdf"):
            return {"trace_id": trace, "span_id": span}
    return None


def _is_hex(text: str, length: int) -> bool:
    return len(text) == length and not set(text) - set("0123456789abcdef") and set(text) != {"0"}
