"""The house's spans, switched on for a test and kept in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import Sampler

from ai_monitoring.telemetry import spans


class Recorder:
    """What ended so far, in the order of ending."""

    def __init__(self, sampler: Sampler | None = None) -> None:
        self._memory = InMemorySpanExporter()
        self.provider = TracerProvider(sampler=sampler, shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self._memory))
        self.tracer = self.provider.get_tracer("tests")

    def all(self) -> list[ReadableSpan]:
        return list(self._memory.get_finished_spans())

    def names(self) -> list[str]:
        return [span.name for span in self.all()]

    def __getitem__(self, name: str) -> ReadableSpan:
        """The one span of that name."""
        (span,) = [span for span in self.all() if span.name == name]
        return span

    def text(self) -> str:
        """Everything that the spans hold."""
        return "\n".join(span.to_json() for span in self.all())


@contextmanager
def recorded_spans(sampler: Sampler | None = None) -> Iterator[Recorder]:
    recorder = Recorder(sampler)
    spans.switch_on(recorder.tracer)
    try:
        yield recorder
    finally:
        spans.switch_on(None)
        recorder.provider.shutdown()


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})
