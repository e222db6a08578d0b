"""Spans on their way out: redacted, and a receiver that is away costs one line now and then."""

import logging
import os
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, Span, Status, StatusCode
from prometheus_client import REGISTRY

from ai_monitoring.telemetry import span_export
from ai_monitoring.telemetry.span_export import RedactingExporter

KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789"
SECRETS = (KEY, "anna@example.org", "hunter2hunter2", "DE89370400440532013000")


class Away(SpanExporter):
    """A receiver that is not there, as OpenTelemetry's exporter tells it."""

    def __init__(self, address: str) -> None:
        self.address = address

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        logging.getLogger("opentelemetry.exporter.otlp.proto.http.trace_exporter").error("Failed to export spans")
        return SpanExportResult.FAILURE


def one_span(exporter: SpanExporter, fill: Callable[..., None] = lambda span: None) -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with provider.get_tracer("tests").start_as_current_span("a span") as span:
        fill(span)


def test_nothing_secret_leaves() -> None:
    memory = InMemorySpanExporter()

    def fill(span: Span) -> None:
        span.update_name(f"GET /?key={KEY}")
        span.set_attribute("url.full", f"https://ada:hunter2hunter2@example.org/?api_key={KEY}")
        span.set_attribute("texts", ["anna@example.org", "IBAN DE89370400440532013000"])
        span.add_event("asked", {"text": "mail anna@example.org"})
        span.record_exception(ValueError(f"no {KEY} for anna@example.org"))
        span.add_link(span.get_span_context(), {"of": "anna@example.org"})
        span.set_status(Status(StatusCode.ERROR, "password=hunter2hunter2"))
        span.set_attribute("gen_ai.usage.input_tokens", 12)
        span.set_attribute("gen_ai.request.model", "gpt-4o")

    one_span(RedactingExporter("http://127.0.0.1:1", lambda _: memory), fill)

    (span,) = memory.get_finished_spans()
    text = span.to_json()
    assert not [secret for secret in SECRETS if secret in text]
    attributes: dict[str, Any] = dict(span.attributes or {})
    assert attributes["gen_ai.usage.input_tokens"] == 12
    assert attributes["gen_ai.request.model"] == "gpt-4o"
    assert list(attributes["texts"]) == ["[email]", "IBAN [iban]"]
    assert [event.name for event in span.events] == ["asked", "exception"]
    assert isinstance(span.links[0], Link)
    assert span.start_time is not None
    assert span.end_time is not None
    assert span.start_time < span.end_time


def test_what_a_client_wrote_into_its_address_stays() -> None:
    memory = InMemorySpanExporter()

    def fill(span: Span) -> None:
        span.set_attributes({"url.path": "/people/anna", "url.query": "question=who", "http.route": "/people/{name}"})
        span.set_attribute("url.full", "https://example.org/search?question=who")

    one_span(RedactingExporter("http://127.0.0.1:1", lambda _: memory), fill)

    attributes = dict(memory.get_finished_spans()[0].attributes or {})
    assert attributes == {"http.route": "/people/{name}", "url.full": "https://example.org/search"}


def test_a_span_that_cannot_be_redacted_is_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(text: str) -> str:
        raise RecursionError

    labels = {"component": "traces"}
    before = REGISTRY.get_sample_value("ai_monitoring_instrumentation_errors_total", labels) or 0
    monkeypatch.setattr(span_export, "redact", broken)
    memory = InMemorySpanExporter()

    one_span(RedactingExporter("http://127.0.0.1:1", lambda _: memory))

    assert memory.get_finished_spans() == ()
    assert REGISTRY.get_sample_value("ai_monitoring_instrumentation_errors_total", labels) == before + 1


def test_a_receiver_that_is_away_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    exporter = RedactingExporter("http://127.0.0.1:1", Away)
    for _ in range(3):
        one_span(exporter)

    assert [record.getMessage() for record in caplog.records] == ["Traces cannot be delivered: 1 spans lost so far"]


def test_lines_on_the_applications_own_exports_stay(caplog: pytest.LogCaptureFixture) -> None:
    RedactingExporter("http://127.0.0.1:1", Away)
    one_span(Away("http://127.0.0.1:1"))

    assert [record.getMessage() for record in caplog.records] == ["Failed to export spans"]


def test_an_exporter_that_raises_stays_inside(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Away):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            raise OSError

    one_span(RedactingExporter("http://127.0.0.1:1", Broken))

    assert "1 spans lost" in caplog.text


def test_a_forked_process_has_connections_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Away] = []

    def make(address: str) -> SpanExporter:
        made.append(Away(address))
        return made[-1]

    exporter = RedactingExporter("http://127.0.0.1:1", make)
    one_span(exporter)
    assert len(made) == 1
    monkeypatch.setattr(os, "getpid", lambda: 1)
    one_span(exporter)
    one_span(exporter)
    assert len(made) == 2


def test_the_exporter_is_opentelemetrys_own() -> None:
    exporter = RedactingExporter("http://127.0.0.1:1/v1/traces")

    assert isinstance(exporter._of_this_process(), OTLPSpanExporter)
    exporter.shutdown()
