"""What applications really send: OpenTelemetry's exporters, and our own handler."""

import logging
from collections.abc import Callable

from asgi_apps import served
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette

from ai_monitoring.embedded.ingest.receiver import Receiver
from ai_monitoring.embedded.ingest.routes import otlp_routes
from ai_monitoring.embedded.store.records import Line, Span
from ai_monitoring.telemetry.counts import LogCounts
from ai_monitoring.telemetry.handler import TelemetryHandler
from ai_monitoring.telemetry.settings import LogSettings


def test_spans_of_opentelemetry(receiver: Receiver, spans: Callable[[], list[Span]]) -> None:
    with served(Starlette(routes=otlp_routes(receiver))) as address:
        provider = TracerProvider(resource=Resource.create({"service.name": "shop"}))
        exporter = OTLPSpanExporter(f"{address}/v1/traces", compression=Compression.Gzip)
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        tracer = provider.get_tracer("web")
        with tracer.start_as_current_span("GET /"), tracer.start_as_current_span("SELECT"):
            pass
        provider.shutdown()
    child, root = sorted(spans(), key=lambda span: span.name, reverse=True)
    assert (root.name, root.service, root.parent_id, root.scope) == ("GET /", "shop", "", "web")
    assert (child.trace_id, child.parent_id) == (root.trace_id, root.span_id)
    assert root.begin <= child.begin <= child.end <= root.end


def test_lines_of_our_own_handler(receiver: Receiver, stored: Callable[[], list[Line]]) -> None:
    with served(Starlette(routes=otlp_routes(receiver))) as address:
        settings = LogSettings(service="shop", resource={"service.name": "shop"}, endpoint=f"{address}/v1/logs")
        handler = TelemetryHandler(settings, LogCounts(CollectorRegistry()))
        logger = logging.Logger("shop.orders")
        logger.addHandler(handler)
        logger.warning("order %d is late", 7)
        handler.shut_down(10)
    [line] = stored()
    assert ("service_name", "shop") in line.labels
    assert (line.level, "order 7 is late" in line.text) == ("warn", True)
