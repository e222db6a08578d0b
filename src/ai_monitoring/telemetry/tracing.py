"""Traces, set up once a process: sampled, redacted, batched, and sent to an OTLP/HTTP receiver."""

import atexit
import logging
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from typing import Any, Final

from ai_monitoring.telemetry import spans

logger = logging.getLogger("ai_monitoring.telemetry")

SCOPE: Final = "ai_monitoring"
"""The instrumentation scope that the house's spans carry."""

EXIT_MILLIS: Final = 3000
"""How long the application's end waits at most for the last spans to be delivered."""

_processors: list[Any] = []
"""What delivers spans; one where `set_up` has made the provider, none where the application has its own."""


def set_up(service: str) -> bool:
    """Switch the house's spans on; returns whether they are.

    An application that has an OpenTelemetry provider of its own keeps it, with its sampling and its exports, and our
    spans go there. Otherwise one is made that sends to OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, or to `/v1/traces` below
    OTEL_EXPORTER_OTLP_ENDPOINT, as OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG say. Without either address, with
    OTEL_SDK_DISABLED=true or OTEL_TRACES_EXPORTER=none, nothing is done. A second call changes nothing.
    """
    if spans.is_on():
        return True
    try:
        provider = _provider(service)
    except Exception as error:
        # Only the kind: a wrong address or header may be in the text.
        logger.warning("Traces are off, since OpenTelemetry could not be set up: %s", type(error).__name__)
        logger.debug("OpenTelemetry could not be set up", exc_info=True)
        return False
    if provider is not None:
        spans.switch_on(provider.get_tracer(SCOPE))
    return provider is not None


def endpoint(environ: Mapping[str, str] = os.environ) -> str | None:
    """Where spans go, or None where no receiver is set or traces are switched off."""
    off = environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    if off or environ.get("OTEL_TRACES_EXPORTER", "").strip().lower() == "none":
        return None
    if own := environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "").strip():
        return own
    common = environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").strip()
    return f"{common.rstrip('/')}/v1/traces" if common else None


def _provider(service: str) -> Any:
    provider = _of_the_application()
    if provider is not None:
        return provider
    address = endpoint()
    if address is None:
        return None
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.sdk") is None:
        logger.warning("Traces are off, since OpenTelemetry is missing: pip install 'ai-monitoring[telemetry]'")
        return None
    return _made(service, address)


def _of_the_application() -> Any:
    """The provider that the application has set up before, if any."""
    if "opentelemetry.sdk.trace" not in sys.modules:
        return None
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider

    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        return None
    _count_genai_spans(provider)
    return provider


def _made(service: str, address: str) -> Any:
    from opentelemetry import trace
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from ai_monitoring.telemetry.span_export import RedactingExporter

    provider = TracerProvider(resource=Resource.create({"service.name": service}), shutdown_on_exit=False)
    _count_genai_spans(provider)
    processor = BatchSpanProcessor(RedactingExporter(address))
    provider.add_span_processor(processor)
    trace.set_tracer_provider(provider)
    _processors.append(processor)
    atexit.register(_finish, processor)
    return provider


def _count_genai_spans(provider: Any) -> None:
    """Calls that other instrumentations trace are counted too, those that sampling drops included."""
    from ai_monitoring.llm.genai_spans import GenAISpanCounter, KeepGenAI

    if isinstance(provider.sampler, KeepGenAI):  # the application has done it
        return
    provider.add_span_processor(GenAISpanCounter())
    provider.sampler = KeepGenAI(provider.sampler)


def shut_down() -> None:
    """Deliver the spans that wait, for at most about EXIT_MILLIS. Called at exit by itself."""
    for processor in _processors:
        _finish(processor)


def _finish(processor: Any) -> None:
    with suppress(Exception):
        try:
            # OpenTelemetry's own shutdown() takes no time limit and waits for half a minute.
            shutdown = processor._batch_processor.shutdown
        except AttributeError:
            processor.shutdown()
        else:
            shutdown(timeout_millis=EXIT_MILLIS)
