"""One stage of retrieval, timed under `rag_stage_duration_seconds{stage}` with a span of its name."""

from contextlib import ExitStack
from time import monotonic, perf_counter
from types import TracebackType
from typing import Any, Self
from weakref import WeakKeyDictionary

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.llm.rag.block import Block
from ai_monitoring.metrics.instrument import instrument
from ai_monitoring.telemetry import spans
from ai_monitoring.web.meter import EXEMPLAR_INTERVAL, current_trace

# When each series is due for its next exemplar, on the monotonic clock.
_exemplar_due: WeakKeyDictionary[Any, float] = WeakKeyDictionary()


class Stage(Block):
    """A stage under way: see `stage`."""

    def __init__(self, name: str, registry: CollectorRegistry = REGISTRY, parent: spans.Span = spans.OFF) -> None:
        super().__init__(registry)
        self.name = self._name(name)
        self._parent = parent
        self._open = ExitStack()
        self._start = 0.0

    def __enter__(self) -> Self:
        if spans.is_on():
            self._open.enter_context(spans.span(self.name, {"rag.stage": self.name}, parent=self._parent))
        self._start = perf_counter()
        return self

    def __exit__(
        self, cls: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        seconds = perf_counter() - self._start
        try:
            _observe(instrument("rag_stage_duration_seconds", self.registry)[self.name], seconds)
        except Exception:
            self._failed("The stage could not be measured")
        self._open.__exit__(cls, error, trace)

    def _another(self) -> Self:
        return type(self)(self.name, self.registry, self._parent)


def stage(name: str, registry: CollectorRegistry = REGISTRY) -> Stage:
    """A stage of retrieval, inside a query or on its own: `embedding`, `search`, `generation`, or any other name.

    A `with` block or a decorator, sync or async. An exception passes untouched and marks the span.
    """
    return Stage(name, registry)


def _observe(duration: Any, seconds: float) -> None:
    """Observe, with the current trace as the exemplar once a second: Prometheus keeps one a scrape."""
    now = monotonic()
    if now < _exemplar_due.get(duration, 0.0):
        duration.observe(seconds)
        return
    _exemplar_due[duration] = now + EXEMPLAR_INTERVAL
    duration.observe(seconds, current_trace(None))
